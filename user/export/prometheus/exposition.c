/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Every series of every instrument, an instrument after the other: a family's
 * lines must follow each other.
 *
 * A resource is a process, and there are many on the one target that an agent is
 * to Prometheus: so the resource attributes that tell processes apart are labels of
 * each series, and all attributes of a process are given once, in
 * loopscope_resource_info. target_info, which OpenTelemetry's rules have for this,
 * describes the target: here, the agent. The agent's own series carry no resource
 * labels, for Prometheus's `instance` tells agents apart.
 */
#include "export/prometheus/exposition.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "export/prometheus/exposition_encoder.h"
#include "export/prometheus/exposition_resources.h"

#define PIECE_SIZE ((size_t)64 << 10)
#define FLUSH_SIZE (PIECE_SIZE - ((size_t)8 << 10)) /* a point or two fit above it */

/* what is known of a value is which power it lies below */
#define BUCKETS_NOTE "; a bucket counts up to the greatest power of 2^(1/4) that is at most le"

typedef int (*walk_fn)(struct exposition *exposition);

int exposition_flush(struct exposition *exposition, bool all)
{
	struct buffer *out = &exposition->out;

	if (out->error || (out->size < FLUSH_SIZE && !all))
		return out->error;
	for (size_t done = 0; done < out->size; done += PIECE_SIZE) {
		size_t rest = out->size - done;
		int err = exposition->write(out->data + done, rest < PIECE_SIZE ? rest : PIECE_SIZE,
					    exposition->context);

		if (err)
			return err;
	}
	buffer_reset(out);
	return 0;
}

static int encode_point(struct exposition *exposition, const struct point *point,
			const struct attribute *const *attributes, size_t nr)
{
	int err = labels_make(&exposition->labels, attributes, nr);

	if (!err && !exposition->begun && !exposition->measuring)
		err = exposition->encoder->begin(exposition);
	if (!err) {
		exposition->begun = true;
		err = exposition->encoder->point(exposition, point);
	}
	return err ? err : exposition_flush(exposition, false);
}

/* The point's own attributes come first: they are kept where a resource's has the same key. */
static int on_point(const struct point *point, void *context)
{
	struct exposition *exposition = context;
	const struct resource_labels *resource = exposition->resource;
	const struct attribute *attributes[LABELS_MAX];
	size_t nr = 0;

	while (nr < point->nr_attributes) {
		attributes[nr] = &point->attributes[nr];
		nr++;
	}
	for (size_t i = 0; resource && i < resource->nr && nr < LABELS_MAX; i++)
		attributes[nr++] = resource->attributes[i];
	return encode_point(exposition, point, attributes, nr);
}

static int walk_instrument(struct exposition *exposition)
{
	const struct instrument *instrument = exposition->instrument;
	const struct figures *figures = exposition->figures;
	int err;

	exposition->resource = NULL;
	err = instrument_agent_points(instrument, figures, NULL, 0, TEMPORALITY_CUMULATIVE,
				      on_point, exposition);
	for (size_t i = 0; i < figures->nr_resources && !err; i++) {
		exposition->resource = &exposition->resources[i];
		err = instrument_points(instrument, figures, &figures->resources[i],
					TEMPORALITY_CUMULATIVE, on_point, exposition);
	}
	return err;
}

static int encode_info(struct exposition *exposition, const struct attributes *set)
{
	const struct point point = {.time_unix_ns = exposition->figures->time_unix_ns,
				    .integer = 1};
	const struct attribute *attributes[ATTRIBUTES_MAX];
	size_t nr = 0;

	while (nr < set->nr && nr < ATTRIBUTES_MAX) {
		attributes[nr] = &set->items[nr];
		nr++;
	}
	return encode_point(exposition, &point, attributes, nr);
}

static int walk_target(struct exposition *exposition)
{
	return encode_info(exposition, exposition->figures->agent->attributes);
}

static int walk_resources(struct exposition *exposition)
{
	const struct figures *figures = exposition->figures;
	int err = 0;

	for (size_t i = 0; i < figures->nr_resources && !err; i++)
		err = encode_info(exposition, figures->resources[i].attributes);
	return err;
}

/* A family without points is left out. */
static int encode_family(struct exposition *exposition, walk_fn walk)
{
	int err;

	exposition->begun = false;
	if (exposition->encoder->measures) {
		exposition->measuring = true;
		exposition->measured = 0;
		err = walk(exposition);
		exposition->measuring = false;
		if (err || !exposition->begun)
			return err;
		exposition->begun = false;
	}
	return walk(exposition);
}

static enum family_type family_type(enum instrument_kind kind)
{
	switch (kind) {
	case INSTRUMENT_COUNTER:
		return FAMILY_COUNTER;
	case INSTRUMENT_HISTOGRAM:
		return FAMILY_HISTOGRAM;
	case INSTRUMENT_GAUGE:
	case INSTRUMENT_UP_DOWN_COUNTER:
		break;
	}
	return FAMILY_GAUGE;
}

static int encode_instrument(struct exposition *exposition, const struct instrument *instrument)
{
	struct family *family = &exposition->family;

	if (instrument->otlp_only)
		return 0;
	exposition->instrument = instrument;
	family->type = family_type(instrument->kind);
	family->integers = instrument->number == NUMBER_INTEGER;
	snprintf(family->help, sizeof(family->help), "%s%s", instrument->description,
		 family->type == FAMILY_HISTOGRAM ? BUCKETS_NOTE : "");
	family->unit =
		metric_name(instrument->name, instrument->unit, instrument->kind, family->name);
	if (family->type == FAMILY_HISTOGRAM)
		classic_buckets_make(instrument, exposition->options->bounds_ms,
				     exposition->options->nr_bounds, &family->buckets);
	return encode_family(exposition, walk_instrument);
}

static int encode_infos(struct exposition *exposition)
{
	int err;

	exposition->family = (struct family){.type = FAMILY_INFO,
					     .name = "target",
					     .unit = "",
					     .help = "Resource attributes of the agent itself",
					     .integers = true};
	err = encode_family(exposition, walk_target);
	if (err)
		return err;
	exposition->family = (struct family){.type = FAMILY_INFO,
					     .name = "loopscope_resource",
					     .unit = "",
					     .help = "Resource attributes of each watched process",
					     .integers = true};
	return encode_family(exposition, walk_resources);
}

static int encode_all(struct exposition *exposition)
{
	int err = resource_labels_make(exposition);

	for (size_t i = 0; i < nr_instruments && !err; i++)
		err = encode_instrument(exposition, &instruments[i]);
	if (!err)
		err = encode_infos(exposition);
	if (!err && exposition->encoder->finish)
		err = exposition->encoder->finish(exposition);
	return err ? err : exposition_flush(exposition, true);
}

static const struct encoder *encoder_of(enum exposition_format format)
{
	switch (format) {
	case EXPOSITION_OPENMETRICS:
		return &encoder_openmetrics;
	case EXPOSITION_PROTOBUF:
		return &encoder_protobuf;
	case EXPOSITION_TEXT:
		break;
	}
	return &encoder_text;
}

int exposition_encode(const struct figures *figures, const struct exposition_options *options,
		      exposition_write_fn write, void *context)
{
	/* too large for the stack of a small thread, and it is zeroed */
	_cleanup_(freep) struct exposition *exposition = calloc(1, sizeof(*exposition));
	int err;

	if (!exposition)
		return -ENOMEM;
	exposition->figures = figures;
	exposition->options = options;
	exposition->write = write;
	exposition->context = context;
	exposition->encoder = encoder_of(options->format);
	err = encode_all(exposition);
	resource_labels_done(exposition);
	labels_done(&exposition->labels);
	buffer_done(&exposition->label_texts);
	buffer_done(&exposition->out);
	return err;
}
