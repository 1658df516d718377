/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The request as protobuf. It is written straight into its buffer, point by
 * point: nothing but the request is held. Resource and metric are opened with
 * their first point, so that none is empty. A point with which the request would
 * be too large is taken back, what is before its resource is sent (or, if there
 * is nothing, what there is of the resource), and the point is written again.
 */
#include "export/otlp/otlp.h"

#include <errno.h>
#include <string.h>

#include "export/otlp/otlp_points.h"
#include "export/otlp/otlp_resource.h"
#include "export/otlp/otlp_wire.h"
#include "proto/otlp_metrics.pb-c.h"

/* Where messages that are open begin in the request; 0: not open. */
struct open_messages {
	struct otlp_resource resource;
	size_t metric, data;
};

struct writer {
	const struct figures *figures;
	const struct otlp_options *options;
	otlp_request_fn callback;
	void *context;
	__u64 *counts;                       /* for explicit buckets */
	const struct attributes *attributes; /* of the resource whose points come */
	const struct instrument *instrument;
	struct buffer request;
	struct open_messages open;
	size_t resource_begin; /* where the open resource's field begins */
	size_t nr_before;      /* points of the resources before it */
	size_t nr_points;      /* in the request */
};

static void writer_done(struct writer *writer)
{
	free(writer->counts);
	buffer_done(&writer->request);
}

static void open_resource(struct writer *writer)
{
	writer->resource_begin = writer->request.size;
	writer->nr_before = writer->nr_points;
	otlp_resource_open(&writer->request, writer->attributes, &writer->open.resource);
}

static void open_metric(struct writer *writer)
{
	const struct instrument *instrument = writer->instrument;
	Otlp__Metric metric = OTLP__METRIC__INIT;
	struct buffer *request = &writer->request;

	if (!writer->open.resource.resource)
		open_resource(writer);
	writer->open.metric = wire_open(request, OTLP_SCOPE_ITEMS);
	metric.name = (char *)instrument->name;
	metric.description = (char *)instrument->description;
	metric.unit = (char *)instrument->unit;
	wire_fields(request, &metric.base);
	writer->open.data = wire_open(request, otlp_data_field(instrument, writer->options));
	otlp_data_fields(request, instrument, writer->options);
}

static void close_metric(struct writer *writer)
{
	if (!writer->open.metric)
		return;
	wire_close(&writer->request, writer->open.data);
	wire_close(&writer->request, writer->open.metric);
	writer->open.data = writer->open.metric = 0;
}

static void close_resource(struct writer *writer)
{
	close_metric(writer);
	otlp_resource_close(&writer->request, &writer->open.resource);
}

/* Hands over the request, whose messages are all closed; the next one is empty. */
static int hand_over(struct writer *writer)
{
	struct buffer request = writer->request;
	int err = request.error;

	writer->request = (struct buffer){};
	if (!err && writer->nr_points)
		err = writer->callback(&request, writer->nr_points, writer->context);
	buffer_done(&request);
	writer->nr_points = 0;
	return err;
}

/* Hands over the resources before the one that is open, which goes on in the next request. */
static int hand_over_before(struct writer *writer)
{
	size_t begin = writer->resource_begin, nr_points = writer->nr_points - writer->nr_before;
	_cleanup_(buffer_done) struct buffer rest = {};
	int err = buffer_append(&rest, writer->request.data + begin, writer->request.size - begin);

	if (err)
		return err;
	writer->request.size = begin;
	writer->nr_points = writer->nr_before;
	err = hand_over(writer);
	if (err)
		return err;
	writer->request = rest;
	rest = (struct buffer){};
	writer->nr_points = nr_points;
	writer->nr_before = 0;
	writer->resource_begin = 0;
	writer->open.resource.resource -= begin;
	writer->open.resource.scope -= begin;
	writer->open.metric -= writer->open.metric ? begin : 0;
	writer->open.data -= writer->open.data ? begin : 0;
	return 0;
}

/* Where the request stood before a point: to take the point back, and what was opened for it. */
struct mark {
	size_t size;
	struct open_messages open;
};

static void take_back(struct writer *writer, const struct mark *mark)
{
	writer->request.size = mark->size;
	writer->open = mark->open;
}

/* Makes room by handing over. -EMSGSIZE: there is nothing to hand over. */
static int make_room(struct writer *writer)
{
	if (!writer->nr_points)
		return -EMSGSIZE;
	if (writer->open.resource.resource && writer->nr_before)
		return hand_over_before(writer);
	close_resource(writer);
	return hand_over(writer);
}

/* Messages still open take up no more room once they are closed: the size is an upper bound. */
static int add_point(const struct point *point, void *context)
{
	struct writer *writer = context;
	int err = 0;

	while (!err) {
		const struct mark mark = {writer->request.size, writer->open};

		if (!writer->open.metric)
			open_metric(writer);
		otlp_point(&writer->request, writer->instrument, writer->options, point,
			   writer->counts);
		if (writer->request.error)
			return writer->request.error;
		if (writer->request.size <= writer->options->max_request_bytes) {
			writer->nr_points++;
			return 0;
		}
		take_back(writer, &mark);
		err = make_room(writer);
	}
	return err;
}

/* resource NULL: the agent's own. */
static int add_resource(struct writer *writer, const struct attributes *attributes,
			const struct resource_figures *resource)
{
	writer->attributes = attributes;
	for (size_t i = 0; i < nr_instruments; i++) {
		int err;

		writer->instrument = &instruments[i];
		err = otlp_instrument_points(writer->instrument, writer->figures, resource,
					     writer->options, add_point, writer);
		if (err)
			return err;
		close_metric(writer);
	}
	close_resource(writer);
	return 0;
}

int otlp_encode(const struct figures *figures, const struct otlp_options *options,
		otlp_request_fn callback, void *context)
{
	_cleanup_(writer_done) struct writer writer = {
		.figures = figures,
		.options = options,
		.callback = callback,
		.context = context,
		.counts = calloc(options->nr_bounds + 1, sizeof(__u64)),
	};
	int err = writer.counts ? 0 : -ENOMEM;

	for (size_t i = 0; i < figures->nr_resources && !err; i++)
		err = add_resource(&writer, figures->resources[i].attributes,
				   &figures->resources[i]);
	if (!err && figures->agent)
		err = add_resource(&writer, figures->agent->attributes, NULL);
	return err ?: hand_over(&writer);
}
