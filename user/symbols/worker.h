/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The loop of loopscope-symbols: requests in, answers out, one after the other. Before each stack
 * is given names, all requests that wait are taken in, and what those taken off CPU need of their
 * threads is copied: a thread asleep may move on while others' symbols are read.
 */
#ifndef LOOPSCOPE_SYMBOLS_WORKER_H
#define LOOPSCOPE_SYMBOLS_WORKER_H

#include "base/buffer.h"
#include "symbols/symbolizer.h"

/* What it does: as the functions of symbolizer.h, by that of the same name. */
struct worker_work {
	int (*prepare)(void *context, pid_t pid, uint64_t process_start_ns,
		       struct python_runtime *ret_runtime);
	void (*capture)(void *context, const struct stack_record *record,
			struct capture *ret_capture);
	int (*resolve)(void *context, const struct stack_record *record,
		       const struct capture *capture, struct buffer *buffer);
	void (*stats)(const void *context, struct symbolizer_stats *ret_stats);
	void *context;
};

/* 0: the other side has ended. -EBADMSG: it sent what is no request; -ENOMEM, -errno. */
int worker_run(int fd, const struct worker_work *work);

#endif
