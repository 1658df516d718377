/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Items to bytes and back. Fixed parts come first, then texts, each terminated, then what was added
 * later: an order that only grows. A reader passes over what it does not know at the end.
 */
#include "recording/item.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#define PROCESS_HIDDEN 1
#define PROCESS_IN_CONTAINER 2
#define SUMMARY_LABELS_STALE 1
#define NR_FACT_TEXTS 10

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"

struct process_head {
	struct process_key key;
	__u32 flags;
	__u32 nr_texts;
};

struct summary_head {
	__u64 records_lost;
	__u64 loops_lost;
	__u64 torn;
	__u64 misses;
	__u64 compat_skipped;
	__u32 flags;
	__u32 nr_hooks; /* two texts each: point and program */
};

/* Behind the texts; recordings of earlier versions end before it. */
struct summary_held {
	__u64 stalls;
	__u64 stacks;
};

#pragma GCC diagnostic pop

void item_put_mark(struct buffer *buffer, const struct item_mark *mark)
{
	buffer_append(buffer, mark, sizeof(*mark));
}

int item_get_mark(const void *data, size_t size, struct item_mark *ret_mark)
{
	struct item_mark mark;

	if (size < sizeof(mark))
		return -EBADMSG;
	memcpy(&mark, data, sizeof(mark));
	if (mark.monotonic_ns > INT64_MAX || mark.boottime_ns > INT64_MAX ||
	    mark.unix_ns > INT64_MAX)
		return -EBADMSG;
	*ret_mark = mark;
	return 0;
}

static void put_text(struct buffer *buffer, const char *text)
{
	buffer_append(buffer, text, strlen(text) + 1);
}

/* What is left to be read of an item. */
struct rest {
	const char *at;
	size_t size;
};

/* Takes the next text; false: it has no end, or no room. */
static bool take_text(struct rest *rest, char *to, size_t room)
{
	size_t length = strnlen(rest->at, rest->size);

	if (length == rest->size || length >= room)
		return false;
	memcpy(to, rest->at, length + 1);
	rest->at += length + 1;
	rest->size -= length + 1;
	return true;
}

/* Words of ours, that views show as they are. */
static bool is_printable(const char *text)
{
	for (; *text; text++) {
		if (*text < ' ' || *text > '~')
			return false;
	}
	return true;
}

void item_put_process(struct buffer *buffer, const struct process_facts *facts)
{
	const struct process_head head = {
		.key = facts->key,
		.flags = (facts->hidden ? PROCESS_HIDDEN : 0) |
			 (facts->in_container ? PROCESS_IN_CONTAINER : 0),
		.nr_texts = NR_FACT_TEXTS,
	};

	buffer_append(buffer, &head, sizeof(head));
	put_text(buffer, facts->runtime);
	put_text(buffer, facts->runtime_version);
	put_text(buffer, facts->loop_library);
	put_text(buffer, facts->loop_library_version);
	put_text(buffer, facts->executable);
	put_text(buffer, facts->cgroup);
	put_text(buffer, facts->container.id);
	put_text(buffer, facts->container.name);
	put_text(buffer, facts->container.pod);
	put_text(buffer, facts->container.namespace);
}

int item_get_process(const void *data, size_t size, struct process_facts *ret_facts)
{
	struct process_facts facts = {};
	struct process_head head;
	struct rest rest;

	if (size < sizeof(head))
		return -EBADMSG;
	memcpy(&head, data, sizeof(head));
	rest = (struct rest){(const char *)data + sizeof(head), size - sizeof(head)};
	if (head.nr_texts < NR_FACT_TEXTS)
		return -EBADMSG;
	facts.key = head.key;
	facts.hidden = head.flags & PROCESS_HIDDEN;
	facts.in_container = head.flags & PROCESS_IN_CONTAINER;
#define TAKE(field) take_text(&rest, field, sizeof(field))
	if (!TAKE(facts.runtime) || !TAKE(facts.runtime_version) || !TAKE(facts.loop_library) ||
	    !TAKE(facts.loop_library_version) || !TAKE(facts.executable) || !TAKE(facts.cgroup) ||
	    !TAKE(facts.container.id) || !TAKE(facts.container.name) ||
	    !TAKE(facts.container.pod) || !TAKE(facts.container.namespace))
		return -EBADMSG;
#undef TAKE
	if (!is_printable(facts.runtime) || !is_printable(facts.runtime_version) ||
	    !is_printable(facts.loop_library) || !is_printable(facts.loop_library_version))
		return -EBADMSG;
	*ret_facts = facts;
	return 0;
}

void item_put_unseen(struct buffer *buffer, const struct loop_report *report)
{
	struct item_unseen thread = {
		.id = report->id,
		.process_start_ns = report->process_start_ns,
		.busy_ns = report->current_busy_ns,
		.syscall_nr = report->where_syscall,
		.cause = report->where,
		.family = report->family,
	};

	memcpy(thread.thread, report->thread, sizeof(thread.thread));
	memcpy(thread.process, report->process, sizeof(thread.process));
	if (buffer->size + sizeof(thread) <= ITEM_MAX_SIZE)
		buffer_append(buffer, &thread, sizeof(thread));
}

static bool unseen_is_sound(const struct item_unseen *thread)
{
	return thread->cause < NR_CAUSES && thread->family < NR_WAIT_FAMILIES &&
	       thread->busy_ns <= INT64_MAX && thread->syscall_nr >= -1;
}

int item_get_unseen(const void *data, size_t size, struct item_unseen **ret_threads, size_t *ret_nr)
{
	_cleanup_(freep) struct item_unseen *threads = NULL;
	size_t nr = size / sizeof(*threads);

	if (size % sizeof(*threads))
		return -EBADMSG;
	if (nr) {
		threads = malloc(size);
		if (!threads)
			return -ENOMEM;
		memcpy(threads, data, size);
	}
	for (size_t i = 0; i < nr; i++) {
		if (!unseen_is_sound(&threads[i]))
			return -EBADMSG;
		threads[i].thread[RECORD_COMM_LEN - 1] = '\0';
		threads[i].process[RECORD_COMM_LEN - 1] = '\0';
	}
	*ret_threads = TAKE_PTR(threads);
	*ret_nr = nr;
	return 0;
}

void item_unseen_report(const struct item_unseen *thread, struct loop_report *ret_report)
{
	static const struct distribution nothing = {.p50 = NAN, .p95 = NAN, .p99 = NAN, .max = NAN};

	*ret_report = (struct loop_report){
		.id = thread->id,
		.process_start_ns = thread->process_start_ns,
		.family = thread->family,
		.state = REPORT_UNSEEN,
		.where = thread->cause,
		.where_syscall = thread->syscall_nr,
		.current_busy_ns = thread->busy_ns,
		.utilization = NAN,
		.busy = nothing,
		.poll = nothing,
		.wake = nothing,
		.batch = nothing,
		.lag = {.p50 = NAN, .p95 = NAN, .p99 = NAN, .max = NAN},
	};
	memcpy(ret_report->thread, thread->thread, sizeof(ret_report->thread));
	memcpy(ret_report->process, thread->process, sizeof(ret_report->process));
}

void item_put_summary(struct buffer *buffer, const struct summary *summary)
{
	const struct summary_head head = {
		.records_lost = summary->records_lost,
		.loops_lost = summary->loops_lost,
		.torn = summary->torn,
		.misses = summary->misses,
		.compat_skipped = summary->compat_skipped,
		.flags = summary->labels_stale ? SUMMARY_LABELS_STALE : 0,
		.nr_hooks = summary->nr_hooks,
	};
	const struct summary_held held = {summary->stalls_held, summary->stacks_held};

	buffer_append(buffer, &head, sizeof(head));
	for (unsigned int i = 0; i < summary->nr_hooks; i++) {
		put_text(buffer, summary->hooks[i].point);
		put_text(buffer, summary->hooks[i].program ?: "");
	}
	buffer_append(buffer, &held, sizeof(held));
}

static bool counts_are_sound(const struct summary_head *head)
{
	return head->records_lost <= INT64_MAX && head->loops_lost <= INT64_MAX &&
	       head->torn <= INT64_MAX && head->misses <= INT64_MAX &&
	       head->compat_skipped <= INT64_MAX && head->nr_hooks <= SUMMARY_MAX_HOOKS;
}

static bool take_held(const struct rest *rest, struct summary_held *held)
{
	if (rest->size < sizeof(*held))
		return !rest->size;
	memcpy(held, rest->at, sizeof(*held));
	return held->stalls <= INT64_MAX && held->stacks <= INT64_MAX;
}

static bool take_hooks(struct rest *rest, unsigned int nr, struct item_hooks *hooks)
{
	for (unsigned int i = 0; i < nr; i++) {
		for (int j = 0; j < 2; j++) {
			char *text = hooks->texts[i][j];

			if (!take_text(rest, text, ITEM_HOOK_LEN) || !is_printable(text))
				return false;
		}
	}
	return true;
}

int item_get_summary(const void *data, size_t size, struct summary *ret_summary,
		     struct item_hooks *ret_hooks)
{
	struct item_hooks hooks = {};
	struct summary_held held = {};
	struct summary_head head;
	struct rest rest;

	if (size < sizeof(head))
		return -EBADMSG;
	memcpy(&head, data, sizeof(head));
	rest = (struct rest){(const char *)data + sizeof(head), size - sizeof(head)};
	if (!counts_are_sound(&head) || !take_hooks(&rest, head.nr_hooks, &hooks) ||
	    !take_held(&rest, &held))
		return -EBADMSG;
	*ret_hooks = hooks;
	*ret_summary = (struct summary){
		.records_lost = head.records_lost,
		.loops_lost = head.loops_lost,
		.torn = head.torn,
		.misses = head.misses,
		.compat_skipped = head.compat_skipped,
		.stalls_held = held.stalls,
		.stacks_held = held.stacks,
		.labels_stale = head.flags & SUMMARY_LABELS_STALE,
		.nr_hooks = head.nr_hooks,
	};
	for (unsigned int i = 0; i < head.nr_hooks; i++) {
		const char *program = ret_hooks->texts[i][1];

		ret_summary->hooks[i] =
			(struct summary_hook){ret_hooks->texts[i][0], *program ? program : NULL};
	}
	return 0;
}
