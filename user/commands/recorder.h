/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Listens to a session and writes what it hears to a file. */
#ifndef LOOPSCOPE_RECORDER_H
#define LOOPSCOPE_RECORDER_H

#include "commands/recording_file.h"
#include "commands/session.h"
#include "recording/host.h"
#include "recording/writer.h"

struct recorder {
	struct recording_file file;
	struct recording_manner manner;
	struct recording_writer *writer; /* NULL until there is something to record */
	int error;                       /* what the first failure to write was */
};

/* For session_start; the recorder must outlive the session. */
struct session_listener recorder_listener(struct recorder *recorder);

/* What has been heard can be read from then on. */
int recorder_flush(struct recorder *recorder);

__u64 recorder_bytes(const struct recorder *recorder);

/* Writes the rest and closes the file; an error of before stays. */
int recorder_finish(struct recorder *recorder);

/* Once the session is gone; a file in which nothing was recorded goes too. */
void recorder_done(struct recorder *recorder);

#endif
