/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Debug files that are kept apart from what they describe, by build id or by the name in
 * .gnu_debuglink: those of the process, in its own root, then those of this machine. Only regular
 * files are opened, and none that a link leads to out of the root it is in.
 */
#ifndef LOOPSCOPE_DEBUG_FILES_H
#define LOOPSCOPE_DEBUG_FILES_H

#include <stddef.h>
#include <stdint.h>

struct debug_place {
	int proc_fd;      /* /proc/PID */
	const char *path; /* of the file that is described, as the process has it */
};

struct debug_wanted {
	const void *build_id; /* NULL: it has none */
	size_t build_id_size;
	const char *link; /* .gnu_debuglink's name; NULL: none */
	uint32_t link_crc;
};

/* A descriptor of a file that is what is wanted, or -ENOENT. */
int debug_file_open(const struct debug_place *place, const struct debug_wanted *wanted);

#endif
