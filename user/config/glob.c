/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is wrong with globs for fnmatch(3), which says nothing itself; and those over a comm:
 * compiles a glob to the automaton of include/comm_glob.h: one position for
 * each character, set or star; a position's bit in accept[c] for each character
 * that it takes.
 */
#include "config/glob.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

struct byte_set {
	bool has[256];
};

/* One end of a range; a backslash takes the next character as itself. */
static int bracket_char(const char **at, unsigned char *ret_char)
{
	const char *s = *at;

	if (s[0] == '[' && s[1] && strchr(":.=", s[1]))
		return -EINVAL;
	if (*s == '\\')
		s++;
	if (!*s)
		return -EINVAL;
	*ret_char = *s;
	*at = s + 1;
	return 0;
}

static int bracket_range(const char **at, struct byte_set *set)
{
	unsigned char low, high;
	int r;

	r = bracket_char(at, &low);
	if (r)
		return r;
	high = low;
	if ((*at)[0] == '-' && (*at)[1] && (*at)[1] != ']') {
		(*at)++;
		r = bracket_char(at, &high);
		if (r)
			return r;
	}
	if (low > high)
		return -EINVAL;
	for (unsigned int c = low; c <= high; c++)
		set->has[c] = true;
	return 0;
}

/* From after the opening bracket to after the closing one; a first `]` is a member. */
static int parse_bracket(const char **at, struct byte_set *set)
{
	bool inverted = **at == '!' || **at == '^';

	if (inverted)
		(*at)++;
	do {
		int r = bracket_range(at, set);

		if (r)
			return r;
	} while (**at != ']');
	(*at)++;
	for (int c = 0; inverted && c < 256; c++)
		set->has[c] = !set->has[c];
	return 0;
}

/* Any position but a star. */
static int parse_position(const char **at, struct byte_set *set)
{
	switch (**at) {
	case '?':
		memset(set->has, true, sizeof(set->has));
		(*at)++;
		return 0;
	case '[':
		(*at)++;
		return parse_bracket(at, set);
	case '\\':
		(*at)++;
		if (!**at)
			return -EINVAL;
		break;
	}
	set->has[(unsigned char)**at] = true;
	(*at)++;
	return 0;
}

int glob_compile(const char *pattern, struct comm_glob *ret_glob)
{
	struct comm_glob glob = {};
	const char *at = pattern;
	__u32 bit = 1;

	if (!*pattern)
		return -EINVAL;
	for (unsigned int nr = 0; *at; nr++, bit <<= 1) {
		struct byte_set set = {};
		int r;

		if (nr == COMM_GLOB_MAX_POSITIONS)
			return -E2BIG;
		if (*at == '*') {
			at += strspn(at, "*");
			glob.star |= bit;
			continue;
		}
		r = parse_position(&at, &set);
		if (r)
			return r;
		for (int c = 1; c < 256; c++) {
			if (set.has[c])
				glob.accept[c] |= bit;
		}
	}
	glob.final = bit;
	*ret_glob = glob;
	return 0;
}

int glob_shortest_match(const struct comm_glob *glob)
{
	return __builtin_ctz(glob->final) - __builtin_popcount(glob->star);
}

/* From after the opening bracket; NULL if it is never closed. A first ] is a member. */
static const char *bracket_end(const char *at)
{
	if (*at == '!' || *at == '^')
		at++;
	if (*at == ']')
		at++;
	for (; *at && *at != ']'; at++) {
		if (*at == '\\' && at[1])
			at++;
	}
	return *at ? at : NULL;
}

const char *glob_fault(const char *text)
{
	if (!*text)
		return "must not be empty";
	for (const char *at = text; *at; at++) {
		if (*at == '\\') {
			at++; /* what follows is meant as itself */
			if (!*at)
				return "ends with a backslash that is before nothing";
		} else if (*at == '[') {
			at = bracket_end(at + 1);
			if (!at)
				return "has a [ without its ]";
		}
	}
	return NULL;
}
