/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Prometheus: figures in, an exposition out: OpenMetrics text, the older text
 * format, or the protobuf format with native histograms. Names follow
 * OpenTelemetry's rules for Prometheus: event_loop.lag in ms becomes
 * event_loop_lag_milliseconds.
 */
#ifndef LOOPSCOPE_EXPOSITION_H
#define LOOPSCOPE_EXPOSITION_H

#include "base/buffer.h"
#include "config/settings/settings.h"
#include "export/figures.h"

enum exposition_format { EXPOSITION_OPENMETRICS, EXPOSITION_TEXT, EXPOSITION_PROTOBUF };

struct exposition_options {
	enum exposition_format format;
	const double *bounds_ms; /* of the classic buckets */
	size_t nr_bounds;
	const struct text_list *labels; /* resource attributes that become labels */
};

/* Takes bytes as they come, so that the whole never has to be held. Negative errno stops. */
typedef int (*exposition_write_fn)(const void *data, size_t size, void *context);

/* -ENOMEM, or what the writer returned. */
int exposition_encode(const struct figures *figures, const struct exposition_options *options,
		      exposition_write_fn write, void *context);

/* The format that an Accept header asks for; NULL: none was sent. */
enum exposition_format exposition_negotiate(const char *accept);
const char *exposition_content_type(enum exposition_format format);

#endif
