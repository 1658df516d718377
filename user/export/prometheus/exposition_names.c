/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Dots to underscores, units to words. */
#include "export/prometheus/exposition_names.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/text_end.h"

#define TOTAL "_total"

/* UCUM to the words that Prometheus's conventions have. */
static const struct {
	const char *unit, *word;
} unit_words[] = {
	{"d", "days"},          {"h", "hours"},         {"min", "minutes"},    {"s", "seconds"},
	{"ms", "milliseconds"}, {"us", "microseconds"}, {"ns", "nanoseconds"}, {"By", "bytes"},
	{"KiBy", "kibibytes"},  {"MiBy", "mebibytes"},  {"GiBy", "gibibytes"}, {"kBy", "kilobytes"},
	{"MBy", "megabytes"},   {"GBy", "gigabytes"},   {"%", "percent"},      {"Hz", "hertz"},
	{"Cel", "celsius"},     {"V", "volts"},         {"A", "amperes"},      {"J", "joules"},
	{"W", "watts"},
};

/*
 * Characters that are not allowed become underscores, and several underscores one. Of one
 * character in UTF-8, continuation bytes are left out.
 */
static size_t sanitize(const char *text, char *out, size_t size)
{
	size_t length = 0;

	for (; *text && length + 1 < size; text++) {
		unsigned char byte = (unsigned char)*text;
		char c = byte < 0x80 && isalnum(byte) ? *text : '_';

		if ((byte & 0xc0) != 0x80 && !(c == '_' && length && out[length - 1] == '_'))
			out[length++] = c;
	}
	out[length] = '\0';
	return length;
}

/* Annotations, {event}, count things: they are no unit. Nor is the 1 of a count of anything. */
static const char *unit_word(const char *unit, enum instrument_kind kind)
{
	if (!strcmp(unit, "1"))
		return kind == INSTRUMENT_GAUGE ? "ratio" : "";
	for (size_t i = 0; i < sizeof(unit_words) / sizeof(unit_words[0]); i++) {
		if (!strcmp(unit_words[i].unit, unit))
			return unit_words[i].word;
	}
	return "";
}

const char *metric_name(const char *name, const char *unit, enum instrument_kind kind,
			char ret_name[METRIC_NAME_LEN])
{
	const char *word = unit_word(unit, kind);
	char suffix[32];
	size_t length = sanitize(name, ret_name, METRIC_NAME_LEN - sizeof(suffix));

	if (kind == INSTRUMENT_COUNTER && text_ends_in(ret_name, TOTAL)) {
		length -= strlen(TOTAL);
		ret_name[length] = '\0';
	}
	snprintf(suffix, sizeof(suffix), "_%s", word);
	if (*word && !text_ends_in(ret_name, suffix))
		memcpy(ret_name + length, suffix, strlen(suffix) + 1);
	return word;
}

/* A leading underscore is Prometheus's own (__name__), a digit no beginning, le the buckets'. */
void label_name(const char *key, char ret_name[LABEL_NAME_LEN])
{
	char name[LABEL_NAME_LEN - 4];

	sanitize(key, name, sizeof(name));
	if (*name == '_')
		snprintf(ret_name, LABEL_NAME_LEN, "key%s", name);
	else if (!*name || isdigit((unsigned char)*name) || !strcmp(name, "le"))
		snprintf(ret_name, LABEL_NAME_LEN, "key_%s", name);
	else
		memcpy(ret_name, name, strlen(name) + 1);
}
