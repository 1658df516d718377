/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Sleeps by system call. The record counts one when it ends; the causes know
 * of it from its start. So a sleep still open at either end of the window is
 * put in, or taken off, at the number that the record says it is in.
 */
#include <stdlib.h>

#include "model/sample.h"

#define MAX_NAMED (REPORT_NR_SYSCALLS - 1)

/* Both samples' syscalls, the one open in each, and "other". */
#define MAX_SLEEPS (2 * (RECORD_NR_SYSCALLS + 1) + 1)

struct sleeps {
	int nr;
	__u32 count; /* wraps around, as the record's does */
	__s64 time_ns;
};

struct sleep_list {
	struct sleeps all[MAX_SLEEPS];
	unsigned int nr;
};

static struct sleeps *sleeps_of(struct sleep_list *list, int nr)
{
	for (unsigned int i = 0; i < list->nr; i++) {
		if (list->all[i].nr == nr)
			return &list->all[i];
	}
	list->all[list->nr] = (struct sleeps){.nr = nr};
	return &list->all[list->nr++];
}

static void sleeps_add(struct sleep_list *list, const struct sample *sample, int sign)
{
	for (unsigned int i = 0; sample->tail && i < sample->tail->nr_syscalls; i++) {
		const struct window_syscall *syscall = &sample->tail->syscalls[i];
		struct sleeps *sleeps = sleeps_of(list, syscall->nr);

		sleeps->count += sign * syscall->count;
		sleeps->time_ns += sign * (__s64)syscall->time_ns;
	}
	if (sample->asleep_ns)
		sleeps_of(list, sample->window.syscall_nr)->time_ns +=
			sign * (__s64)sample->asleep_ns;
}

static int by_time_other_last(const void *left, const void *right)
{
	const struct sleeps *a = left, *b = right;

	if ((a->nr == RECORD_SYSCALL_OTHER) != (b->nr == RECORD_SYSCALL_OTHER))
		return a->nr == RECORD_SYSCALL_OTHER ? 1 : -1;
	return (a->time_ns < b->time_ns) - (a->time_ns > b->time_ns);
}

static void sleeps_sort(struct sleep_list *list)
{
	qsort(list->all, list->nr, sizeof(list->all[0]), by_time_other_last);
}

/* Brings the times to total_ns, all of them together, and none below 0. */
static void sleeps_settle(struct sleep_list *list, __u64 total_ns)
{
	__u64 sum_ns = 0;

	for (unsigned int i = 0; i < list->nr; i++) {
		struct sleeps *sleeps = &list->all[i];

		if ((__s32)sleeps->count < 0)
			sleeps->count = 0;
		if (sleeps->time_ns < 0)
			sleeps->time_ns = 0;
		sum_ns += sleeps->time_ns;
	}
	/* a sleep open at the window's start, in a system call not known before it ended */
	for (unsigned int i = 0; i < list->nr && sum_ns > total_ns; i++) {
		__u64 taken = sum_ns - total_ns;

		if (taken > (__u64)list->all[i].time_ns)
			taken = list->all[i].time_ns;
		list->all[i].time_ns -= taken;
		sum_ns -= taken;
	}
	if (sum_ns < total_ns)
		sleeps_of(list, RECORD_SYSCALL_OTHER)->time_ns += total_ns - sum_ns;
}

unsigned int sample_syscalls(const struct sample *since, const struct sample *now, __u64 total_ns,
			     struct window_syscall ret_syscalls[REPORT_NR_SYSCALLS])
{
	struct window_syscall other = {.nr = RECORD_SYSCALL_OTHER};
	struct sleep_list list = {.nr = 0};
	unsigned int nr = 0;

	sleeps_add(&list, now, 1);
	sleeps_add(&list, since, -1);
	sleeps_sort(&list);
	sleeps_settle(&list, total_ns);
	sleeps_sort(&list);
	for (unsigned int i = 0; i < list.nr; i++) {
		const struct sleeps *sleeps = &list.all[i];

		if (nr < MAX_NAMED && sleeps->nr != RECORD_SYSCALL_OTHER) {
			if (sleeps->count || sleeps->time_ns)
				ret_syscalls[nr++] = (struct window_syscall){
					sleeps->nr, sleeps->count, sleeps->time_ns};
		} else {
			other.count += sleeps->count;
			other.time_ns += sleeps->time_ns;
		}
	}
	if (other.count || other.time_ns)
		ret_syscalls[nr++] = other;
	return nr;
}
