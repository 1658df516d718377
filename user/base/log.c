/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Lines formatted whole, made harmless, written at once. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"

#define LOG_LINE_MAX 1024

static char line_prefix[64] = "loopscope";
static enum log_level line_level = LOG_LEVEL_INFO;
static enum log_format line_format = LOG_FORMAT_PLAIN;

static const char *const level_names[] = {
	[LOG_LEVEL_ERROR] = "error",
	[LOG_LEVEL_WARNING] = "warning",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_DEBUG] = "debug",
};

void log_set_prefix(const char *prefix)
{
	snprintf(line_prefix, sizeof(line_prefix), "%s", prefix);
}

void log_set(enum log_level level, enum log_format format)
{
	line_level = level;
	line_format = format;
}

static void write_json(enum log_level level, const char *message)
{
	char time[CLOCK_TEXT_LEN], line[2 * LOG_LINE_MAX + 128];
	size_t at = (size_t)snprintf(line, sizeof(line),
				     "{\"time\":\"%s\",\"level\":\"%s\",\"message\":\"",
				     clock_text(clock_unix_ns(), time), level_names[level]);

	for (const char *c = message; *c; c++) {
		if (*c == '"' || *c == '\\')
			line[at++] = '\\';
		/* of a text that may be no UTF-8 only what surely is */
		line[at++] = (unsigned char)*c < 0x80 ? *c : '?';
	}
	line[at] = '\0';
	fprintf(stderr, "%s\"}\n", line);
}

static void log_line(enum log_level level, const char *format, va_list arguments)
{
	char message[LOG_LINE_MAX], time[CLOCK_TEXT_LEN];

	if (level > line_level)
		return;
	vsnprintf(message, sizeof(message), format, arguments);
	for (char *c = message; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	}
	switch (line_format) {
	case LOG_FORMAT_PLAIN:
		fprintf(stderr, "%s: %s\n", line_prefix, message);
		break;
	case LOG_FORMAT_TEXT:
		fprintf(stderr, "%s %s: %s\n", clock_text(clock_unix_ns(), time),
			level_names[level], message);
		break;
	case LOG_FORMAT_JSON:
		write_json(level, message);
		break;
	}
}

#define DEFINE_LOG(name, level)                     \
	void name(const char *format, ...)          \
	{                                           \
		va_list arguments;                  \
                                                    \
		va_start(arguments, format);        \
		log_line(level, format, arguments); \
		va_end(arguments);                  \
	}

DEFINE_LOG(log_error, LOG_LEVEL_ERROR)
DEFINE_LOG(log_warning, LOG_LEVEL_WARNING)
DEFINE_LOG(log_info, LOG_LEVEL_INFO)
DEFINE_LOG(log_debug, LOG_LEVEL_DEBUG)
DEFINE_LOG(log_progress, LOG_LEVEL_INFO)
