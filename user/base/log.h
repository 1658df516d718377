/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Lines for the person at the terminal, on stderr. Only the commands use them:
 * each failure is reported once, at the top, in words that can be acted on.
 */
#ifndef LOOPSCOPE_LOG_H
#define LOOPSCOPE_LOG_H

/* What every line starts with: "loopscope" until set. */
void log_set_prefix(const char *prefix);

/* One line; control characters in it are shown as `?`, since names may be hostile. */
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same for what is under way: that something has begun which takes its time. */
void log_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
