/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Lines for the person at the terminal: formatted whole, made harmless, written once. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

#define LOG_LINE_MAX 1024

static char line_prefix[64] = "loopscope";

void log_set_prefix(const char *prefix)
{
	snprintf(line_prefix, sizeof(line_prefix), "%s", prefix);
}

static void log_line(const char *format, va_list arguments)
{
	char line[LOG_LINE_MAX];

	vsnprintf(line, sizeof(line), format, arguments);
	for (char *c = line; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	}
	fprintf(stderr, "%s: %s\n", line_prefix, line);
}

void log_error(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_line(format, arguments);
	va_end(arguments);
}

void log_progress(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_line(format, arguments);
	va_end(arguments);
}
