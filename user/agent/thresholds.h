/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Crossings of a loop's thresholds: told once when it goes above one, once when it
 * comes back. Pure.
 */
#ifndef LOOPSCOPE_THRESHOLDS_H
#define LOOPSCOPE_THRESHOLDS_H

#include "config/settings/settings.h"

enum threshold {
	THRESHOLD_LAG_P95,     /* ms, of an export interval */
	THRESHOLD_UTILIZATION, /* percent, of an export interval */
	THRESHOLD_STALL_AGE,   /* ms, now */
	NR_THRESHOLDS,
};

struct threshold_state {
	bool above[NR_THRESHOLDS];
};

struct threshold_crossing {
	enum threshold threshold;
	bool above;
	double value, limit;
};

/*
 * Compares `value` (NaN: not known, nothing changes) with what `limits` has for `threshold`.
 * True if the loop has crossed it, one way or the other. A threshold taken away or changed by a
 * reload counts from then on.
 */
bool threshold_check(const struct thresholds *limits, enum threshold threshold, double value,
		     struct threshold_state *state, struct threshold_crossing *ret_crossing);

/* 0: there is none. */
double threshold_limit(const struct thresholds *limits, enum threshold threshold);

/* "lag_p95_ms", ... as in the settings. */
const char *threshold_name(enum threshold threshold);

/* At most so many in each minute; what is beyond is counted. All zero but `limit` to begin with. */
struct rate_limit {
	unsigned int limit; /* a minute */
	unsigned int nr;    /* in the present one */
	__u64 minute;
	__u64 held_back; /* ever */
};

bool rate_limit_allow(struct rate_limit *limit, __u64 now_ns);

#endif
