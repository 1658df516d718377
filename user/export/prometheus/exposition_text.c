/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The text formats: OpenMetrics 1.0, and Prometheus's older 0.0.4. They differ in
 * how a family is announced, in le of whole numbers, and at the end.
 *
 * No _created series: they would add a line to each of most series that have one.
 */
#include <string.h>

#include "export/prometheus/exposition_encoder.h"

static bool is_openmetrics(const struct exposition *exposition)
{
	return exposition->encoder == &encoder_openmetrics;
}

static const char *sample_suffix(enum family_type type)
{
	switch (type) {
	case FAMILY_COUNTER:
		return "_total";
	case FAMILY_INFO:
		return "_info";
	case FAMILY_GAUGE:
	case FAMILY_HISTOGRAM:
		break;
	}
	return "";
}

static const char *type_name(enum family_type type, bool openmetrics)
{
	switch (type) {
	case FAMILY_COUNTER:
		return "counter";
	case FAMILY_HISTOGRAM:
		return "histogram";
	case FAMILY_INFO:
		return openmetrics ? "info" : "gauge";
	case FAMILY_GAUGE:
		break;
	}
	return "gauge";
}

/* What both formats escape in the value of a label; \n, " and the backslash itself. */
static void append_escaped(struct buffer *out, const char *text)
{
	for (;;) {
		size_t plain = strcspn(text, "\\\"\n");

		buffer_append(out, text, plain);
		text += plain;
		if (!*text)
			return;
		buffer_append_text(out, *text == '\n' ? "\\n" : *text == '"' ? "\\\"" : "\\\\");
		text++;
	}
}

static void append_meta(struct buffer *out, const char *what, const struct family *family,
			const char *suffix, const char *value)
{
	buffer_printf(out, "# %s %s%s ", what, family->name, suffix);
	append_escaped(out, value);
	buffer_append_text(out, "\n");
}

/* OpenMetrics has bounds look like the floating point numbers they are: 5.0 */
static void write_bounds(struct family *family, bool openmetrics)
{
	for (size_t i = 0; i < family->buckets.nr; i++) {
		char *text = family->le[i];
		size_t length = number_text(family->buckets.bounds[i], text);

		if (openmetrics && !strpbrk(text, ".e"))
			memcpy(text + length, ".0", 3);
	}
}

static int begin(struct exposition *exposition)
{
	struct family *family = &exposition->family;
	bool openmetrics = is_openmetrics(exposition);
	/* the older format knows samples only */
	const char *suffix = openmetrics ? "" : sample_suffix(family->type);
	struct buffer *out = &exposition->out;

	append_meta(out, "TYPE", family, suffix, type_name(family->type, openmetrics));
	if (openmetrics && *family->unit)
		append_meta(out, "UNIT", family, suffix, family->unit);
	append_meta(out, "HELP", family, suffix, family->help);
	if (family->type == FAMILY_HISTOGRAM)
		write_bounds(family, openmetrics);
	return out->error;
}

/* Those of the point, for each of its lines. */
static void write_labels(struct exposition *exposition)
{
	const struct labels *labels = &exposition->labels;
	struct buffer *texts = &exposition->label_texts;

	buffer_reset(texts);
	for (size_t i = 0; i < labels->nr; i++) {
		if (i)
			buffer_append(texts, ",", 1);
		buffer_append_text(texts, labels->items[i].name);
		buffer_append(texts, "=\"", 2);
		append_escaped(texts, label_value(labels, i));
		buffer_append(texts, "\"", 1);
	}
}

/* name_suffix{label="value",...,le="bound"} */
static void append_series(struct exposition *exposition, const char *suffix, const char *le)
{
	const struct buffer *texts = &exposition->label_texts;
	struct buffer *out = &exposition->out;

	buffer_append_text(out, exposition->family.name);
	buffer_append_text(out, suffix);
	if (texts->size || le)
		buffer_append(out, "{", 1);
	buffer_append(out, texts->data, texts->size);
	if (le) {
		buffer_append_text(out, texts->size ? ",le=\"" : "le=\"");
		buffer_append_text(out, le);
		buffer_append(out, "\"", 1);
	}
	buffer_append_text(out, texts->size || le ? "} " : " ");
}

static void append_integer(struct buffer *out, __u64 value)
{
	char text[NUMBER_TEXT_LEN];
	size_t length = number_text_integer(value, text);

	text[length++] = '\n';
	buffer_append(out, text, length);
}

static void append_number(struct buffer *out, double value)
{
	char text[NUMBER_TEXT_LEN];
	size_t length = number_text(value, text);

	text[length++] = '\n';
	buffer_append(out, text, length);
}

static void append_histogram(struct exposition *exposition, const struct point_histogram *histogram)
{
	const struct family *family = &exposition->family;
	__u64 counts[SETTINGS_MAX_BOUNDS];

	classic_buckets_count(&family->buckets, histogram, counts);
	for (size_t i = 0; i < family->buckets.nr; i++) {
		append_series(exposition, "_bucket", family->le[i]);
		append_integer(&exposition->out, counts[i]);
	}
	append_series(exposition, "_bucket", "+Inf");
	append_integer(&exposition->out, histogram->count);
	append_series(exposition, "_count", NULL);
	append_integer(&exposition->out, histogram->count);
	append_series(exposition, "_sum", NULL);
	append_number(&exposition->out, histogram->sum);
}

static int add_point(struct exposition *exposition, const struct point *point)
{
	const struct family *family = &exposition->family;

	write_labels(exposition);
	if (exposition->label_texts.error)
		return exposition->label_texts.error;
	if (family->type == FAMILY_HISTOGRAM) {
		append_histogram(exposition, &point->histogram);
		return exposition->out.error;
	}
	append_series(exposition, sample_suffix(family->type), NULL);
	if (family->integers)
		append_integer(&exposition->out, point->integer);
	else
		append_number(&exposition->out, point->number);
	return exposition->out.error;
}

static int finish(struct exposition *exposition)
{
	return buffer_append_text(&exposition->out, "# EOF\n");
}

const struct encoder encoder_text = {.begin = begin, .point = add_point};
const struct encoder encoder_openmetrics = {.begin = begin, .point = add_point, .finish = finish};
