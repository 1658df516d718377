/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A stall's line as text: what it does, or did, and below it the culprit and the stack. */
#include <string.h>
#include <time.h>

#include "base/syscall_name.h"
#include "view/format.h"
#include "view/frame_text.h"
#include "view/names.h"
#include "view/stall_line.h"
#include "view/terminal_text.h"
#include "view/where.h"

#define NS_PER_S 1000000000ULL
#define NS_PER_MS 1000000ULL
#define TIME_LEN 16
#define LEAST_SHARE 0.001      /* of what it went on */
#define CULPRIT_LINE_LEN 12    /* with its colon */
#define INDENT "             " /* below what follows the time */
#define BOLD "\033[1m"
#define PLAIN "\033[0m"

struct stall_text {
	FILE *out;
	const struct stall_line *line;
	const struct stall *stall;
	const struct stack_lines_options *options;
};

const struct stack_frame *stall_line_culprit(const struct stall_line *line,
					     const struct stack **ret_stack)
{
	const struct stall *stall = line->entry->stall;

	if (line->event == STALL_EVENT_ENDED)
		return stall_culprit(stall, ret_stack);
	return stall_culprit_now(stall, ret_stack);
}

const char *stall_culprit_text(char text[STALL_CULPRIT_LEN], const struct stack_frame *frame)
{
	char file[STALL_CULPRIT_LEN / 2], line[CULPRIT_LINE_LEN] = "";
	size_t used;

	terminal_escape(file, sizeof(file), frame_text_base(frame->file));
	if (*file && frame->line)
		snprintf(line, sizeof(line), ":%u", frame->line);
	stack_lines_name(frame, STALL_CULPRIT_LEN - strlen(file) - sizeof(line), text);
	used = strlen(text);
	if (*file)
		snprintf(text + used, STALL_CULPRIT_LEN - used, " %s%s", file, line);
	return text;
}

static void put_styled(const struct stall_text *text, const char *style, const char *words)
{
	if (style && text->options->styles)
		fprintf(text->out, "%s%s" PLAIN, style, words);
	else
		fputs(words, text->out);
}

static void put_time(const struct stall_text *text)
{
	time_t seconds = (time_t)(text->line->unix_ns / NS_PER_S);
	char time[TIME_LEN];
	struct tm local;

	strftime(time, sizeof(time), "%H:%M:%S", localtime_r(&seconds, &local));
	fprintf(text->out, "%s.%03u ", time,
		(unsigned int)(text->line->unix_ns % NS_PER_S / NS_PER_MS));
}

static void put_who(const struct stall_text *text)
{
	const struct entry_container *container = text->line->entry->container;
	const struct stall *stall = text->stall;
	char process[TERMINAL_COMM_LEN], thread[TERMINAL_COMM_LEN], pod[STACK_LINES_NAME_LEN];

	fprintf(text->out, "%s  pid %u  thread %s (%u)",
		terminal_escape(process, sizeof(process), stall->process), stall->id.pid,
		terminal_escape(thread, sizeof(thread), stall->thread), stall->id.tid);
	if (container && *container->pod)
		fprintf(text->out, "  pod %s", terminal_escape(pod, sizeof(pod), container->pod));
	fputc('\n', text->out);
}

static void put_head(const struct stall_text *text)
{
	static const char *const events[] = {
		[STALL_EVENT_BEGUN] = "stall begun  ",
		[STALL_EVENT_LASTS] = "stall lasts  ",
		[STALL_EVENT_ENDED] = "stall ended  ",
	};
	const bool found = text->stall->unseen && text->line->event == STALL_EVENT_BEGUN;

	put_time(text);
	put_styled(text, BOLD, found ? "stall found  " : events[text->line->event]);
	put_who(text);
}

static void put_duration(const struct stall_text *text, double ns)
{
	char duration[FORMAT_LEN];

	fputs(format_duration(duration, ns, text->options->unicode), text->out);
}

static void put_holder(const struct stall_text *text)
{
	const struct stack_holder *holder = stall_holder(text->stall);
	char thread[TERMINAL_COMM_LEN];

	if (holder)
		fprintf(text->out, INDENT "the lock %s held by thread %s (%u)\n",
			text->line->event == STALL_EVENT_ENDED ? "was" : "is",
			terminal_escape(thread, sizeof(thread), holder->thread), holder->tid);
}

/* What it does now. */
static void put_now(const struct stall_text *text)
{
	const struct stall *stall = text->stall;
	char where[WHERE_LEN];

	fprintf(text->out, INDENT "stuck %sfor ",
		stall->unseen ? "since before loopscope came, " : "");
	put_duration(text, (double)(stall->until_ns - stall->start_ns));
	fprintf(text->out, "%s: %s\n", stall->unseen ? " at least" : "",
		where_phrase(where, stall->cause, stall->syscall_nr, text->line->entry->syscalls));
	put_holder(text);
}

static void put_shares(const struct stall_text *text)
{
	const struct stall *stall = text->stall;
	double duration = (double)(stall->until_ns - stall->start_ns);

	for (int i = 0; i < NR_CAUSES; i++) {
		char percent[FORMAT_LEN];

		if (stall->cause_ns[i] && stall->cause_ns[i] >= duration * LEAST_SHARE)
			fprintf(text->out, "  %s %s", cause_name(i),
				format_percent(percent, stall->cause_ns[i] / duration));
	}
}

static void put_syscalls(const struct stall_text *text)
{
	const struct stall *stall = text->stall;

	if (!stall->nr_syscalls)
		return;
	fputs(INDENT "slept in", text->out);
	for (unsigned int i = 0; i < stall->nr_syscalls; i++) {
		const struct window_syscall *call = &stall->syscalls[i];
		char name[SYSCALL_NAME_LEN];

		fprintf(text->out, "%s %s ", i ? "," : "",
			syscall_name_by(text->line->entry->syscalls, call->nr, name));
		put_duration(text, (double)call->time_ns);
	}
	fputc('\n', text->out);
}

/* Who kills a thread wakes it, and has not ended what it waited for. */
static void put_waker(const struct stall_text *text)
{
	const struct stall_waker *waker = &text->stall->waker;
	char process[TERMINAL_COMM_LEN], thread[TERMINAL_COMM_LEN];

	if (text->stall->thread_exited)
		fputs(INDENT "its thread has ended\n", text->out);
	if (!text->stall->woken || text->stall->thread_exited)
		return;
	fprintf(text->out, INDENT "woken by %s  pid %u  thread %s (%u)\n",
		terminal_escape(process, sizeof(process), waker->process), waker->pid,
		terminal_escape(thread, sizeof(thread), waker->thread), waker->tid);
}

static void put_end(const struct stall_text *text)
{
	const struct stall *stall = text->stall;

	if (stall->state == STALL_LOST)
		fputs(INDENT "its end was missed: it lasted for ", text->out);
	else
		fputs(INDENT "after ", text->out);
	put_duration(text, (double)(stall->until_ns - stall->start_ns));
	if (stall->unseen || stall->state == STALL_LOST)
		fputs(" or more", text->out);
	fputs(":", text->out);
	if (stall->unseen)
		fputs(" what it went on is not known", text->out);
	else
		put_shares(text);
	fputc('\n', text->out);
	put_syscalls(text);
	put_waker(text);
	put_holder(text);
}

static void put_culprit(const struct stall_text *text, const struct stack_frame *culprit)
{
	char name[STACK_LINES_NAME_LEN];

	stack_lines_name(culprit, sizeof(name), name);
	fputs(INDENT "in ", text->out);
	put_styled(text, BOLD, name);
	stack_lines_place(text->out, culprit);
	fputc('\n', text->out);
}

static void put_held(const struct stall_text *text)
{
	const struct stall *stall = text->stall;
	char stalls[FORMAT_LEN], stacks[FORMAT_LEN];

	if (stall->stalls_held || stall->stacks_held)
		fprintf(text->out, INDENT "held back of this loop so far: %s, %s\n",
			format_counted(stalls, stall->stalls_held, "stall"),
			format_counted(stacks, stall->stacks_held, "stack"));
}

/* Why no function is named. */
static const char *reason(const struct stall_text *text, const struct stack *stack)
{
	const bool ended = text->line->event == STALL_EVENT_ENDED;
	const struct stall *stall = text->stall;
	const __u64 kept_ns = stall->cause_ns[CAUSE_RUNQUEUE] + stall->cause_ns[CAUSE_CPU_QUOTA];

	if (!stack && kept_ns && kept_ns >= (stall->until_ns - stall->start_ns) / 2)
		return "it waited for a CPU; stacks are taken where it runs or sleeps";
	if (!stack && ended)
		return stall->stacks_held ? "it was over before a stack of it was taken, or there "
					    "were too many of this loop in a minute"
					  : "it was over before a stack of it was taken";
	if (!stack)
		return "no stack of it is there yet";
	if (stack->flags & STACK_IS_MISSING)
		return "the thread had run on, or ended, before its stack was read";
	if (stack->cause == CAUSE_OTHER)
		return "it was stopped, traced or frozen from outside";
	if (stack->flags & STACK_IS_PARTIAL)
		return "the frames of its interpreter could not be read";
	return "no function took half of the time";
}

/* Of the same functions it is shown once, however often it is told of. */
static bool is_new(const struct stall_line *line, const struct stack *stack,
		   const struct stack_frame *culprit)
{
	const __u64 likeness = stack_lines_likeness(stack, culprit);

	if (!line->shown)
		return true;
	if (*line->shown == likeness)
		return false;
	*line->shown = likeness;
	return true;
}

void stall_text_write(FILE *out, const struct stall_line *line,
		      const struct stack_lines_options *options)
{
	const struct stall_text text = {out, line, line->entry->stall, options};
	const struct stack *stack = NULL;
	const struct stack_frame *culprit = stall_line_culprit(line, &stack);

	put_head(&text);
	if (line->event == STALL_EVENT_ENDED)
		put_end(&text);
	else
		put_now(&text);
	if (culprit)
		put_culprit(&text, culprit);
	else
		fprintf(out, INDENT "no function to blame: %s\n", reason(&text, stack));
	if (stack && is_new(line, stack, culprit))
		stack_lines_write(out, INDENT, stack, culprit, options);
	if (line->event == STALL_EVENT_ENDED)
		put_held(&text);
}
