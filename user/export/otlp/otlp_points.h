/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One point, or what a metric's points are in, as a protobuf message. */
#ifndef LOOPSCOPE_OTLP_POINTS_H
#define LOOPSCOPE_OTLP_POINTS_H

#include "base/buffer.h"
#include "export/instruments.h"
#include "export/otlp/otlp.h"

/* Sum, Gauge, Histogram and the like all have their points here. */
#define OTLP_DATA_POINTS 1

/* Calls back for each point of the resource's; resource NULL: of the agent's own. */
int otlp_instrument_points(const struct instrument *instrument, const struct figures *figures,
			   const struct resource_figures *resource,
			   const struct otlp_options *options, point_fn callback, void *context);

/* The metric's field that its points are in; explicit: histograms with explicit buckets. */
unsigned int otlp_data_field(const struct instrument *instrument,
			     const struct otlp_options *options);

/* Its fields but the points: temporality, and whether it is monotonic. */
void otlp_data_fields(struct buffer *buffer, const struct instrument *instrument,
		      const struct otlp_options *options);

/* 1 or 2, as AggregationTemporality has it. */
int otlp_temporality(const struct instrument *instrument, const struct otlp_options *options);

/* Appends the point; counts has room for options->nr_bounds + 1. */
void otlp_point(struct buffer *buffer, const struct instrument *instrument,
		const struct otlp_options *options, const struct point *point, __u64 *counts);

#endif
