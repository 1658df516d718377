/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The made-up loop. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include "example_report.h"

#define MS 1000000ULL

static struct distribution nothing(void)
{
	return (struct distribution){.p50 = NAN, .p95 = NAN, .p99 = NAN, .max = NAN};
}

struct loop_report example_report(void)
{
	struct loop_report report = {
		.id = {.pid = 4242, .tid = 4243, .start_ns = 5, .exec_id = 6},
		.thread = "main",
		.process = "redis-server",
		.family = WAIT_EPOLL,
		.state = REPORT_BUSY,
		.where = CAUSE_SYSCALL,
		.where_syscall = SYS_fsync,
		.current_busy_ns = 120 * MS,
		.window_ns = 1000 * MS,
		.poll_ns = 590 * MS,
		.cause_ns = {[CAUSE_CPU] = 200 * MS,
			     [CAUSE_SYSCALL] = 200 * MS,
			     [CAUSE_LOCK] = 10 * MS},
		.utilization = 0.41,
		.iterations = 12,
		.events = 18,
		.stalls = 2,
		.busy = {.count = 13,
			 .sum = 410 * MS,
			 .p50 = 0.2e6,
			 .p95 = 110e6,
			 .p99 = 119e6,
			 .max = 120e6},
		.poll = nothing(),
		.wake = {.count = 10,
			 .sum = 1 * MS,
			 .p50 = 0.05e6,
			 .p95 = 0.3e6,
			 .p99 = 0.4e6,
			 .max = 0.41e6},
		.batch = nothing(),
		.lag = {.total_ns = 1000 * MS, .p50 = 0, .p95 = 80e6, .p99 = 112.5e6, .max = 120e6},
		.wake_runqueue_ns = 750000,
		.wake_quota_ns = 250000,
		.nr_syscalls = 3,
		.syscalls = {{SYS_fsync, 2, 190 * MS},
			     {SYS_futex, 40, 10 * MS},
			     {9999, 1, 10 * MS}},
	};

	report.busy.histogram.count[30] = 10;
	report.busy.histogram.count[60] = 3;
	report.lag.time_ns[0] = 750.0 * MS;
	report.lag.time_ns[30] = 1.0 * MS;
	report.lag.time_ns[60] = 249.0 * MS;
	return report;
}

struct loop_report example_unseen_report(void)
{
	return (struct loop_report){
		.id = {.pid = 7, .tid = 7},
		.thread = "stuck",
		.process = "stuck",
		.family = WAIT_EPOLL,
		.state = REPORT_UNSEEN,
		.where = CAUSE_CPU,
		.where_syscall = -1,
		.current_busy_ns = 2500 * MS,
		.utilization = NAN,
		.busy = nothing(),
		.poll = nothing(),
		.wake = nothing(),
		.batch = nothing(),
		.lag = {.p50 = NAN, .p95 = NAN, .p99 = NAN, .max = NAN},
	};
}

char *written_by(void (*write)(FILE *out, const void *context), const void *context)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	write(out, context);
	fclose(out);
	return text;
}
