/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The model: records in, reports out. Pure: no I/O, no clock, no kernel.
 *
 * It keeps each loop's last cumulative record and the one that opened the
 * present window; a report is their difference.
 */
#ifndef LOOPSCOPE_MODEL_H
#define LOOPSCOPE_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include "report.h"

struct model;

struct model_options {
	unsigned int max_loops; /* more are dropped, and counted */
};

struct model_stats {
	__u64 records;
	__u64 records_unknown; /* of a kind not known: skipped */
	__u64 records_bad;     /* malformed: dropped */
	__u64 loops_dropped;   /* beyond max_loops */
};

/* -ENOMEM. The caller frees with model_free, which takes NULL. */
int model_new(const struct model_options *options, struct model **ret_model);
void model_free(struct model *model);

/*
 * Takes one record of the stream. `record` need not be aligned and is checked
 * in full before anything is believed. -EBADMSG: malformed, model unchanged;
 * -ENOMEM; -ENOSPC: beyond max_loops. An unknown kind is 0, counted.
 */
int model_apply(struct model *model, const void *record, size_t size);

/*
 * Opens a new window at each loop's last record: ended loops are forgotten,
 * the rest go on from there. A loop first seen later starts at its first_seen_ns.
 */
void model_open_window(struct model *model);

/*
 * Loops in the window, ended ones included, in no particular order. The
 * callback's report is valid only during the call; a non-zero return stops the
 * walk and is returned.
 */
typedef int (*model_report_fn)(const struct loop_report *report, void *context);
int model_report(struct model *model, model_report_fn callback, void *context);

/* The same without the open busy intervals: windows of these add up. */
int model_report_ended(struct model *model, model_report_fn callback, void *context);

/* Whether the loop has not ended, nor been left out of so many walks that it must have. */
bool model_knows(const struct model *model, const struct loop_id *id);

size_t model_nr_loops(const struct model *model);
const struct model_stats *model_stats(const struct model *model);

#endif
