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

/*
 * 0: all of it was read; 1: a part, which the history has; -errno: there is nothing to show. In
 * each case the caller is to end with replay_done.
 */
int replay_load(const char *path, struct replay *ret_replay);
void replay_done(struct replay *replay);

#endif
