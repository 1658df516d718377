/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* All settings as YAML, in the order of the table; and those that differ between two. */
#include <errno.h>
#include <string.h>

#include "config/settings/settings.h"
#include "config/settings/settings_format.h"

#define PATH_LEN 128

/* Lines under way. */
struct printer {
	struct buffer out;
	unsigned int indent;
	bool bullet;            /* the next line is the first of a list's item */
	char section[PATH_LEN]; /* of the last line, below the scope: "otlp.tls." */
};

static void line_start(struct printer *printer, unsigned int depth)
{
	unsigned int indent = printer->indent + 2 * depth;

	if (printer->bullet)
		buffer_printf(&printer->out, "%*s- ", (int)indent - 2, "");
	else
		buffer_printf(&printer->out, "%*s", (int)indent, "");
	printer->bullet = false;
}

/*
 * Starts the line of the key at `path`: names the sections that the line before was
 * not in. A section's keys are neighbours in the table.
 */
static void key_start(struct printer *printer, const char *path)
{
	const char *name = path, *dot;
	unsigned int depth = 0;

	while ((dot = strchr(name, '.'))) {
		size_t length = (size_t)(dot + 1 - path);

		if (strncmp(printer->section, path, length)) {
			line_start(printer, depth);
			buffer_printf(&printer->out, "%.*s:\n", (int)(dot - name), name);
		}
		name = dot + 1;
		depth++;
	}
	snprintf(printer->section, sizeof(printer->section), "%.*s", (int)(name - path), path);
	line_start(printer, depth);
	buffer_printf(&printer->out, "%s:", name);
}

static void print_scope(struct printer *printer, const char *scope, const void *base);

/* An item of a list, one level below its key. */
static void print_item(struct printer *printer, const char *scope, const void *base)
{
	struct printer item = {.out = printer->out, .indent = printer->indent + 4, .bullet = true};

	print_scope(&item, scope, base);
	printer->out = item.out;
}

static void print_matches(struct printer *printer, const struct setting_key *key, const void *base)
{
	const struct target_match *matches =
		*(struct target_match *const *)((const char *)base + key->offset);
	size_t nr = *(const size_t *)((const char *)base + key->nr_offset);
	char scope[PATH_LEN];

	buffer_append_text(&printer->out, nr ? "\n" : " []\n");
	snprintf(scope, sizeof(scope), "%s[]", key->path);
	for (size_t i = 0; i < nr; i++)
		print_item(printer, scope, &matches[i]);
}

static void print_groups(struct printer *printer, const struct settings *settings)
{
	buffer_append_text(&printer->out, "\n");
	for (size_t i = 0; i < settings->nr_groups; i++)
		print_item(printer, "targets[]", &settings->groups[i]);
}

static bool is_left_out(const struct setting_key *key, const void *base)
{
	/* a pattern that is not given is no pattern: an item has one at least */
	return (key->type == SETTING_COMM || key->type == SETTING_GLOB ||
		key->type == SETTING_SELECTOR) &&
	       !**(char *const *)((const char *)base + key->offset);
}

static void print_scope(struct printer *printer, const char *scope, const void *base)
{
	size_t skipped = *scope ? strlen(scope) + 1 : 0;

	for (size_t i = 0; i < nr_setting_keys; i++) {
		const struct setting_key *key = &setting_keys[i];

		if (!setting_key_in_scope(key, scope) || is_left_out(key, base))
			continue;
		key_start(printer, key->path + skipped);
		if (key->type == SETTING_GROUPS) {
			print_groups(printer, base);
		} else if (key->type == SETTING_MATCHES) {
			print_matches(printer, key, base);
		} else {
			buffer_append_text(&printer->out, " ");
			setting_format(key, base, false, &printer->out);
			buffer_append_text(&printer->out, "\n");
		}
	}
}

int settings_print(FILE *out, const struct settings *settings)
{
	struct printer printer = {};
	int r;

	print_scope(&printer, "", settings);
	r = printer.out.error;
	if (!r && fwrite(printer.out.data, 1, printer.out.size, out) != printer.out.size)
		r = -EIO;
	buffer_done(&printer.out);
	return r;
}

int settings_fixed_changes(const struct settings *now, const struct settings *next,
			   struct text_list *ret_keys)
{
	_cleanup_(text_list_done) struct text_list keys = {};

	for (size_t i = 0; i < nr_setting_keys; i++) {
		_cleanup_(buffer_done) struct buffer before = {}, after = {};
		const struct setting_key *key = &setting_keys[i];

		if (!key->fixed)
			continue;
		if (setting_format(key, now, true, &before) ||
		    setting_format(key, next, true, &after))
			return -ENOMEM;
		if (before.size == after.size && !memcmp(before.data, after.data, after.size))
			continue;
		if (text_list_add(&keys, key->path))
			return -ENOMEM;
	}
	*ret_keys = keys;
	keys = (struct text_list){};
	return 0;
}
