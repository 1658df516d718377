/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The table of loops. Each has its sample at the start of the window and its
 * latest one; a record replaces the latter, a new window moves the former up.
 *
 * A walk of the kernel side sends every loop, so a loop that several of them
 * left out is gone and its last record lost: it is forgotten, or the table
 * would only ever grow.
 */
#include "model/model.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "base/cleanup.h"
#include "model/decode.h"
#include "model/sample.h"
#include "stall.h"

#define MAX_WINDOWS_MISSED 3

struct loop {
	struct loop_id id;     /* the key */
	struct sample opening; /* all zero: the window starts when the loop was first seen */
	struct sample latest;
	struct sample_maxima maxima;
	bool heard; /* a record came since the window opened: without, nothing is reported */
	unsigned int windows_missed; /* one after the other */
	UT_hash_handle hh;
};

struct model {
	struct model_options options;
	struct model_stats stats;
	__u64 records_at_opening;
	struct loop *loops;
};

int model_new(const struct model_options *options, struct model **ret_model)
{
	struct model *model = calloc(1, sizeof(*model));

	if (!model)
		return -ENOMEM;
	model->options = *options;
	*ret_model = model;
	return 0;
}

static void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	sample_clear(&loop->opening);
	sample_clear(&loop->latest);
	free(loop);
}
DEFINE_CLEANUP(struct loop *, loop_free)

static void model_forget(struct model *model, struct loop *loop)
{
	HASH_DEL(model->loops, loop);
	loop_free(loop);
}

void model_free(struct model *model)
{
	if (!model)
		return;
	while (model->loops)
		model_forget(model, model->loops);
	free(model);
}

static bool loop_ended(const struct loop *loop)
{
	return loop->latest.window.header.kind == RECORD_LOOP_GONE;
}

static void raise_to(__u64 *maximum, __u64 value)
{
	if (value > *maximum)
		*maximum = value;
}

static void loop_raise_maxima(struct loop *loop, const struct loop_window *window)
{
	raise_to(&loop->maxima.busy_ns, window->busy_max_ns);
	raise_to(&loop->maxima.poll_ns, window->poll_max_ns);
	raise_to(&loop->maxima.wake_ns, window->wake_max_ns);
}

static int loop_apply(struct loop *loop, const struct decoded_window *decoded)
{
	int err = sample_update(&loop->latest, decoded);

	if (err)
		return err;
	loop_raise_maxima(loop, &decoded->window);
	loop->heard = true;
	return 0;
}

static int model_add(struct model *model, const struct decoded_window *decoded)
{
	_cleanup_(loop_freep) struct loop *loop = NULL;
	int err;

	if (HASH_COUNT(model->loops) >= model->options.max_loops) {
		model->stats.loops_dropped++;
		return -ENOSPC;
	}
	loop = calloc(1, sizeof(*loop));
	if (!loop)
		return -ENOMEM;
	loop->id = decoded->window.id;
	err = loop_apply(loop, decoded);
	if (err)
		return err;
	HASH_ADD(hh, model->loops, id, sizeof(loop->id), loop);
	if (!loop->hh.tbl)
		return -ENOMEM;
	TAKE_PTR(loop);
	return 0;
}

static int model_apply_window(struct model *model, const struct decoded_window *decoded)
{
	const struct loop_window *window = &decoded->window;
	struct loop *loop;

	HASH_FIND(hh, model->loops, &window->id, sizeof(window->id), loop);
	if (!loop)
		return model_add(model, decoded);
	/* it comes from another CPU than the loop's latest, which has overtaken it */
	if (loop_ended(loop) || window->header.time_ns < loop->latest.window.header.time_ns) {
		loop_raise_maxima(loop, window);
		if (window->header.kind == RECORD_LOOP_GONE)
			loop->latest.window.header.kind = RECORD_LOOP_GONE;
		return 0;
	}
	/* the kernel side lost its state and began anew */
	if (window->first_seen_ns != loop->latest.window.first_seen_ns) {
		model_forget(model, loop);
		return model_add(model, decoded);
	}
	return loop_apply(loop, decoded);
}

/* Of no loop's figures; one that is malformed is counted all the same. */
static int model_pass_stall(struct model *model, const void *record)
{
	struct stall_record stall;
	int err = decode_stall(record, &stall);

	if (err)
		model->stats.records_bad++;
	return err;
}

int model_apply(struct model *model, const void *record, size_t size)
{
	struct record_header header;
	struct decoded_window decoded;
	int err;

	model->stats.records++;
	err = decode_header(record, size, &header);
	if (!err && (header.kind == RECORD_LOOP_PLACE || header.kind == RECORD_STACK))
		return 0; /* of no loop's figures */
	if (!err && record_is_stall(header.kind))
		return model_pass_stall(model, record);
	if (!err && header.kind != RECORD_LOOP_WINDOW && header.kind != RECORD_LOOP_GONE) {
		model->stats.records_unknown++;
		return 0;
	}
	if (!err)
		err = decode_window(record, &decoded);
	if (err) {
		model->stats.records_bad++;
		return err;
	}
	return model_apply_window(model, &decoded);
}

static void loop_open_window(struct loop *loop)
{
	sample_clear(&loop->opening);
	sample_copy(&loop->opening, &loop->latest);
	loop->maxima = (struct sample_maxima){0};
	loop->heard = false;
}

void model_open_window(struct model *model)
{
	if (model->stats.records == model->records_at_opening)
		return; /* it begins where the one before does */
	for (struct loop *loop = model->loops, *next; loop; loop = next) {
		next = loop->hh.next;
		if (loop->heard)
			loop->windows_missed = 0;
		else
			loop->windows_missed++;
		if (loop_ended(loop) || loop->windows_missed > MAX_WINDOWS_MISSED)
			model_forget(model, loop);
		else
			loop_open_window(loop);
	}
	model->records_at_opening = model->stats.records;
}

static int report_loops(const struct model *model, enum report_open open, model_report_fn callback,
			void *context)
{
	struct loop_report report;

	for (const struct loop *loop = model->loops; loop; loop = loop->hh.next) {
		int err;

		if (!loop->heard)
			continue;
		sample_report(&loop->opening, &loop->latest, &loop->maxima, open, &report);
		err = callback(&report, context);
		if (err)
			return err;
	}
	return 0;
}

int model_report(struct model *model, model_report_fn callback, void *context)
{
	return report_loops(model, REPORT_OPEN_INCLUDED, callback, context);
}

int model_report_ended(struct model *model, model_report_fn callback, void *context)
{
	return report_loops(model, REPORT_OPEN_LEFT_OUT, callback, context);
}

bool model_knows(const struct model *model, const struct loop_id *id)
{
	const struct loop *loop;

	HASH_FIND(hh, model->loops, id, sizeof(*id), loop);
	return loop != NULL;
}

size_t model_nr_loops(const struct model *model)
{
	return HASH_COUNT(model->loops);
}

const struct model_stats *model_stats(const struct model *model)
{
	return &model->stats;
}
