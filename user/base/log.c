/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Lines for the person at the terminal: formatted whole, made harmless, written once. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

#define LOG_LINE_MAX 1024

static const char *line_prefix = "loopscope";

void log_set_prefix(const char *prefix)
{
	line_prefix = prefix;
}

const char *log_prefix(void)
{
	return line_prefix;
}

void log_error(const char *format, ...)
{
	char line[LOG_LINE_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	for (char *c = line; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	}
	fprintf(stderr, "%s: %s\n", line_prefix, line);
}
