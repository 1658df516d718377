/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A process's arguments, as it shows them now. They may hold secrets: wiped when done. */
#ifndef LOOPSCOPE_COMMAND_LINE_H
#define LOOPSCOPE_COMMAND_LINE_H

#include <stddef.h>

#define COMMAND_LINE_MAX_BYTES 32768 /* what is beyond is not read; class paths are long */
#define COMMAND_LINE_MAX_ARGUMENTS 1024

struct command_line {
	const char *items[COMMAND_LINE_MAX_ARGUMENTS];
	size_t nr;
	char bytes[COMMAND_LINE_MAX_BYTES];
	size_t size;
};

/*
 * `directory` is the process's in /proc. Empty arguments at the end are left out: a process
 * that has set its title leaves a row of them. -ESRCH, -EACCES, ...: it has none.
 */
int command_line_read(int directory, struct command_line *ret_line);

/* The same of bytes that are there already: its first `size`. Pure. */
void command_line_split(struct command_line *line, size_t size);
void command_line_done(struct command_line *line);

#endif
