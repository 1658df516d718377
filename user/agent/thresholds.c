/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Thresholds crossed, and how many lines a minute may tell of it. */
#include "agent/thresholds.h"

#include <math.h>

#define NS_PER_MINUTE 60000000000ULL

double threshold_limit(const struct thresholds *limits, enum threshold threshold)
{
	switch (threshold) {
	case THRESHOLD_LAG_P95:
		return limits->lag_p95_ms;
	case THRESHOLD_UTILIZATION:
		return limits->utilization;
	case THRESHOLD_STALL_AGE:
		return limits->stall_age_ms;
	case NR_THRESHOLDS:
		break;
	}
	return 0;
}

bool threshold_check(const struct thresholds *limits, enum threshold threshold, double value,
		     struct threshold_state *state, struct threshold_crossing *ret_crossing)
{
	double limit = threshold_limit(limits, threshold);
	bool above = value > limit;

	if (!(limit > 0)) {
		state->above[threshold] = false;
		return false;
	}
	if (isnan(value) || above == state->above[threshold])
		return false;
	state->above[threshold] = above;
	*ret_crossing = (struct threshold_crossing){
		.threshold = threshold,
		.above = above,
		.value = value,
		.limit = limit,
	};
	return true;
}

const char *threshold_name(enum threshold threshold)
{
	static const char *const names[NR_THRESHOLDS] = {
		[THRESHOLD_LAG_P95] = "lag_p95_ms",
		[THRESHOLD_UTILIZATION] = "utilization",
		[THRESHOLD_STALL_AGE] = "stall_age_ms",
	};

	return names[threshold];
}

bool rate_limit_allow(struct rate_limit *limit, __u64 now_ns)
{
	__u64 minute = now_ns / NS_PER_MINUTE;

	if (minute != limit->minute) {
		limit->minute = minute;
		limit->nr = 0;
	}
	if (limit->nr >= limit->limit) {
		limit->held_back++;
		return false;
	}
	limit->nr++;
	return true;
}
