/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A stall as a log record: the event event_loop.stall. Of one that goes on there may be several,
 * as event_loop.stall.phase says; event_loop.stall.id joins them.
 */
#ifndef LOOPSCOPE_STALL_LOG_H
#define LOOPSCOPE_STALL_LOG_H

#include "export/log_record.h"
#include "model/stalls.h"

#define STALL_LOG_EVENT "event_loop.stall"
#define STALL_LOG_MAX_STACK 16384 /* bytes of code.stacktrace */

struct stall_log_options {
	__u64 unix_offset_ns; /* from CLOCK_MONOTONIC to the time since the epoch */
	__u64 observed_unix_ns;
	const char *loop;    /* event_loop.id, as in the loop's metrics; NULL: not known */
	double error_factor; /* an error from so many times the threshold on, else a warning */
	bool told;           /* while it lasted: there is a record of it already */
};

/* -ENOMEM. log_record_done frees what the record has. */
int stall_log_make(const struct stall *stall, const struct stall_log_options *options,
		   struct log_record *ret_record);

#endif
