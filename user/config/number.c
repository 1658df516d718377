/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Strict numbers: strtol and strtod accept far more than a number should be. */
#include "config/number.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS "0123456789"

int number_parse_whole(const char *text, long min, long max, long *ret_value)
{
	long value;

	if (!*text || text[strspn(text, DIGITS)])
		return -EINVAL;
	errno = 0;
	value = strtol(text, NULL, 10);
	if (errno || value < min || value > max)
		return -ERANGE;
	*ret_value = value;
	return 0;
}

int number_parse_decimal(const char *text, double min, double max, double *ret_value)
{
	size_t whole = strspn(text, DIGITS);
	size_t fraction = 0;
	const char *rest = text + whole;
	double value;

	if (*rest == '.') {
		fraction = strspn(++rest, DIGITS);
		rest += fraction;
	}
	if (*rest || !(whole + fraction))
		return -EINVAL;
	value = strtod(text, NULL);
	if (!(value >= min && value <= max))
		return -ERANGE;
	*ret_value = value;
	return 0;
}
