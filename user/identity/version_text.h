/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Versions in the constant data of a program, which holds them beside words that are always the
 * same: `nginx/1.22.1`, `/tokio-1.38.1/src/`. Pure; the data is hostile.
 */
#ifndef LOOPSCOPE_VERSION_TEXT_H
#define LOOPSCOPE_VERSION_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#define VERSION_LEN 32 /* of a version, its end included: one that is longer is none */

/* No text that is looked for is longer than this in all. */
#define VERSION_PATTERN_MAX 128

/* What stands before the version and behind it; of one of them nothing may be known. */
struct version_pattern {
	const char *before, *behind;
	size_t before_size, behind_size; /* bytes: both may hold NULs */
	enum {
		VERSION_BETWEEN,     /* the version is what is between the two */
		VERSION_WITH_BEFORE, /* the text before it is the first part of it */
		VERSION_OF_ANOTHER,  /* there must be one, of a part */
		VERSION_NOT_TOLD,    /* the text alone is looked for */
	} kind;
};

#define TEXT_BEFORE(text_) .before = (text_), .before_size = sizeof(text_) - 1
#define TEXT_BEHIND(text_) .behind = (text_), .behind_size = sizeof(text_) - 1

/*
 * Looks for the first place in the data that meets the pattern. Writes the version, "" if it is
 * that of another or not told, and returns true if there is one. What is looked for backwards, and
 * the first part of a version, are not believed at the very start: nobody knows what is before.
 */
bool version_find(const void *data, size_t size, const struct version_pattern *pattern,
		  char ret_version[VERSION_LEN]);

void version_copy(char to[VERSION_LEN], const char *version);

/* The digits and dots that the text begins with; "" if it does not begin with a digit. */
void version_of_digits(const char *text, char ret_version[VERSION_LEN]);

/* The digits and dots behind the last place in the path that has these words; or "". */
void version_of_path(const char *path, const char *before, char ret_version[VERSION_LEN]);

#endif
