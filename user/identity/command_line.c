/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reading /proc/PID/cmdline and splitting it at its NULs. */
#include "identity/command_line.h"

#include <string.h>

#include "identity/proc.h"

int command_line_read(int directory, struct command_line *ret_line)
{
	ssize_t size = proc_read(directory, "cmdline", ret_line->bytes, sizeof(ret_line->bytes));

	ret_line->nr = ret_line->size = 0;
	if (size < 0)
		return (int)size;
	command_line_split(ret_line, size);
	return 0;
}

void command_line_split(struct command_line *line, size_t size)
{
	line->nr = 0;
	line->size = size;
	for (size_t at = 0; at < size && line->nr < COMMAND_LINE_MAX_ARGUMENTS;) {
		const char *argument = line->bytes + at;

		at += strnlen(argument, size - at) + 1;
		/* cut short by the end of the buffer: it could be taken for another */
		if (at > size && line->nr > 0)
			break;
		line->items[line->nr++] = argument;
	}
	while (line->nr > 0 && !*line->items[line->nr - 1])
		line->nr--;
}

void command_line_done(struct command_line *line)
{
	explicit_bzero(line->bytes, line->size);
	line->nr = line->size = 0;
}
