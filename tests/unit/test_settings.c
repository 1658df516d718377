/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Every key of the configuration: a good value lands in its field, wrong ones are
 * refused at the place where they stand, and without it the field has its default.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/settings/settings_keys.h"
#include "settings_fixture.h"
#include "settings_rows.h"

#define DEFINE_ROW(id, path, value, good, fallback, ...)    \
	static bool good_##id(const struct settings *s)     \
	{                                                   \
		return good;                                \
	}                                                   \
	static bool fallback_##id(const struct settings *s) \
	{                                                   \
		(void)s;                                    \
		return fallback;                            \
	}                                                   \
	static const char *const wrong_##id[] = {__VA_ARGS__, NULL};

KEYS(DEFINE_ROW)

static const struct row {
	const char *path, *value;
	bool (*good)(const struct settings *s);
	bool (*fallback)(const struct settings *s);
	const char *const *wrong; /* value and what is said of it, in turn */
} rows[] = {
#define ROW(id, path, value, good, fallback, ...) \
	{path, value, good_##id, fallback_##id, wrong_##id},
	KEYS(ROW)};

/* "a.b[].c" and a value as {a: {b: [{c: value}]}}, in one line; where the value begins in it. */
static size_t yaml_of(const char *path, const char *value, char *yaml, size_t size)
{
	char closing[64] = "}";
	size_t at = (size_t)snprintf(yaml, size, "{"), column;

	for (const char *part = path;;) {
		size_t length = strcspn(part, ".[");
		bool list = part[length] == '[';

		at += (size_t)snprintf(yaml + at, size - at, "%.*s: ", (int)length, part);
		part += length + (list ? 2 : 0);
		if (!*part)
			break;
		at += (size_t)snprintf(yaml + at, size - at, list ? "[{" : "{");
		memmove(closing + (list ? 2 : 1), closing, strlen(closing) + 1);
		memcpy(closing, list ? "}]" : "}", list ? 2 : 1);
		part++;
		/* groups have names */
		if (list && part == path + strlen("targets[].") && strcmp(part, "name"))
			at += (size_t)snprintf(yaml + at, size - at, "name: g, ");
	}
	column = at + 1;
	snprintf(yaml + at, size - at, "%s%s", value, closing);
	return column;
}

static void test_every_key_has_a_row(void **state)
{
	(void)state;
	assert_int_equal(ARRAY_SIZE(rows), nr_setting_keys);
	for (size_t i = 0; i < nr_setting_keys; i++)
		assert_string_equal(rows[i].path, setting_keys[i].path);
}

static void test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(loaded_done) struct loaded loaded = {};
		char yaml[512];

		yaml_of(rows[i].path, rows[i].value, yaml, sizeof(yaml));
		loaded = load_yaml(yaml);
		if (!rows[i].good(loaded_good(&loaded)))
			fail_msg("%s does not arrive", yaml);
	}
}

static void test_missing(void **state)
{
	_cleanup_(loaded_done) struct loaded loaded = load_yaml("");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!rows[i].fallback(loaded_good(&loaded)))
			fail_msg("%s has another default", rows[i].path);
	}
}

/* `key:` with nothing behind it is as if it were not there. */
static void test_null(void **state)
{
	static const char *const nulls[] = {"", "~", "null"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(loaded_done) struct loaded loaded = {};
		char yaml[512];

		if (strchr(rows[i].path, '['))
			continue; /* an item without a name or a pattern is none */
		yaml_of(rows[i].path, nulls[i % ARRAY_SIZE(nulls)], yaml, sizeof(yaml));
		loaded = load_yaml(yaml);
		if (!rows[i].fallback(loaded_good(&loaded)))
			fail_msg("%s is not the default", yaml);
	}
}

/* "targets[].x" as errors have it: "targets[0].x". */
static void label_of(const char *path, char label[128])
{
	for (; *path; path++) {
		*label++ = *path;
		if (*path == '[')
			*label++ = '0';
	}
	*label = '\0';
}

static void test_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		for (const char *const *wrong = rows[i].wrong; *wrong; wrong += 2) {
			_cleanup_(loaded_done) struct loaded loaded = {};
			char yaml[512], label[128], place[256];
			size_t column = yaml_of(rows[i].path, wrong[0], yaml, sizeof(yaml));

			label_of(rows[i].path, label);
			snprintf(place, sizeof(place), "test.yaml:1:%zu: %s: ", column, label);
			loaded = load_yaml(yaml);
			if (loaded.result && loaded.errors.nr == 1 &&
			    !strncmp(loaded.errors.lines[0], place, strlen(place)) &&
			    strstr(loaded.errors.lines[0] + strlen(place), wrong[1]))
				continue;
			for (size_t j = 0; j < loaded.errors.nr; j++)
				print_error("  %s\n", loaded.errors.lines[j]);
			fail_msg("%s is not answered by one line '%s... %s'", yaml, place,
				 wrong[1]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_key_has_a_row),
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_null),
		cmocka_unit_test(test_wrong),
	};

	return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
