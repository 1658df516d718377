/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Values as YAML: numbers with as many digits as they need, texts in double quotes. */
#include "config/settings/settings_format.h"

#include <stdlib.h>
#include <string.h>

#include "config/settings/settings.h"

#define HIDDEN "***"

static void format_double(double number, struct buffer *out)
{
	char text[40];

	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, number);
		if (strtod(text, NULL) == number)
			break;
	}
	buffer_append_text(out, text);
}

/* What the loader would take for a reference is written so that it becomes itself again. */
static void format_text(const char *text, struct buffer *out)
{
	buffer_append_text(out, "\"");
	if (!strncmp(text, "file:", 5)) {
		buffer_append_text(out, "${:-file:}");
		text += 5;
	}
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buffer_append_text(out, "\\");
		if (*text == '$')
			buffer_append_text(out, "$");
		buffer_append(out, text, 1);
	}
	buffer_append_text(out, "\"");
}

/* Without the user and the password that it may hold. */
static void format_url(const char *text, bool reveal, struct buffer *out)
{
	const char *authority = strstr(text, "://");
	const char *at = strrchr(text, '@');
	_cleanup_(freep) char *shown = NULL;

	if (reveal || !authority || !at) {
		format_text(text, out);
		return;
	}
	if (asprintf(&shown, "%.*s" HIDDEN "%s", (int)(authority + 3 - text), text, at) < 0) {
		buffer_append_text(out, "\"" HIDDEN "\"");
		return;
	}
	format_text(shown, out);
}

static void format_word(const struct setting_key *key, const void *field, struct buffer *out)
{
	int value = key->size == sizeof(bool) ? *(const bool *)field : *(const int *)field;
	const struct setting_choice *choice = key->choices;

	while (choice->word && choice->value != value)
		choice++;
	format_text(choice->word ?: "", out);
}

static void format_bounds(const double *bounds, size_t nr, struct buffer *out)
{
	buffer_append_text(out, "[");
	for (size_t i = 0; i < nr; i++) {
		buffer_append_text(out, i ? ", " : "");
		format_double(bounds[i], out);
	}
	buffer_append_text(out, "]");
}

static void format_list(const struct text_list *list, struct buffer *out)
{
	buffer_append_text(out, "[");
	for (size_t i = 0; i < list->nr; i++) {
		buffer_append_text(out, i ? ", " : "");
		format_text(list->items[i], out);
	}
	buffer_append_text(out, "]");
}

/* Names are not resolved by the loader, so that a $ in them stands for itself. */
static void format_name(const char *name, struct buffer *out)
{
	buffer_append_text(out, "\"");
	for (; *name; name++) {
		if (*name == '"' || *name == '\\')
			buffer_append_text(out, "\\");
		buffer_append(out, name, 1);
	}
	buffer_append_text(out, "\"");
}

static void format_pairs(const struct text_pairs *pairs, bool hide, struct buffer *out)
{
	buffer_append_text(out, "{");
	for (size_t i = 0; i < pairs->nr; i++) {
		buffer_append_text(out, i ? ", " : "");
		format_name(pairs->items[i].key, out);
		buffer_append_text(out, ": ");
		format_text(hide ? HIDDEN : pairs->items[i].value, out);
	}
	buffer_append_text(out, "}");
}

static void format_scalar(const struct setting_key *key, const void *field, bool reveal,
			  struct buffer *out)
{
	const char *text = key->type >= SETTING_TEXT ? *(char *const *)field : NULL;

	switch (key->type) {
	case SETTING_MS:
	case SETTING_PERCENT:
		format_double(*(const double *)field, out);
		break;
	case SETTING_COUNT:
	case SETTING_BYTES:
		buffer_printf(out, "%zu",
			      key->size == sizeof(unsigned int) ? *(const unsigned int *)field
								: *(const size_t *)field);
		break;
	case SETTING_BOOL:
		buffer_append_text(out, *(const bool *)field ? "true" : "false");
		break;
	case SETTING_CHOICE:
		format_word(key, field, out);
		break;
	case SETTING_PROXY:
		format_url(text, reveal, out);
		break;
	default:
		format_text(key->secret && !reveal && *text ? HIDDEN : text, out);
		break;
	}
}

int setting_format(const struct setting_key *key, const void *base, bool reveal, struct buffer *out)
{
	const void *field = (const char *)base + key->offset;

	switch (key->type) {
	case SETTING_BOUNDS:
		format_bounds(field, *(const size_t *)((const char *)base + key->nr_offset), out);
		break;
	case SETTING_NAMES:
	case SETTING_GLOBS:
		format_list(field, out);
		break;
	case SETTING_ATTRIBUTES:
		format_pairs(field, false, out);
		break;
	case SETTING_HEADERS:
		format_pairs(field, !reveal, out);
		break;
	case SETTING_GROUPS:
	case SETTING_MATCHES:
		break; /* not of one line: settings_print.c */
	default:
		format_scalar(key, field, reveal, out);
		break;
	}
	return out->error;
}
