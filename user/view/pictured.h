/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What pictures of a recording tell beside its stalls, each of which is a loop_entry with one. */
#ifndef LOOPSCOPE_PICTURED_H
#define LOOPSCOPE_PICTURED_H

#include "model/stalls.h"
#include "view/snapshot.h"

/* Where and when it was recorded: an instant by two clocks. Texts are hostile. */
struct pictured_host {
	const char *hostname;
	const char *kernel;
	const char *version; /* of the loopscope that recorded */
	__u64 begin_ns;      /* CLOCK_MONOTONIC */
	__u64 begin_unix_ns;
	__u64 blocking_ns; /* the threshold of stalls */
};

#endif
