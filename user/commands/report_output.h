/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The one report of a history's window, live or recorded, on the standard output. */
#ifndef LOOPSCOPE_REPORT_OUTPUT_H
#define LOOPSCOPE_REPORT_OUTPUT_H

#include <stdbool.h>

#include "commands/loop_list.h"

struct report_options {
	bool json;
	__u64 blocking_ns; /* the threshold of stalls that was watched with */
};

/* Sorts the list, the worst first. A failure is reported. */
int report_output(struct loop_list *list, const struct summary *summary,
		  const struct report_options *options);

#endif
