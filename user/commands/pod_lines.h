/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What `loopscope pods --follow --json` writes, into a store of pods. Pure. */
#ifndef LOOPSCOPE_POD_LINES_H
#define LOOPSCOPE_POD_LINES_H

#include "identity/kubernetes/pods.h"

enum pod_line {
	POD_LINE_OTHER, /* nothing for the store */
	POD_LINE_TAKEN,
	POD_LINE_SYNCED, /* all pods that there are have been told of */
};

/* -EBADMSG: it is no such line; -ENOMEM. */
int pod_line_take(struct pods *pods, const char *line, size_t length, __u64 now_ns,
		  enum pod_line *ret_kind);

#endif
