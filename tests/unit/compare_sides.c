/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Loops that differ in nothing but what they are asked to. */
#include "compare_sides.h"

#include <string.h>

#include "unit.h"

struct loop_report *side_add(struct side *side, const char *process, const char *thread)
{
	struct loop_report *report = &side->reports[side->nr];

	*report = (struct loop_report){
		.id = {.pid = 1, .tid = 100 + side->nr, .start_ns = side->nr},
		.family = WAIT_EPOLL,
		.where_syscall = -1,
		.window_ns = 10000 * MS,
		.poll_ns = 9000 * MS,
		.cause_ns = {[CAUSE_CPU] = 1000 * MS},
		.utilization = 0.1,
		.iterations = 1000,
		.busy = {.count = 1000, .sum = 1000 * MS},
		.busy_square_ns2 = 1000 * 1e12,
		.lag = {.p50 = 0, .p95 = 1e6, .p99 = 2e6, .max = 5e6},
	};
	strcpy(report->process, process);
	strcpy(report->thread, thread);
	side->entries[side->nr] = (struct loop_entry){.report = report, .cgroup = ""};
	side->pointers[side->nr] = &side->entries[side->nr];
	side->nr++;
	return report;
}

struct comparison compare_sides_of(const struct side *before, const struct side *after,
				   bool same_boot)
{
	struct comparison comparison;

	assert_int_equal(comparison_make(before->pointers, before->nr, after->pointers, after->nr,
					 same_boot, &comparison),
			 0);
	return comparison;
}

struct comparison compare_sides(const struct side *before, const struct side *after)
{
	return compare_sides_of(before, after, false);
}

struct loop_report *side_add_thread(struct side *side, __u32 pid, __u32 tid, __u64 start_ns,
				    __u64 process_start_ns)
{
	struct loop_report *report = side_add(side, "app", "app");

	report->id = (struct loop_id){.pid = pid, .tid = tid, .start_ns = start_ns};
	report->process_start_ns = process_start_ns;
	return report;
}
