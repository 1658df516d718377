/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a timeline's picture is drawn of, gathered in bounded memory while nobody knows yet how long
 * the recording is: utilization in bins that grow wider as time goes on, and the longest stalls.
 */
#ifndef LOOPSCOPE_TIMELINE_ROWS_H
#define LOOPSCOPE_TIMELINE_ROWS_H

#include "view/pictured.h"
#include "view/window_shares.h"

#define TIMELINE_NR_BINS 256
#define TIMELINE_CULPRIT_LEN 256

/* A row is a thread's: of all its loops, one after the other, and of the time before it was one. */
struct timeline_identity {
	__u64 start_ticks; /* of USER_HZ: /proc tells of those not seen to wait no better */
	__u32 pid, tid;
};

struct timeline_row {
	struct timeline_identity identity;
	char process[RECORD_COMM_LEN + 1];
	char thread[RECORD_COMM_LEN + 1];
	__u64 stalls;
	__u64 stalled_ns;
	__u64 busy_all_ns;
	float busy_ns[TIMELINE_NR_BINS];
	float known_ns[TIMELINE_NR_BINS]; /* of the bin: busy or not, there are records of it */
};

struct timeline_bar {
	struct timeline_identity identity;
	__u64 from_ns, to_ns;
	__u64 cause_ns[NR_CAUSES];
	enum cause cause;
	enum stall_state state;
	char culprit[TIMELINE_CULPRIT_LEN]; /* hostile; "" where not known, as the next */
	char place[TIMELINE_CULPRIT_LEN];   /* file:line */
};

struct timeline_rows;

/* -ENOMEM, as adding. timeline_rows_free takes NULL. */
int timeline_rows_new(__u64 begin_ns, size_t max_loops, size_t max_stalls,
		      struct timeline_rows **ret_rows);
void timeline_rows_free(struct timeline_rows *rows);
DEFINE_CLEANUP(struct timeline_rows *, timeline_rows_free)

int timeline_rows_add_share(struct timeline_rows *rows, const struct window_share *share);
int timeline_rows_add_stall(struct timeline_rows *rows, const struct stall *stall);

/* Rows, the most stalled first; bars in no order. Owned, until something is added. */
size_t timeline_rows_sorted(struct timeline_rows *rows, struct timeline_row *const **ret_rows);
size_t timeline_rows_bars(const struct timeline_rows *rows, const struct timeline_bar **ret_bars);

__u64 timeline_rows_bin_ns(const struct timeline_rows *rows);
__u64 timeline_rows_bars_left_out(const struct timeline_rows *rows);
bool timeline_rows_full(const struct timeline_rows *rows); /* some loops found no place */

#endif
