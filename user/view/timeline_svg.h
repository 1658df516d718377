/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A timeline for a glance, as SVG: a row for each loop, the most stalled first; stalls as bars in
 * the colour of their cause, utilization as a faint background, time of day (UTC) along the top.
 * Bounded: so many rows, and the longest stalls; the picture says what is left out.
 */
#ifndef LOOPSCOPE_TIMELINE_SVG_H
#define LOOPSCOPE_TIMELINE_SVG_H

#include <stdio.h>

#include "view/pictured.h"
#include "view/window_shares.h"

struct timeline_svg;

struct timeline_svg_options {
	const struct pictured_host *host; /* must outlive it */
	size_t max_loops;                 /* kept; 0: the default, as the others */
	size_t max_rows;                  /* drawn */
	size_t max_stalls;
};

/* -ENOMEM, as the others. timeline_svg_free takes NULL. */
int timeline_svg_new(const struct timeline_svg_options *options,
		     struct timeline_svg **ret_timeline);
void timeline_svg_free(struct timeline_svg *timeline);
DEFINE_CLEANUP(struct timeline_svg *, timeline_svg_free)

int timeline_svg_add_share(struct timeline_svg *timeline, const struct window_share *share);
int timeline_svg_add_stall(struct timeline_svg *timeline, const struct loop_entry *entry);

/* Up to `end_ns` (CLOCK_MONOTONIC). What writing fails with is left to ferror. */
int timeline_svg_write(FILE *out, struct timeline_svg *timeline, __u64 end_ns);

#endif
