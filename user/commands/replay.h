/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A recording read into a history. What is wrong with it is reported. */
#ifndef LOOPSCOPE_REPLAY_H
#define LOOPSCOPE_REPLAY_H

#include "commands/history.h"
#include "recording/reader.h"

struct replay {
	const char *path; /* "-": the standard input */
	int fd;
	struct recording_reader *reader;
	struct history *history; /* names in its entries are of the reader */
};

/* Who is told of what is read. A negative return ends the reading. */
struct replay_listener {
	/* Host and history are there, no item is yet. It reports what fails. */
	int (*begin)(const struct replay *replay, void *context);
	int (*take)(enum item_kind kind, const void *data, size_t size, void *context);
	void *context; /* the history has taken the item by then */
};

/*
 * 0: all of it was read; 1: a part, which the history has; -errno: there is nothing to show. In
 * each case the caller is to end with replay_done. `listener` may be NULL.
 */
int replay_load(const char *path, const struct replay_listener *listener,
		struct replay *ret_replay);
void replay_done(struct replay *replay);

#endif
