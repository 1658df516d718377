/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Lag: what an event that arrives at an arbitrary instant waits until the loop
 * can look at it. Derived from intervals, so that a one-second stall weighs a
 * second: no sample of an in-process timer does that.
 */
#ifndef LOOPSCOPE_MODEL_LAG_H
#define LOOPSCOPE_MODEL_LAG_H

#include "model/histogram.h"

/*
 * `busy` includes the open interval. Time in poll waits as the wake delays in
 * `wake` are distributed, or not at all where nothing slept. `max` is the
 * longest of both, or NaN if there was neither.
 */
void lag_derive(const struct histogram_part *busy, const struct histogram_part *wake, __u64 poll_ns,
		double max, struct lag *ret_lag);

#endif
