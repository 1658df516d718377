/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A text is searched for; then what is beside it is taken for as long as it can be a version. */
#include "identity/version_text.h"

#include <ctype.h>
#include <string.h>

static bool is_of_version(unsigned char c)
{
	return isascii(c) && (isalnum(c) || strchr(".+-_~", c)) && c;
}

static bool is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

/* Takes what is from `at` to `end`, if it looks like a version. */
static bool take(const char *at, const char *end, char ret_version[VERSION_LEN])
{
	size_t length = end - at;

	if (length == 0 || length >= VERSION_LEN || !is_digit(*at))
		return false;
	memcpy(ret_version, at, length);
	ret_version[length] = '\0';
	return true;
}

static bool follows(const char *at, const char *end, const struct version_pattern *pattern)
{
	return !pattern->behind_size || ((size_t)(end - at) >= pattern->behind_size &&
					 memcmp(at, pattern->behind, pattern->behind_size) == 0);
}

/* The version that ends where the text behind it was found: it begins after what can be of none. */
static bool take_backwards(const char *start, const char *found, char ret_version[VERSION_LEN])
{
	const char *at = found;

	while (at > start && found - at < VERSION_LEN && is_of_version(at[-1]))
		at--;
	return at > start && take(at, found, ret_version);
}

/* In front of the first part of a version there may be no more of it. */
static bool begins(const char *start, const char *found)
{
	return found > start && found[-1] != '.' && !isalnum((unsigned char)found[-1]);
}

static bool take_forwards(const char *start, const char *found, const char *end,
			  const struct version_pattern *pattern, char ret_version[VERSION_LEN])
{
	const char *from = found + pattern->before_size, *at = from;

	while (at < end && at - from < VERSION_LEN && is_of_version(*at))
		at++;
	/* it may go on where the data ends */
	if ((at == end && !pattern->behind_size) || !follows(at, end, pattern))
		return false;
	if (pattern->kind != VERSION_WITH_BEFORE)
		return take(from, at, ret_version);
	return begins(start, found) && at > from && take(found, at, ret_version);
}

static bool take_at(const char *start, const char *found, const char *end,
		    const struct version_pattern *pattern, char ret_version[VERSION_LEN])
{
	bool taken = pattern->kind == VERSION_NOT_TOLD ||
		     (pattern->before_size ? take_forwards(start, found, end, pattern, ret_version)
					   : take_backwards(start, found, ret_version));

	if (taken && (pattern->kind == VERSION_NOT_TOLD || pattern->kind == VERSION_OF_ANOTHER))
		ret_version[0] = '\0';
	return taken;
}

bool version_find(const void *data, size_t size, const struct version_pattern *pattern,
		  char ret_version[VERSION_LEN])
{
	const char *text = pattern->before_size ? pattern->before : pattern->behind;
	size_t text_size = pattern->before_size ?: pattern->behind_size;
	const char *start = data, *end = start + size, *at = start;

	while ((at = memmem(at, end - at, text, text_size))) {
		if (take_at(start, at, end, pattern, ret_version))
			return true;
		at++;
	}
	return false;
}

void version_copy(char to[VERSION_LEN], const char *version)
{
	size_t length = strnlen(version, VERSION_LEN - 1);

	memcpy(to, version, length);
	to[length] = '\0';
}

void version_of_digits(const char *text, char ret_version[VERSION_LEN])
{
	size_t length = strspn(text, "0123456789.");

	while (length && text[length - 1] == '.')
		length--;
	if (!take(text, text + length, ret_version))
		ret_version[0] = '\0';
}

void version_of_path(const char *path, const char *before, char ret_version[VERSION_LEN])
{
	const char *last = NULL;

	for (const char *at = path; (at = strstr(at, before)); at++)
		last = at;
	ret_version[0] = '\0';
	if (last)
		version_of_digits(last + strlen(before), ret_version);
}
