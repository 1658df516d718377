/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What `loopscope pods --follow --json` writes, into a store of pods. Pure. */
#ifndef LOOPSCOPE_POD_LINES_H
#define LOOPSCOPE_POD_LINES_H

#include "identity/kubernetes/pods.h"

#define POD_LINE_MESSAGE_LEN 1024 /* as long as any that is told of */

enum pod_line_kind {
	POD_LINE_OTHER, /* of another version: nothing for us */
	POD_LINE_TAKEN,
	POD_LINE_SYNCED, /* all pods that there are have been told of */
	POD_LINE_STATUS, /* whom it asks, or what went wrong */
};

struct pod_line {
	enum pod_line_kind kind;
	char message[POD_LINE_MESSAGE_LEN]; /* of POD_LINE_STATUS */
};

/* -EBADMSG: it is no such line; -ENOMEM. */
int pod_line_take(struct pods *pods, const char *line, size_t length, __u64 now_ns,
		  struct pod_line *ret_line);

#endif
