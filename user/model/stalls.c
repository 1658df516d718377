/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What each record and stack makes of the stalls that go on. Windows do not come the long way that
 * records of stalls come, and overtake them: one that knows of no stall only raises a doubt, and an
 * end that does not come within DOUBT_NS of it was lost. So was that of a stall of which nothing
 * comes at all, though its lasting is told of again and again.
 */
#include "model/stalls.h"

#include <errno.h>
#include <string.h>

#include "model/decode.h"
#include "model/stall_table.h"

#define AWAIT_NS 1000000000ULL
#define DOUBT_NS 5000000000ULL
#define UNHEARD_NS (3 * STALL_LASTS_MAX_NS)

/* The thread is a loop now: it came to wait at `then_ns`. */
static int end_unseen(struct stalls *stalls, const struct loop_id *id, __u64 then_ns)
{
	struct open_stall *open = stall_table_find_unseen(stalls, id);

	if (!open)
		return 0;
	stall_lasts_until(&open->stall, then_ns);
	return stall_table_end(stalls, open, STALL_ENDED);
}

/* One whose beginning was not told may have a stack all the same, before long. */
static int open_anew(struct stalls *stalls, const struct stall_record *record)
{
	struct stall stall = {.awaits_stack = record->flags & STALL_STACK_FOLLOWS ||
					      record->header.kind == RECORD_STALL_LASTS};
	struct open_stall *open;
	int r;

	stall_set(&stall, record);
	r = stall_table_add(stalls, &stall, &open);
	if (r || stall.awaits_stack)
		return r;
	return stall_table_tell_begun(stalls, open);
}

/* One that is told of for the first time, or goes on. */
static int take_on(struct stalls *stalls, const struct stall_record *record,
		   struct open_stall *open)
{
	if (!open)
		return open_anew(stalls, record);
	if (record->header.time_ns < open->stall.until_ns ||
	    record->start_ns < open->stall.start_ns)
		return 0; /* told too late */
	stall_set(&open->stall, record);
	if (!open->told && record->flags & STALL_STACK_FOLLOWS)
		return 0;
	return stall_table_tell_on(stalls, open);
}

static int take_end(struct stalls *stalls, const struct stall_record *record,
		    struct open_stall *open)
{
	int r;

	if (!open || record->start_ns < open->stall.start_ns) {
		struct stall alone = {.state = STALL_ENDED};

		stall_set(&alone, record);
		return stall_table_tell(stalls, STALL_EVENT_ENDED, &alone);
	}
	r = stall_table_tell_begun(stalls, open); /* as it was then */
	stall_set(&open->stall, record);
	return stall_table_end(stalls, open, STALL_ENDED) ?: r;
}

/* The end of another stall of the loop, which began before `start_ns`, has not come. */
static int lose_earlier(struct stalls *stalls, __u64 start_ns, struct open_stall **open)
{
	int r = 0;

	if (*open && (*open)->stall.start_ns < start_ns) {
		r = stall_table_end(stalls, *open, STALL_LOST);
		*open = NULL;
	}
	return r;
}

static int take_stall(struct stalls *stalls, const void *data, enum record_kind kind)
{
	struct stall_record record;
	struct open_stall *open;
	int r = decode_stall(data, &record);

	if (r)
		return r;
	r = end_unseen(stalls, &record.id, record.start_ns);
	if (r)
		return r;
	open = stall_table_find(stalls, &record.id);
	r = lose_earlier(stalls, record.start_ns, &open);
	if (r)
		return r;
	return kind == RECORD_STALL_ENDED ? take_end(stalls, &record, open)
					  : take_on(stalls, &record, open);
}

static bool is_over(const struct stall *stall, const struct loop_window *window)
{
	if (window->header.kind == RECORD_LOOP_GONE)
		return true;
	return window->interval_start_ns > stall->start_ns &&
	       window->header.time_ns >= stall->until_ns;
}

static int take_window(struct stalls *stalls, const void *data)
{
	struct decoded_window decoded;
	const struct loop_window *window = &decoded.window;
	struct open_stall *open;
	int r;

	if (!stalls->open)
		return 0; /* what windows there are */
	r = decode_window(data, &decoded);
	if (r)
		return r;
	open = stall_table_find(stalls, &window->id);
	if (open && !open->doubtful_ns && is_over(&open->stall, window))
		open->doubtful_ns = window->header.time_ns;
	return end_unseen(stalls, &window->id, window->first_seen_ns);
}

int stalls_take_record(struct stalls *stalls, const void *record, size_t size)
{
	struct record_header header;
	int r = decode_header(record, size, &header);

	if (r)
		return r;
	if (record_is_stall(header.kind))
		return take_stall(stalls, record, header.kind);
	if (header.kind == RECORD_LOOP_WINDOW || header.kind == RECORD_LOOP_GONE)
		return take_window(stalls, record);
	return 0;
}

/* The stall that the stack is of; *ret_open is NULL if it is not there, or is over. */
static int find_of_stack(struct stalls *stalls, const struct stack *stack,
			 struct open_stall **ret_open)
{
	struct open_stall *open;
	int r;

	if (!stack->start_ns) {
		*ret_open = stall_table_find_unseen(stalls, &stack->id);
		return 0;
	}
	open = stall_table_find(stalls, &stack->id);
	r = lose_earlier(stalls, stack->start_ns, &open);
	*ret_open = open && open->stall.start_ns == stack->start_ns ? open : NULL;
	return r;
}

int stalls_take_stack(struct stalls *stalls, const void *data, size_t size)
{
	_cleanup_(stack_freep) struct stack *stack = NULL;
	struct open_stall *open;
	int r = stack_decode(data, size, &stack) ?: find_of_stack(stalls, stack, &open);

	if (r || !open)
		return r;
	if (!stack->nr_frames)
		return stall_table_tell_begun(stalls, open); /* it was to come, and is missing */
	r = stall_table_add_stack(stalls, open, stack);
	if (r == -ENOBUFS)
		return stall_table_tell_begun(stalls, open); /* without it */
	if (r)
		return r;
	TAKE_PTR(stack);
	return stall_table_tell_on(stalls, open);
}

static void set_unseen(struct stall *stall, const struct loop_report *report)
{
	memcpy(stall->thread, report->thread, sizeof(stall->thread));
	memcpy(stall->process, report->process, sizeof(stall->process));
	stall->cause = report->where;
	stall->syscall_nr = report->where_syscall;
}

static int add_unseen(struct stalls *stalls, const struct loop_report *report, __u64 now_ns)
{
	__u64 age_ns = report->current_busy_ns < now_ns ? report->current_busy_ns : now_ns;
	struct stall stall = {
		.id = report->id,
		.process_start_ns = report->process_start_ns,
		.cgroup_id = report->cgroup_id,
		.family = report->family,
		.unseen = true,
		.start_ns = now_ns - age_ns,
		.until_ns = now_ns,
		.blocking_ns = stalls->options.blocking_ns,
		.awaits_stack = true,
	};
	struct open_stall *open;
	int r;

	set_unseen(&stall, report);
	stall.cause_ns[stall.cause] = age_ns;
	r = stall_table_add(stalls, &stall, &open);
	if (!r)
		open->heard = true;
	return r;
}

int stalls_take_unseen(struct stalls *stalls, const struct loop_report *report, __u64 now_ns)
{
	struct open_stall *open = stall_table_find_unseen(stalls, &report->id);

	if (!open)
		return add_unseen(stalls, report, now_ns);
	open->heard = true;
	stall_lasts_until(&open->stall, now_ns);
	set_unseen(&open->stall, report);
	return open->stall.awaits_stack ? 0 : stall_table_tell_on(stalls, open);
}

int stalls_end_unseen(struct stalls *stalls)
{
	int r = 0;

	for (struct open_stall *open = stalls->open, *next; open && !r; open = next) {
		next = open->hh.next;
		if (open->stall.unseen && !open->heard)
			r = stall_table_end(stalls, open, STALL_LOST);
		else
			open->heard = false;
	}
	return r;
}

static bool is_lost(const struct open_stall *open, __u64 now_ns)
{
	if (open->doubtful_ns && now_ns > open->doubtful_ns + DOUBT_NS)
		return true;
	return !open->stall.unseen && now_ns > open->stall.until_ns + UNHEARD_NS;
}

int stalls_advance(struct stalls *stalls, __u64 now_ns)
{
	int r = 0;

	for (struct open_stall *open = stalls->open, *next; open && !r; open = next) {
		next = open->hh.next;
		if (is_lost(open, now_ns))
			r = stall_table_end(stalls, open, STALL_LOST);
		else if (open->stall.awaits_stack && now_ns > open->awaited_ns + AWAIT_NS)
			r = stall_table_tell_begun(stalls, open);
	}
	return r;
}

int stalls_finish(struct stalls *stalls)
{
	int r = 0;

	while (stalls->open && !r)
		r = stall_table_end(stalls, stalls->open, STALL_GOES_ON);
	return r;
}
