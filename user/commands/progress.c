/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A carriage return before the text, and the rest of the line erased behind it. */
#include "commands/progress.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#define ERASE_LINE "\r\033[K"

static bool shown;

const char *progress_size(char text[PROGRESS_SIZE_LEN], __u64 bytes)
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
	double size = (double)bytes;
	size_t i = 0;

	while (size >= 999.5 && i < sizeof(units) / sizeof(*units) - 1) {
		size /= 1000;
		i++;
	}
	snprintf(text, PROGRESS_SIZE_LEN, "%.*f %s", i && size < 99.95 ? 1 : 0, size, units[i]);
	return text;
}

void progress_show(const char *format, ...)
{
	va_list arguments;

	if (!isatty(STDERR_FILENO))
		return;
	fputs(ERASE_LINE, stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fflush(stderr);
	shown = true;
}

void progress_end(void)
{
	if (!shown)
		return;
	fputs(ERASE_LINE, stderr);
	shown = false;
}
