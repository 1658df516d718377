/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Allocations that fail on demand: what includes this is linked with --wrap for all of them
 * (unit.mk).
 */
#ifndef LOOPSCOPE_TESTS_FAILING_MEMORY_H
#define LOOPSCOPE_TESTS_FAILING_MEMORY_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEVER (-1)

/* So many allocations succeed, and then one fails. */
static int until_failure = NEVER;

static bool fails_now(void)
{
	if (until_failure == NEVER)
		return false;
	return --until_failure == NEVER;
}

#define FAILING(type, name, parameters, arguments)                   \
	type __real_##name parameters;                               \
	type __wrap_##name parameters;                               \
	type __wrap_##name parameters                                \
	{                                                            \
		return fails_now() ? NULL : __real_##name arguments; \
	}

FAILING(void *, malloc, (size_t size), (size))
FAILING(void *, calloc, (size_t nr, size_t size), (nr, size))
FAILING(void *, realloc, (void *old, size_t size), (old, size))
FAILING(void *, reallocarray, (void *old, size_t nr, size_t size), (old, nr, size))
FAILING(char *, strdup, (const char *text), (text))
FAILING(char *, strndup, (const char *text, size_t size), (text, size))

int __real_vasprintf(char **text, const char *format, va_list arguments);
int __wrap_vasprintf(char **text, const char *format, va_list arguments);
int __wrap_asprintf(char **text, const char *format, ...);

int __wrap_vasprintf(char **text, const char *format, va_list arguments)
{
	return fails_now() ? -1 : __real_vasprintf(text, format, arguments);
}

int __wrap_asprintf(char **text, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = __wrap_vasprintf(text, format, arguments);
	va_end(arguments);
	return length;
}

#endif
