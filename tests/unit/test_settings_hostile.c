/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Files meant to cost much, files that are none, and a bad one at a reload. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "settings_fixture.h"

/* Aliases are fine; what they could be made to cost is not paid. */
static void test_aliases(void **state)
{
	_cleanup_(loaded_done) struct loaded good =
		load_yaml("targets:\n"
			  "  - {name: a, thresholds: &strict {blocking_ms: 5}}\n"
			  "  - {name: b, thresholds: *strict}\n");
	_cleanup_(loaded_done) struct loaded itself =
		load_yaml("export: &a {otlp: *a, to: none}\n");
	_cleanup_(loaded_done) struct loaded list = load_yaml("targets: &a [*a, {name: *a}]\n");

	(void)state;
	assert_near(loaded_good(&good)->groups[1].thresholds.blocking_ms, 5, 0);
	assert_said(&itself, "export.otlp: unknown key \"otlp\"");
	assert_said(&list, "targets[0]: a list is where a mapping is due");
	assert_said(&list, "targets[1].name: a list is where a text is due");
}

static void test_laughs(void **state)
{
	_cleanup_(buffer_done) struct buffer yaml = {};
	_cleanup_(loaded_done) struct loaded loaded = {};

	(void)state;
	buffer_append_text(&yaml, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
	for (int i = 1; i < 30; i++) {
		buffer_printf(&yaml, "a%d: &a%d [", i, i);
		for (int j = 0; j < 10; j++)
			buffer_printf(&yaml, "*a%d, ", i - 1);
		buffer_append_text(&yaml, "]\n");
	}
	buffer_append_text(&yaml, "attributes: {keep: *a29}\n");
	loaded = load_bytes((char *)yaml.data, yaml.size);
	assert_said(&loaded, "attributes.keep[9]: a list is where a single value is due");
}

/* Each costs a comparison with all before it. */
static void test_anchors(void **state)
{
	_cleanup_(buffer_done) struct buffer yaml = {};
	_cleanup_(loaded_done) struct loaded loaded = {};

	(void)state;
	buffer_append_text(&yaml, "a: [");
	for (int i = 0; yaml.size < 1000000; i++)
		buffer_printf(&yaml, i % 2 ? "*a%d, " : "&a%d x, ", i / 2);
	buffer_append_text(&yaml, "]\n");
	loaded = load_bytes((char *)yaml.data, yaml.size);
	assert_int_equal(loaded.errors.nr, 1);
	assert_said(&loaded, "there are too many anchors and aliases");
}

/* So does each directive, whatever ends its line. */
static void test_directives(void **state)
{
	static const char *const ends[] = {"\n", "\r\n", "\r", "\xc2\x85", "\xe2\x80\xa8"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		_cleanup_(buffer_done) struct buffer yaml = {};
		_cleanup_(loaded_done) struct loaded loaded = {};

		for (int j = 0; yaml.size < 1000000; j++)
			buffer_printf(&yaml, "%%TAG !a%d! tag:x,2000:%s", j, ends[i]);
		buffer_append_text(&yaml, "---\n{}\n");
		loaded = load_bytes((char *)yaml.data, yaml.size);
		assert_said_only(&loaded, "test.yaml: there are too many %TAG directives");
	}
}

static void test_depth(void **state)
{
	static const char *const openings[] = {"[", "{a: ", "- ", "? "};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(openings); i++) {
		_cleanup_(buffer_done) struct buffer yaml = {};
		_cleanup_(loaded_done) struct loaded loaded = {};

		while (yaml.size < 1000000)
			buffer_append_text(&yaml, openings[i]);
		loaded = load_bytes((char *)yaml.data, yaml.size);
		assert_int_equal(loaded.errors.nr, 1);
		assert_said(&loaded, "this is nested too deeply");
	}
}

static void test_too_many(void **state)
{
	_cleanup_(buffer_done) struct buffer yaml = {};
	_cleanup_(loaded_done) struct loaded groups = {}, pairs = {}, items = {};

	(void)state;
	for (int i = 0; i < 65; i++)
		buffer_printf(&yaml, "%s{name: g%d}", i ? ", " : "targets: [", i);
	buffer_append_text(&yaml, "]\n");
	groups = load_bytes((char *)yaml.data, yaml.size);
	assert_said_only(&groups, "test.yaml:1:10: targets: has 65 items; allowed: up to 64");

	buffer_reset(&yaml);
	for (int i = 0; i < 65; i++)
		buffer_printf(&yaml, "%sk%d: v", i ? ", " : "attributes: {resource: {", i);
	buffer_append_text(&yaml, "}}\n");
	pairs = load_bytes((char *)yaml.data, yaml.size);
	assert_said(&pairs, "attributes.resource.k64: more than 64 are given");

	buffer_reset(&yaml);
	for (int i = 0; i < 257; i++)
		buffer_printf(&yaml, "%sk%d", i ? ", " : "attributes: {drop: [", i);
	buffer_append_text(&yaml, "]}\n");
	items = load_bytes((char *)yaml.data, yaml.size);
	assert_said_only(&items,
			 "test.yaml:1:20: attributes.drop: has 257 items; allowed: up to 256");
}

static void test_size(void **state)
{
	_cleanup_(freep) char *text = malloc(1024 * 1024 + 1);
	_cleanup_(loaded_done) struct loaded largest = {}, larger = {};

	(void)state;
	assert_non_null(text);
	memset(text, '\n', 1024 * 1024 + 1);
	largest = load_bytes(text, 1024 * 1024);
	assert_int_equal(largest.result, 0);
	larger = load_bytes(text, 1024 * 1024 + 1);
	assert_said_only(&larger, "test.yaml: the file is larger than 1 MiB");
}

static int load_file(const char *path, struct loaded *loaded)
{
	const struct settings_sources sources = {.file = path};

	loaded->result = settings_load(&sources, &loaded->settings, &loaded->errors);
	return loaded->result;
}

static void assert_file_error(const char *path, int error, const char *what)
{
	_cleanup_(loaded_done) struct loaded loaded = {};
	char line[256];

	assert_int_equal(load_file(path, &loaded), error);
	assert_int_equal(loaded.errors.nr, 1);
	snprintf(line, sizeof(line), "%s: %s", path, what);
	assert_string_equal(loaded.errors.lines[0], line);
}

static void write_file(const char *path, const char *text)
{
	_cleanup_(fclosep) FILE *file = fopen(path, "we");

	assert_non_null(file);
	fputs(text, file);
}

/* A reload is a second load: a bad file leaves what is in force as it was. */
static void test_files(void **state)
{
	char directory[] = "/tmp/loopscope-settings-XXXXXX", path[64], fifo[64];
	_cleanup_(loaded_done) struct loaded now = {}, next = {}, good = {};
	_cleanup_(freep) char *before = NULL, *after = NULL;

	(void)state;
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/a.yaml", directory);
	snprintf(fifo, sizeof(fifo), "%s/fifo", directory);
	assert_file_error(path, -ENOENT, "the file cannot be read: No such file or directory");
	assert_file_error(directory, -EISDIR, "the file cannot be read: Is a directory");
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_file_error(fifo, -EINVAL, "this is not a regular file");

	write_file(path, "limits: {loops: 7}\n");
	assert_int_equal(load_file(path, &now), 0);
	assert_int_equal(now.settings->max_loops, 7);
	before = printed(now.settings);
	write_file(path, "limits: {loops: 8, series: none}\n");
	assert_int_equal(load_file(path, &next), -EINVAL);
	assert_said(&next, "limits.series: \"none\" is not a whole number");
	after = printed(now.settings);
	assert_string_equal(after, before);
	write_file(path, "limits: {loops: 9}\n");
	assert_int_equal(load_file(path, &good), 0);
	assert_int_equal(good.settings->max_loops, 9);
	assert_int_equal(now.settings->max_loops, 7);
	unlink(path);
	unlink(fifo);
	rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_aliases), cmocka_unit_test(test_laughs),
		cmocka_unit_test(test_depth),   cmocka_unit_test(test_directives),
		cmocka_unit_test(test_anchors), cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_size),    cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests_name("settings_hostile", tests, NULL, NULL);
}
