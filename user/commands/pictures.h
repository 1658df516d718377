/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Pictures of what a history takes: each is asked for by where it is to be written, and several
 * are made of one reading. What writing fails with is left to ferror. No logging.
 */
#ifndef LOOPSCOPE_PICTURES_H
#define LOOPSCOPE_PICTURES_H

#include <stdio.h>

#include "commands/history.h"
#include "view/pictured.h"

/* NULL: not asked for. Not owned. */
struct picture_outputs {
	FILE *flamegraph;
	FILE *folded;
	FILE *timeline_json;
	FILE *timeline_svg;
	FILE *pprof;
};

/* What found no room. */
struct picture_losses {
	__u64 stacks; /* of any picture */
	__u64 timeline_events;
	__u64 pprof_stacks;
};

struct pictures;

/* Follows the history's stalls; all but the outputs must outlive it. -ENOMEM, as the others. */
int pictures_new(const struct picture_outputs *outputs, const struct pictured_host *host,
		 struct history *history, struct pictures **ret_pictures);
void pictures_free(struct pictures *pictures);
DEFINE_CLEANUP(struct pictures *, pictures_free)

/* What the history has just taken. */
int pictures_take(struct pictures *pictures, enum item_kind kind, const void *data, size_t size);

/* Nothing follows: writes what is not written yet. */
int pictures_finish(struct pictures *pictures, struct picture_losses *ret_losses);

#endif
