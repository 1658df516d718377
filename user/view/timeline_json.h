/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A timeline as trace events in JSON, which Perfetto and Chrome's tracing open. Written as it
 * comes, so that memory does not grow with the recording. Times are microseconds since the
 * recording began.
 *
 * A loop has two tracks below its process: its stalls, exactly when they were, with their stacks;
 * and what each window went on, as shares of it: their order within a window is not known.
 */
#ifndef LOOPSCOPE_TIMELINE_JSON_H
#define LOOPSCOPE_TIMELINE_JSON_H

#include <stdio.h>

#include "view/pictured.h"
#include "view/window_shares.h"

struct timeline_json;

struct timeline_json_options {
	FILE *out;
	const struct pictured_host *host; /* read at once */
	__u64 max_events; /* 0: the default; beyond, they are left out, and counted */
};

/*
 * -ENOMEM, as the others; what writing fails with is left to ferror. timeline_json_free takes NULL,
 * and writes nothing.
 */
int timeline_json_new(const struct timeline_json_options *options,
		      struct timeline_json **ret_timeline);
void timeline_json_free(struct timeline_json *timeline);
DEFINE_CLEANUP(struct timeline_json *, timeline_json_free)

int timeline_json_add_share(struct timeline_json *timeline, const struct window_share *share);
int timeline_json_add_stall(struct timeline_json *timeline, const struct loop_entry *entry);

/* Ends the document. *ret_left_out: events. */
int timeline_json_finish(struct timeline_json *timeline, __u64 *ret_left_out);

#endif
