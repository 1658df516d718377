/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The kernel side in its simplest form: what the model is tested against. */
#include "fake_loop.h"

#include <stdio.h>
#include <string.h>

static void count(struct fake_loop *loop, enum loop_histogram histogram, __u64 units, __u64 value)
{
	__u32 index = histogram_index(units);

	loop->histograms[histogram].count[index]++;
	loop->histograms[histogram].sum[index] += value;
}

static void count_ns(struct fake_loop *loop, enum loop_histogram histogram, __u64 ns, __u64 *max)
{
	count(loop, histogram, histogram_units_from_ns(ns), ns);
	if (ns > *max)
		*max = ns;
}

static __u64 interval_ns(const struct fake_loop *loop)
{
	return loop->window.header.time_ns - loop->window.interval_start_ns;
}

void fake_loop_start(struct fake_loop *loop, __u32 tid, __u64 now)
{
	*loop = (struct fake_loop){
		.window =
			{
				.header.time_ns = now,
				.id = {.pid = 100, .tid = tid, .start_ns = 5, .exec_id = 1},
				.cgroup_id = 7,
				.process = "server",
				.family = WAIT_EPOLL,
				.state = LOOP_POLL,
				.syscall_nr = -1,
				.first_seen_ns = now,
				.interval_start_ns = now,
				.blocking_ns = FAKE_LOOP_BLOCKING_NS,
			},
	};
	snprintf(loop->window.thread, sizeof(loop->window.thread), "loop-%u", tid);
}

void fake_loop_pass(struct fake_loop *loop, __u64 ns)
{
	if (loop->window.state == LOOP_BUSY) {
		fake_loop_spend(loop, CAUSE_CPU, ns);
		return;
	}
	loop->window.poll_ns += ns;
	loop->window.header.time_ns += ns;
}

void fake_loop_spend(struct fake_loop *loop, enum cause cause, __u64 ns)
{
	loop->window.cause = cause;
	loop->window.cause_ns[cause] += ns;
	loop->window.header.time_ns += ns;
}

void fake_loop_doze(struct fake_loop *loop, int nr, enum cause cause, __u64 ns)
{
	fake_loop_spend(loop, cause, ns);
	loop->window.syscall_nr = nr;
	loop->asleep_ns += ns;
}

void fake_loop_sleep(struct fake_loop *loop, int nr, enum cause cause, __u64 ns)
{
	struct window_syscall *slot = loop->syscalls;

	fake_loop_doze(loop, nr, cause, ns);
	while (slot < loop->syscalls + RECORD_NR_SYSCALLS - 1 && slot->count && slot->nr != nr)
		slot++;
	slot->nr = slot == loop->syscalls + RECORD_NR_SYSCALLS - 1 ? RECORD_SYSCALL_OTHER : nr;
	slot->count++;
	slot->time_ns += loop->asleep_ns;
	loop->asleep_ns = 0;
	loop->window.syscall_nr = -1;
	loop->window.cause = CAUSE_CPU;
}

void fake_loop_return(struct fake_loop *loop, __u64 wake_ns, __u64 events)
{
	struct loop_window *window = &loop->window;

	count_ns(loop, HISTOGRAM_POLL, interval_ns(loop), &window->poll_max_ns);
	if (wake_ns) {
		count_ns(loop, HISTOGRAM_WAKE, wake_ns, &window->wake_max_ns);
		window->wake_runqueue_ns += wake_ns;
	}
	count(loop, HISTOGRAM_EVENTS, histogram_units_from_count(events), events);
	window->events += events;
	window->iterations++;
	window->state = LOOP_BUSY;
	window->cause = CAUSE_CPU;
	window->interval_start_ns = window->header.time_ns;
}

void fake_loop_enter(struct fake_loop *loop)
{
	struct loop_window *window = &loop->window;

	count_ns(loop, HISTOGRAM_BUSY, interval_ns(loop), &window->busy_max_ns);
	window->stalls[CAUSE_CPU] += interval_ns(loop) >= FAKE_LOOP_BLOCKING_NS;
	window->busy_square_sum += (interval_ns(loop) >> 10) * (interval_ns(loop) >> 10);
	window->state = LOOP_POLL;
	window->cause = CAUSE_CPU;
	window->interval_start_ns = window->header.time_ns;
}

static void append(unsigned char *buffer, struct record_header *header, const void *from,
		   size_t size)
{
	memcpy(buffer + header->size, from, size);
	header->size += size;
}

static void append_buckets(const struct fake_loop *loop, struct loop_window *window,
			   unsigned char *buffer)
{
	for (int i = 0; i < WINDOW_MAX_BUCKETS; i++) {
		__u16 histogram = i / HISTOGRAM_NR_BUCKETS, index = i % HISTOGRAM_NR_BUCKETS;
		struct window_bucket bucket = {
			.histogram = histogram,
			.index = index,
			.count = loop->histograms[histogram].count[index],
			.sum = loop->histograms[histogram].sum[index],
		};

		if (bucket.count) {
			append(buffer, &window->header, &bucket, sizeof(bucket));
			window->nr_buckets++;
		}
	}
}

static size_t write_record(struct fake_loop *loop, enum record_kind kind, __u8 flags,
			   unsigned char *buffer)
{
	struct loop_window window = loop->window;

	window.header.kind = kind;
	window.header.size = sizeof(window);
	window.flags = flags;
	if (!(flags & WINDOW_BUCKETS_UNCHANGED)) {
		while (window.nr_syscalls < RECORD_NR_SYSCALLS &&
		       loop->syscalls[window.nr_syscalls].count)
			append(buffer, &window.header, &loop->syscalls[window.nr_syscalls++],
			       sizeof(struct window_syscall));
		append_buckets(loop, &window, buffer);
	}
	memcpy(buffer, &window, sizeof(window));
	loop->window.busy_max_ns = 0;
	loop->window.poll_max_ns = 0;
	loop->window.wake_max_ns = 0;
	return window.header.size;
}

size_t fake_loop_record(struct fake_loop *loop, enum record_kind kind, void *buffer)
{
	return write_record(loop, kind, 0, buffer);
}

size_t fake_loop_record_unchanged(struct fake_loop *loop, void *buffer)
{
	return write_record(loop, RECORD_LOOP_WINDOW, WINDOW_BUCKETS_UNCHANGED, buffer);
}
