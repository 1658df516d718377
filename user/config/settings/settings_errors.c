/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What was wrong, collected over all layers and handed over in the order of the
 * file's lines, then the environment, then the command line. Values of secret
 * keys, and what ${} and file: brought, are never in it.
 */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "config/number.h"
#include "config/settings/settings_load.h"

#define MORE_LINE "these are the first errors: there may be more"
#define QUOTED_MAX (SETTINGS_QUOTED_LEN - 16) /* bytes of the text itself */

static bool is_control(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f;
}

static void hide_control(char *text)
{
	for (; *text; text++) {
		if (is_control(*text))
			*text = '?';
	}
}

bool settings_full(const struct settings_loader *loader)
{
	return loader->nr_faults == SETTINGS_MAX_FAULTS || loader->error == -ENOMEM;
}

void settings_fail(struct settings_loader *loader, const struct settings_place *place,
		   const char *format, ...)
{
	struct settings_fault *faults;
	va_list arguments;
	char *message;
	int length;

	if (settings_full(loader))
		return;
	va_start(arguments, format);
	length = vasprintf(&message, format, arguments);
	va_end(arguments);
	if (length < 0) {
		loader->error = -ENOMEM;
		return;
	}
	faults = reallocarray(loader->faults, loader->nr_faults + 1, sizeof(*faults));
	if (!faults) {
		free(message);
		loader->error = -ENOMEM;
		return;
	}
	loader->faults = faults;
	faults[loader->nr_faults] = (struct settings_fault){*place, loader->nr_faults, message};
	loader->nr_faults++;
}

const char *settings_quote_text(const char *text, char buffer[SETTINGS_QUOTED_LEN])
{
	size_t length = strnlen(text, QUOTED_MAX + 1);
	bool cut = length > QUOTED_MAX;

	length = utf8_cut(text, length, QUOTED_MAX);
	snprintf(buffer, SETTINGS_QUOTED_LEN, "\"%.*s\"%s", (int)length, text, cut ? "..." : "");
	hide_control(buffer);
	return buffer;
}

const char *settings_quote(const struct setting_key *key, const struct settings_item *item,
			   char buffer[SETTINGS_QUOTED_LEN])
{
	const char *text = item->shown ?: item->text;
	bool url = key->type == SETTING_ENDPOINT || key->type == SETTING_SERVER ||
		   key->type == SETTING_PROXY;

	if (key->secret || (url && strchr(text, '@')))
		return "the value";
	return settings_quote_text(text, buffer);
}

static void fail_allowed(struct settings_loader *loader, const struct setting_key *key,
			 const struct settings_item *item, const char *what)
{
	_cleanup_(buffer_done) struct buffer allowed = {};
	char quoted[SETTINGS_QUOTED_LEN];

	setting_range(key, &allowed);
	if (allowed.error)
		loader->error = allowed.error;
	else
		settings_fail(loader, &item->place, "%s %s%s%.*s",
			      settings_quote(key, item, quoted), what,
			      allowed.size ? "; allowed: " : "", (int)allowed.size,
			      allowed.size ? (const char *)allowed.data : "");
}

/* "5s" and the like, as other programs take them, in milliseconds; NaN: it is not of the kind. */
static double ms_of_time(const char *text)
{
	static const struct {
		const char *unit;
		double ms;
	} units[] = {{"ms", 1}, {"s", 1e3}, {"m", 6e4}, {"min", 6e4}, {"h", 36e5}};
	size_t length = strspn(text, "0123456789.");
	char number[32];
	double value;

	if (length >= sizeof(number))
		return NAN;
	snprintf(number, sizeof(number), "%.*s", (int)length, text);
	text += length + strspn(text + length, " ");
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (!strcmp(text, units[i].unit) && !number_parse_decimal(number, 0, 1e9, &value))
			return value * units[i].ms;
	}
	return NAN;
}

void settings_fail_type(struct settings_loader *loader, const struct setting_key *key,
			const struct settings_item *item)
{
	/* what ${} brought is not shown, in whatever form */
	double ms = key->type == SETTING_MS && !item->shown ? ms_of_time(item->text) : NAN;
	char what[80], advice[48] = "";

	if (!isnan(ms))
		snprintf(advice, sizeof(advice), ": write %.10g", ms);
	snprintf(what, sizeof(what), "is not %s%s", setting_noun(key->type), advice);
	fail_allowed(loader, key, item, what);
}

void settings_fail_range(struct settings_loader *loader, const struct setting_key *key,
			 const struct settings_item *item)
{
	fail_allowed(loader, key, item, "is out of range");
}

static int compare_sizes(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

static int compare_faults(const void *left, const void *right)
{
	const struct settings_fault *a = left, *b = right;

	if (a->place.layer != b->place.layer)
		return compare_sizes(a->place.layer, b->place.layer);
	if (a->place.line != b->place.line)
		return compare_sizes(a->place.line, b->place.line);
	if (a->place.column != b->place.column)
		return compare_sizes(a->place.column, b->place.column);
	return compare_sizes(a->order, b->order);
}

static void write_place(const struct settings_loader *loader, const struct settings_place *place,
			struct buffer *out)
{
	switch (place->layer) {
	case LAYER_DEFAULT:
		buffer_append_text(out, "configuration: ");
		break;
	case LAYER_FILE:
		buffer_append_text(out, loader->sources->file ?: "configuration");
		if (place->line)
			buffer_printf(out, ":%zu:%zu", place->line, place->column);
		buffer_append_text(out, ": ");
		break;
	case LAYER_ENVIRONMENT:
		buffer_append_text(out, "environment: ");
		break;
	case LAYER_FLAGS:
		buffer_append_text(out, "command line: ");
		break;
	}
	if (*place->label)
		buffer_printf(out, "%s: ", place->label);
}

/* There is room for the line. */
static int add_line(const struct settings_loader *loader, const struct settings_fault *fault,
		    struct settings_errors *errors)
{
	_cleanup_(buffer_done) struct buffer line = {};
	char *text;

	write_place(loader, &fault->place, &line);
	buffer_append_text(&line, fault->message);
	buffer_append(&line, "", 1);
	if (line.error)
		return line.error;
	hide_control((char *)line.data);
	/* names and values may be no UTF-8, or have been cut within a character */
	text = malloc(UTF8_REPAIRED_LEN(line.size));
	if (!text)
		return -ENOMEM;
	utf8_repair(text, (char *)line.data);
	errors->lines[errors->nr++] = text;
	return 0;
}

int settings_report(struct settings_loader *loader, struct settings_errors *ret_errors)
{
	_cleanup_(settings_errors_done) struct settings_errors errors = {};

	errors.lines = calloc(loader->nr_faults + 1, sizeof(*errors.lines));
	if (!errors.lines)
		return -ENOMEM;
	if (loader->nr_faults)
		qsort(loader->faults, loader->nr_faults, sizeof(*loader->faults), compare_faults);
	for (size_t i = 0; i < loader->nr_faults; i++) {
		int r = add_line(loader, &loader->faults[i], &errors);

		if (r)
			return r;
	}
	if (loader->nr_faults == SETTINGS_MAX_FAULTS) {
		errors.lines[errors.nr] = strdup(MORE_LINE);
		if (!errors.lines[errors.nr])
			return -ENOMEM;
		errors.nr++;
	}
	*ret_errors = errors;
	errors = (struct settings_errors){};
	return 0;
}

void settings_errors_done(struct settings_errors *errors)
{
	for (size_t i = 0; i < errors->nr; i++)
		free(errors->lines[i]);
	free(errors->lines);
	*errors = (struct settings_errors){};
}
