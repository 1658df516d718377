/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A loop as one row of a table: what `top` shows, in a fortieth of a report's
 * memory, so that it can be kept while paused.
 */
#ifndef LOOPSCOPE_ROW_H
#define LOOPSCOPE_ROW_H

#include <stdbool.h>
#include <stddef.h>

#include "view/snapshot.h"
#include "view/stall_line.h"

#define ROW_CONTAINER_LEN 160
#define ROW_RUNTIME_LEN 32
#define ROW_CULPRIT_LEN STALL_CULPRIT_LEN

struct loop_row {
	__u32 pid, tid;
	char process[RECORD_COMM_LEN];
	char thread[RECORD_COMM_LEN];
	char runtime[ROW_RUNTIME_LEN];     /* "": not known */
	char container[ROW_CONTAINER_LEN]; /* "namespace/pod/container"; "": in none */
	bool unseen, ended;
	bool culprit_past;                /* it is of a stall that is over */
	char culprit[ROW_CULPRIT_LEN];    /* of that stall, harmless; "": not known */
	__u64 stalled_ns;                 /* age of the stall that goes on; 0: none does */
	double lag_p50, lag_p99, lag_max; /* ns; NaN: not known */
	double utilization;
	double iterations_per_s;
	__u64 stalls;
	double cause_ns[NR_CAUSES];
};

enum row_order {
	ROW_BY_LAG, /* p99; what is stuck counts with its age */
	ROW_BY_MAX,
	ROW_BY_UTILIZATION,
	ROW_BY_ITERATIONS,
	ROW_BY_STALLS,
	ROW_BY_PID,
	NR_ROW_ORDERS,
};

/* A busy interval of at least blocking_ns is a stall. */
void row_from_entry(const struct loop_entry *entry, __u64 blocking_ns, struct loop_row *ret_row);

/* The worst first, but pids from the lowest. */
void rows_sort(struct loop_row *rows, size_t nr, enum row_order order);
const char *row_order_name(enum row_order order);

/* True if the text is part of a name, of the runtime or of a number. Case does not matter. */
bool row_matches(const struct loop_row *row, const char *text);

#endif
