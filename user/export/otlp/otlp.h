/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * OTLP: figures in, ExportMetricsServiceRequest messages out, as protobuf or as
 * one line of JSON. One ResourceMetrics a process and one for the agent; the scope
 * is "loopscope" with the version. A request is split at resources, and a resource
 * at metrics and points where it alone is too large.
 */
#ifndef LOOPSCOPE_OTLP_H
#define LOOPSCOPE_OTLP_H

#include <stdio.h>

#include "base/buffer.h"
#include "config/settings/settings.h"
#include "export/figures.h"

struct otlp_options {
	enum temporality temporality;
	enum aggregation aggregation;
	const double *bounds_ms; /* for AGGREGATION_EXPLICIT: ascending, borrowed */
	size_t nr_bounds;
	size_t max_request_bytes;                /* uncompressed; no request is larger */
	const struct agent_figures *agent_since; /* of a delta reader; NULL: nothing */
	__u64 agent_since_unix_ns;
};

/* One encoded request and the number of points in it, the caller's from then on. */
typedef int (*otlp_request_fn)(struct buffer *request, size_t nr_points, void *context);

/*
 * Calls back for each request, in order; takes the buffer's memory back only if the
 * callback leaves it. -ENOMEM; -EMSGSIZE: a single point is larger than a request
 * may be; or what the callback returned.
 */
int otlp_encode(const struct figures *figures, const struct otlp_options *options,
		otlp_request_fn callback, void *context);

/*
 * The same as OTLP JSON, one request a line, and one resource a request; a large resource takes
 * several. Flushed. Negative errno of the writing.
 */
int otlp_write_json(FILE *out, const struct figures *figures, const struct otlp_options *options);

#endif
