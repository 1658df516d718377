/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Lines for whoever runs loopscope, on stderr: text, or one JSON object each.
 * Only commands and the agent use them: a failure is reported once, at the top,
 * in words that can be acted on. Control characters are shown as `?`, since
 * names may be hostile. No secret may be given to them.
 */
#ifndef LOOPSCOPE_LOG_H
#define LOOPSCOPE_LOG_H

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

enum log_format {
	LOG_FORMAT_PLAIN, /* "loopscope stat: message", for a terminal; the default */
	LOG_FORMAT_TEXT,  /* time, level and message, for a log */
	LOG_FORMAT_JSON,  /* {"time":"...","level":"...","message":"..."} */
};

/* What every plain line starts with: "loopscope" until set. */
void log_set_prefix(const char *prefix);

/* Lines above `level` are left out: LOG_LEVEL_INFO until set. */
void log_set(enum log_level level, enum log_format format);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* log_info by another name, for what is under way and takes its time. */
void log_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
