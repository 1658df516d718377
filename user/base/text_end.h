/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef LOOPSCOPE_TEXT_END_H
#define LOOPSCOPE_TEXT_END_H

#include <stdbool.h>
#include <string.h>

static inline bool text_ends_in(const char *text, const char *end)
{
	size_t length = strlen(text), end_length = strlen(end);

	return length >= end_length && !strcmp(text + length - end_length, end);
}

#endif
