/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What has been read of programs and libraries, so that each file is read once: bounded. */
#ifndef LOOPSCOPE_PROGRAM_FILES_H
#define LOOPSCOPE_PROGRAM_FILES_H

#include <linux/types.h>
#include <stddef.h>

#include "identity/program_file.h"

struct program_files;

struct program_files_stats {
	__u64 files_read;
	__u64 bytes_read;
	__u64 files_cut; /* with more constant data than is read */
	__u64 evictions;
};

int program_files_new(size_t max_files, struct program_files **ret_files);
void program_files_free(struct program_files *files);

/*
 * The facts of the file that the descriptor is of, valid until the next call; NULL for want of
 * memory. A file that is written to, or replaced, is another one.
 */
const struct program_facts *program_files_read(struct program_files *files, int fd,
					       const struct program_search *search);

const struct program_files_stats *program_files_stats(const struct program_files *files);

#endif
