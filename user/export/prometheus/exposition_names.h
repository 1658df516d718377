/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * OpenTelemetry's names as Prometheus has them, by the rules of OpenTelemetry's
 * "Prometheus and OpenMetrics Compatibility". Pure.
 */
#ifndef LOOPSCOPE_EXPOSITION_NAMES_H
#define LOOPSCOPE_EXPOSITION_NAMES_H

#include "export/instruments.h"

#define METRIC_NAME_LEN 128
#define LABEL_NAME_LEN 128 /* longer ones are cut */

/*
 * The family's name: event_loop.lag in ms is event_loop_lag_milliseconds. A counter's lacks
 * the _total of its samples. Returns the unit that is its last part, "" if it has none.
 */
const char *metric_name(const char *name, const char *unit, enum instrument_kind kind,
			char ret_name[METRIC_NAME_LEN]);

/* thread.name is thread_name. Never one that Prometheus keeps for itself. */
void label_name(const char *key, char ret_name[LABEL_NAME_LEN]);

#endif
