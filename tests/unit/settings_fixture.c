/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "settings_fixture.h"

#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_flag(struct text_pairs *flags, const char *flag)
{
	_cleanup_(freep) char *key = strdup(flag);
	char *equals = strchr(key, '=');

	assert_non_null(equals);
	*equals = '\0';
	assert_int_equal(text_pairs_add(flags, key, equals + 1), 0);
}

static struct loaded load(const char *text, size_t size, const char *const *environ_,
			  const char *const *flags)
{
	struct settings_sources sources = {.file = "test.yaml", .environ_ = environ_};
	struct loaded loaded = {};

	for (; flags && *flags; flags++)
		add_flag(&sources.flags, *flags);
	loaded.result = settings_load_text(&sources, text, size, &loaded.settings, &loaded.errors);
	text_pairs_done(&sources.flags);
	if (loaded.result) {
		assert_null(loaded.settings);
		assert_true(loaded.errors.nr > 0);
	} else {
		assert_int_equal(loaded.errors.nr, 0);
	}
	return loaded;
}

struct loaded load_all(const char *yaml, const char *const *environ_, const char *const *flags)
{
	return load(yaml, strlen(yaml), environ_, flags);
}

struct loaded load_yaml(const char *yaml)
{
	return load(yaml, strlen(yaml), NULL, NULL);
}

struct loaded load_bytes(const char *text, size_t size)
{
	return load(text, size, NULL, NULL);
}

void loaded_done(struct loaded *loaded)
{
	settings_free(loaded->settings);
	settings_errors_done(&loaded->errors);
	*loaded = (struct loaded){};
}

static void print_lines(const struct loaded *loaded)
{
	for (size_t i = 0; i < loaded->errors.nr; i++)
		print_error("  %s\n", loaded->errors.lines[i]);
}

const struct settings *loaded_good(const struct loaded *loaded)
{
	if (loaded->result) {
		print_lines(loaded);
		fail_msg("the load fails with %d", loaded->result);
	}
	return loaded->settings;
}

bool loaded_says(const struct loaded *loaded, const char *piece)
{
	for (size_t i = 0; i < loaded->errors.nr; i++) {
		if (strstr(loaded->errors.lines[i], piece))
			return true;
	}
	return false;
}

void assert_said(const struct loaded *loaded, const char *piece)
{
	assert_int_equal(loaded->result, -EINVAL);
	if (loaded_says(loaded, piece))
		return;
	print_lines(loaded);
	fail_msg("no line says '%s'", piece);
}

void assert_said_only(const struct loaded *loaded, const char *line)
{
	assert_int_equal(loaded->result, -EINVAL);
	if (loaded->errors.nr == 1 && !strcmp(loaded->errors.lines[0], line))
		return;
	print_lines(loaded);
	fail_msg("it is not said '%s', and that alone", line);
}

char *printed(const struct settings *settings)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(settings_print(out, settings), 0);
	fclose(out);
	return text;
}
