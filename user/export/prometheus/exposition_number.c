/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * printf is most of the cost of an exposition if every number goes through it.
 * Nearly all are integers, or nanoseconds over a power of ten: those are written
 * digit by digit, once a division has shown that nothing is lost.
 */
#include "export/prometheus/exposition_number.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXACT_MAX 0x1p53 /* integers beyond are not all doubles */

size_t number_text_integer(__u64 value, char ret_text[NUMBER_TEXT_LEN])
{
	char reversed[NUMBER_TEXT_LEN];
	size_t length = 0;

	do
		reversed[length++] = (char)('0' + value % 10);
	while (value /= 10);
	for (size_t i = 0; i < length; i++)
		ret_text[i] = reversed[length - 1 - i];
	ret_text[length] = '\0';
	return length;
}

/* value = units / 10^places exactly, for a whole number of units: as digits. */
static size_t decimal_text(__u64 units, unsigned int places, char *text)
{
	char digits[NUMBER_TEXT_LEN];
	size_t length = number_text_integer(units, digits), whole;

	/* 5 with 3 places is 0005 */
	if (length <= places) {
		memmove(digits + places + 1 - length, digits, length + 1);
		memset(digits, '0', places + 1 - length);
		length = places + 1;
	}
	whole = length - places;
	while (length > whole && digits[length - 1] == '0')
		length--;
	memcpy(text, digits, whole);
	if (length == whole) {
		text[whole] = '\0';
		return whole;
	}
	text[whole] = '.';
	memcpy(text + whole + 1, digits + whole, length - whole);
	text[length + 1] = '\0';
	return length + 1;
}

static size_t scaled_text(double value, double scale, unsigned int places, char *text)
{
	double units = rint(value * scale);

	/* the quotient of exact operands is the double nearest to the decimal written */
	if (!(units < EXACT_MAX) || units / scale != value)
		return 0;
	return decimal_text((__u64)units, places, text);
}

/* The shorter of 15 and 17 digits that reads back the same. */
static size_t general_text(double value, char *text)
{
	int length = snprintf(text, NUMBER_TEXT_LEN, "%.15g", value);

	if (strtod(text, NULL) != value)
		length = snprintf(text, NUMBER_TEXT_LEN, "%.17g", value);
	return (size_t)length;
}

static size_t constant_text(const char *constant, char *text)
{
	size_t length = strlen(constant);

	memcpy(text, constant, length + 1);
	return length;
}

size_t number_text(double value, char ret_text[NUMBER_TEXT_LEN])
{
	bool negative = signbit(value) != 0;
	size_t length;

	if (isnan(value))
		return constant_text("NaN", ret_text);
	if (isinf(value))
		return constant_text(negative ? "-Inf" : "+Inf", ret_text);
	if (negative)
		*ret_text++ = '-';
	value = fabs(value);
	length = scaled_text(value, 1e6, 6, ret_text);
	if (!length)
		length = scaled_text(value, 1e9, 9, ret_text);
	if (!length)
		length = general_text(value, ret_text);
	return length + negative;
}
