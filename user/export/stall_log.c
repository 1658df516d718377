/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Names are those of the semantic conventions where they have one (code.*, thread.*), else those
 * of the loop's metrics: event_loop.state is the cause, times are milliseconds. Texts that others
 * have chosen are made plain: logs are read in terminals.
 */
#include "export/stall_log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/plain_text.h"
#include "base/syscall_name.h"
#include "export/stack_text.h"
#include "model/stall_id.h"
#include "view/frame_text.h"
#include "view/names.h"

#define NS_PER_MS 1e6
#define NS_PER_S 1e9
#define KEY_LEN 96
#define STALL "event_loop.stall."
#define WAKER "event_loop.waker."
#define HOLDER "event_loop.lock_holder."

/* Errors stay: a maker puts what it has, and looks once. */
struct maker {
	const struct stall *stall;
	struct attributes *attributes;
	int error;
};

static void put(struct maker *maker, const struct attribute *attribute)
{
	int r = attributes_put(maker->attributes, attribute);

	if (r && !maker->error)
		maker->error = r;
}

static void put_buffer(struct maker *maker, const char *key, struct buffer *text)
{
	if (!buffer_append(text, "", 1))
		put(maker, &ATTRIBUTE_OF_TEXT(key, (const char *)text->data));
	else if (!maker->error)
		maker->error = text->error;
}

static void put_text(struct maker *maker, const char *key, const char *text)
{
	_cleanup_(buffer_done) struct buffer plain = {};

	if (!*text)
		return;
	plain_text_append(&plain, text, NULL);
	put_buffer(maker, key, &plain);
}

/* Terminated. */
static const char *comm_text(char text[RECORD_COMM_LEN + 1], const char comm[RECORD_COMM_LEN])
{
	snprintf(text, RECORD_COMM_LEN + 1, "%.*s", RECORD_COMM_LEN, comm);
	return text;
}

static void put_comm(struct maker *maker, const char *key, const char comm[RECORD_COMM_LEN])
{
	char text[RECORD_COMM_LEN + 1];

	put_text(maker, key, comm_text(text, comm));
}

static void put_integer(struct maker *maker, const char *key, __s64 value)
{
	put(maker, &ATTRIBUTE_OF_INTEGER(key, value));
}

static void put_ms(struct maker *maker, const char *key, __u64 ns)
{
	const struct attribute attribute = {
		.key = key, .type = ATTRIBUTE_DOUBLE, .number = (double)ns / NS_PER_MS};

	put(maker, &attribute);
}

/* A key for each of some names: PREFIX.NAME. */
static void put_ms_of(struct maker *maker, const char *prefix, const char *name, __u64 ns)
{
	char key[KEY_LEN];

	snprintf(key, sizeof(key), "%s.%s", prefix, name);
	put_ms(maker, key, ns);
}

static const char *phase_of(const struct stall *stall, bool told)
{
	switch (stall->state) {
	case STALL_GOES_ON:
		break;
	case STALL_ENDED:
		return "ended";
	case STALL_LOST:
		return "lost";
	}
	return told ? "lasts" : "begun";
}

static void put_times(struct maker *maker)
{
	const struct stall *stall = maker->stall;

	put_ms(maker, STALL "duration", stall->until_ns - stall->start_ns);
	put_ms(maker, STALL "threshold", stall->blocking_ns);
	for (int i = 0; i < NR_CAUSES; i++) {
		if (stall->cause_ns[i])
			put_ms_of(maker, STALL "time", cause_name(i), stall->cause_ns[i]);
	}
}

/* The one that it sleeps in, else the one that it slept in for longest. */
static int syscall_of(const struct stall *stall)
{
	const struct window_syscall *longest = NULL;

	if (stall->state == STALL_GOES_ON && stall->syscall_nr >= 0)
		return stall->syscall_nr;
	for (unsigned int i = 0; i < stall->nr_syscalls; i++) {
		if (!longest || stall->syscalls[i].time_ns > longest->time_ns)
			longest = &stall->syscalls[i];
	}
	return longest ? longest->nr : RECORD_SYSCALL_OTHER;
}

static void put_syscalls(struct maker *maker)
{
	const struct stall *stall = maker->stall;
	int nr = syscall_of(stall);
	char name[SYSCALL_NAME_LEN];

	if (nr != RECORD_SYSCALL_OTHER)
		put_text(maker, "syscall.name", syscall_name(nr, name));
	for (unsigned int i = 0; i < stall->nr_syscalls; i++)
		put_ms_of(maker, STALL "blocked_time", syscall_name(stall->syscalls[i].nr, name),
			  stall->syscalls[i].time_ns);
}

static void put_waker(struct maker *maker)
{
	const struct stall_waker *waker = &maker->stall->waker;

	if (!maker->stall->woken)
		return;
	put_integer(maker, WAKER "process.pid", waker->pid);
	put_comm(maker, WAKER "process.name", waker->process);
	put_integer(maker, WAKER "thread.id", waker->tid);
	put_comm(maker, WAKER "thread.name", waker->thread);
}

static void put_holder(struct maker *maker)
{
	const struct stack_holder *holder = stall_holder(maker->stall);

	if (!holder)
		return;
	put_integer(maker, HOLDER "process.pid", maker->stall->id.pid);
	put_comm(maker, HOLDER "process.name", maker->stall->process);
	put_integer(maker, HOLDER "thread.id", holder->tid);
	put_comm(maker, HOLDER "thread.name", holder->thread);
}

static void put_who(struct maker *maker, const struct stall_log_options *options)
{
	const struct stall *stall = maker->stall;
	char id[STALL_ID_LEN];

	put_text(maker, STALL "id", stall_id_text(stall, id));
	put_text(maker, STALL "phase", phase_of(stall, options->told));
	put_text(maker, "event_loop.state", cause_name(stall->cause));
	if (options->loop)
		put_text(maker, "event_loop.id", options->loop);
	if (stall->thread_exited)
		put(maker, &ATTRIBUTE_OF_BOOLEAN(STALL "thread_exited", true));
	put_integer(maker, "thread.id", stall->id.tid);
	put_comm(maker, "thread.name", stall->thread);
}

static void put_culprit(struct maker *maker, const struct stack_frame *frame)
{
	_cleanup_(buffer_done) struct buffer name = {};

	if (frame_text_is_name(frame)) {
		frame_text_append_plain(&name, frame);
		put_buffer(maker, "code.function.name", &name);
	}
	put_text(maker, "code.file.path", frame->file);
	if (frame->line)
		put_integer(maker, "code.line.number", frame->line);
}

/* Terminated; NULL: no memory. */
static char *trace_of(const struct stack *stack)
{
	struct buffer buffer = {};

	stack_text(&buffer, stack, STALL_LOG_MAX_STACK);
	buffer_append(&buffer, "", 1);
	if (buffer.error)
		buffer_done(&buffer);
	return (char *)buffer.data;
}

static void add_duration(struct buffer *body, const struct stall *stall)
{
	double ns = (double)(stall->until_ns - stall->start_ns);

	if (ns < NS_PER_S)
		buffer_printf(body, "%.4g ms", ns / NS_PER_MS);
	else
		buffer_printf(body, "%.4g s", ns / NS_PER_S);
}

static void add_culprit(struct buffer *body, const struct stack_frame *culprit)
{
	buffer_append_text(body, ", in ");
	frame_text_append_plain(body, culprit);
	if (*culprit->file && culprit->line) {
		buffer_append_text(body, " (");
		plain_text_append(body, culprit->file, NULL);
		buffer_printf(body, ":%u)", culprit->line);
	}
}

/* "asyncio (4711) stalled for 250.3 ms: cpu, in handle (app.py:12)" */
static void add_body(struct buffer *body, const struct stall *stall,
		     const struct stack_frame *culprit)
{
	char thread[RECORD_COMM_LEN + 1], call[SYSCALL_NAME_LEN];
	int nr = syscall_of(stall);

	plain_text_append(body, comm_text(thread, stall->thread), NULL);
	buffer_printf(body, " (%u) %s ", stall->id.tid,
		      stall->state == STALL_GOES_ON ? "has been stuck for" : "stalled for");
	add_duration(body, stall);
	buffer_printf(body, ": %s", cause_name(stall->cause));
	if (nr != RECORD_SYSCALL_OTHER &&
	    (stall->cause == CAUSE_SYSCALL || stall->cause == CAUSE_LOCK))
		buffer_printf(body, " %s", syscall_name(nr, call));
	if (culprit)
		add_culprit(body, culprit);
	buffer_append(body, "", 1);
}

static enum log_severity severity_of(const struct stall *stall, double error_factor)
{
	double ns = (double)(stall->until_ns - stall->start_ns);

	return ns >= error_factor * (double)stall->blocking_ns ? LOG_SEVERITY_ERROR
							       : LOG_SEVERITY_WARN;
}

static int fill(struct log_record *record, const struct stall *stall,
		const struct stall_log_options *options)
{
	const struct stack *stack = NULL;
	const struct stack_frame *culprit = stall_culprit(stall, &stack);
	struct maker maker = {.stall = stall, .attributes = &record->attributes};
	struct buffer body = {};

	put_who(&maker, options);
	put_times(&maker);
	put_syscalls(&maker);
	put_waker(&maker);
	put_holder(&maker);
	if (culprit)
		put_culprit(&maker, culprit);
	if (stack && stack->nr_frames) {
		record->stacktrace = trace_of(stack);
		if (!record->stacktrace)
			return -ENOMEM;
	}
	add_body(&body, stall, culprit);
	record->body = (char *)body.data;
	return maker.error ?: body.error;
}

int stall_log_make(const struct stall *stall, const struct stall_log_options *options,
		   struct log_record *ret_record)
{
	struct log_record record = {
		.time_unix_ns = stall->until_ns + options->unix_offset_ns,
		.observed_unix_ns = options->observed_unix_ns,
		.severity = severity_of(stall, options->error_factor),
		.event_name = STALL_LOG_EVENT,
	};
	int r = fill(&record, stall, options);

	if (r) {
		log_record_done(&record);
		return r;
	}
	*ret_record = record;
	return 0;
}
