/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The file that a recording goes to. Nothing but an earlier recording is ever overwritten, and that
 * only once there is something to record. Failures are told as text, to be logged.
 */
#ifndef LOOPSCOPE_RECORDING_FILE_H
#define LOOPSCOPE_RECORDING_FILE_H

#include <stdbool.h>

#define RECORDING_FILE_ERROR_LEN 512

struct recording_file {
	const char *path; /* "-": the standard output */
	int fd;
	bool created;
};

/* Opens and locks it; what is in it stays. */
int recording_file_open(const char *path, struct recording_file *ret_file,
			char error[RECORDING_FILE_ERROR_LEN]);

bool recording_file_is_stdout(const struct recording_file *file);

/* Empties it, and makes it its owner's alone. -errno. */
int recording_file_begin(const struct recording_file *file);

/* -errno: what was written may not have arrived. */
int recording_file_close(struct recording_file *file);

/* Closes it with nothing begun, and removes it if it was not there before. */
void recording_file_discard(struct recording_file *file);

#endif
