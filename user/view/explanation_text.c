/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* An explanation to read: what it is called first, then what that rests on. */
#include "view/explanation.h"

#include <string.h>

#include "base/syscall_name.h"
#include "view/terminal_text.h"

#define KIND_COLUMNS 12
#define SEEN_COLUMNS 40
#define TID_COLUMNS (-9)
#define NAME_COLUMNS 16
#define CALL_COLUMNS 22

static void put(FILE *out, const char *text, int columns)
{
	char escaped[4 * 256 + 1];

	terminal_put_padded(out, terminal_escape(escaped, sizeof(escaped), text), columns);
	fputs("  ", out);
}

static void put_named(FILE *out, const char *name, const char *version)
{
	fprintf(out, "%s%s%s", name, *version ? " " : "", version);
}

static void write_verdict(FILE *out, const struct explanation *explanation)
{
	fputs("  runtime     ", out);
	if (explanation->runtime) {
		put_named(out, explanation->runtime, explanation->runtime_version);
		if (explanation->loop_library &&
		    strcmp(explanation->loop_library, explanation->runtime) != 0) {
			fputs("; its loops are made of ", out);
			put_named(out, explanation->loop_library,
				  explanation->loop_library_version);
		}
		fprintf(out, " (%s)\n", explanation->certainty);
	} else {
		fputs("not known: nothing that was seen is of one\n", out);
	}
	if (explanation->no_loop)
		fprintf(out, "  no loops    %s\n", explanation->no_loop);
	if (explanation->ended)
		fputs("  ended       while it was watched\n", out);
}

static void write_executable(FILE *out, const struct explanation *explanation)
{
	char name[4 * sizeof(explanation->executable) + 1];

	fprintf(out, "  executable  %s: %s",
		terminal_escape(name, sizeof(name),
				*explanation->executable ? explanation->executable
							 : "not readable"),
		explanation->file);
	if (explanation->nr_sections)
		fprintf(out, ", %u sections%s", explanation->nr_sections,
			explanation->cut ? ", not all of it searched" : "");
	fputc('\n', out);
}

static void write_evidence(FILE *out, const struct explanation *explanation)
{
	fputs("  seen\n", out);
	for (size_t i = 0; i < explanation->nr_evidence; i++) {
		const struct explained_evidence *evidence = &explanation->evidence[i];

		fputs("    ", out);
		put(out, evidence->kind, KIND_COLUMNS - 4);
		put(out, evidence->seen, SEEN_COLUMNS);
		put_named(out, *evidence->means ? evidence->means : "-", evidence->version);
		fputc('\n', out);
	}
}

static void write_polls(FILE *out, const struct explanation *explanation)
{
	if (!explanation->nr_polls)
		fputs("  eventpolls  none\n", out);
	for (size_t i = 0; i < explanation->nr_polls; i++) {
		const struct explained_poll *poll = &explanation->polls[i];

		fprintf(out,
			"  eventpoll   descriptor %d watches %llu descriptor%s; %zu thread%s %s on "
			"it%s\n",
			poll->fd, poll->nr_descriptors, poll->nr_descriptors == 1 ? "" : "s",
			poll->nr_waiting, poll->nr_waiting == 1 ? "" : "s",
			poll->nr_waiting == 1 ? "waits" : "wait",
			poll->same_as_other ? "; the same as one above" : "");
	}
}

static void write_children(FILE *out, const struct explanation *explanation)
{
	if (!explanation->nr_children)
		return;
	fputs("  children    ", out);
	for (size_t i = 0; i < explanation->nr_children; i++)
		fprintf(out, "%s%u", i ? ", " : "", explanation->children[i]);
	fprintf(out, " %s: loopscope list -p %u\n",
		explanation->nr_children == 1 ? "has a loop" : "have loops", explanation->pid);
}

static void put_call(FILE *out, const struct explained_thread *thread)
{
	char name[SYSCALL_NAME_LEN], text[64];

	if (thread->running || thread->syscall_nr < 0)
		snprintf(text, sizeof(text), "%s", thread->running ? "running" : "in no call");
	else if (thread->fd >= 0)
		snprintf(text, sizeof(text), "%s(%d)", syscall_name(thread->syscall_nr, name),
			 thread->fd);
	else
		snprintf(text, sizeof(text), "%s", syscall_name(thread->syscall_nr, name));
	put(out, text, CALL_COLUMNS);
}

static void write_threads(FILE *out, const struct explanation *explanation)
{
	fputs("  threads\n", out);
	for (size_t i = 0; i < explanation->nr_threads; i++) {
		const struct explained_thread *thread = &explanation->threads[i];
		char tid[16];

		snprintf(tid, sizeof(tid), "%u", thread->tid);
		put(out, tid, TID_COLUMNS);
		put(out, thread->name, NAME_COLUMNS);
		put_call(out, thread);
		fprintf(out, "%s: %s%s", thread->is_loop ? "a loop" : "no loop", thread->why,
			thread->parks ? "; shares its eventpoll: parked on a futex, it is idle too"
				      : "");
		if (thread->may_come_back)
			fprintf(out, "; to watch it for longer: loopscope stat -p %u -d 60",
				explanation->pid);
		fputc('\n', out);
	}
	if (explanation->nr_threads_more)
		fprintf(out, "  and %zu more\n", explanation->nr_threads_more);
}

void explanation_write_text(FILE *out, const struct explanation *explanation)
{
	char name[TERMINAL_COMM_LEN];

	fprintf(out, "%s  pid %u\n", terminal_escape(name, sizeof(name), explanation->process),
		explanation->pid);
	write_verdict(out, explanation);
	write_executable(out, explanation);
	write_evidence(out, explanation);
	write_polls(out, explanation);
	write_children(out, explanation);
	write_threads(out, explanation);
}
