/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Texts for OTLP: a receiver refuses a whole request for one byte that is not
 * UTF-8. Attributes of a set have been repaired; others may come from anywhere.
 */
#ifndef LOOPSCOPE_OTLP_TEXT_H
#define LOOPSCOPE_OTLP_TEXT_H

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* The text itself where it is ASCII, else a repaired copy, which *ret_copy owns. NULL: -ENOMEM. */
static inline const char *otlp_text(const char *text, char **ret_copy)
{
	const char *end = text;

	*ret_copy = NULL;
	while ((signed char)*end > 0)
		end++;
	if (!*end)
		return text;
	*ret_copy = malloc(UTF8_REPAIRED_LEN(strlen(text)));
	if (*ret_copy)
		utf8_repair(*ret_copy, text);
	return *ret_copy;
}

#define OTLP_SCHEMA_URL "https://opentelemetry.io/schemas/1.44.0"
#define OTLP_SCOPE_NAME "loopscope"

#endif
