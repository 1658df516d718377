/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Sets of attributes: order, replacement, bounds, repair of texts, filters. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "identity/attributes.h"

static void assert_texts(const struct attribute *attribute, const char *const *texts, size_t nr)
{
	assert_int_equal(attribute->type, ATTRIBUTE_TEXTS);
	assert_int_equal(attribute->texts.nr, nr);
	for (size_t i = 0; i < nr; i++)
		assert_string_equal(attribute->texts.items[i], texts[i]);
}

static void keys_are_sorted_and_unique(void **state)
{
	static const char *const keys[] = {"m", "a", "z", "b", "m", "aa"};
	static const char *const sorted[] = {"a", "aa", "b", "m", "z"};
	struct attributes set = {};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		assert_int_equal(attributes_put_integer(&set, keys[i], (int)i), 0);
	assert_int_equal(set.nr, ARRAY_SIZE(sorted));
	for (size_t i = 0; i < set.nr; i++)
		assert_string_equal(set.items[i].key, sorted[i]);
	assert_int_equal(attributes_get(&set, "m")->integer, 4);
	assert_null(attributes_get(&set, "n"));
	attributes_done(&set);
	assert_int_equal(set.nr, 0);
	assert_null(set.items);
}

static void every_type_is_copied(void **state)
{
	char text[] = "text", first[] = "one", second[] = "";
	const char *items[] = {first, second};
	const struct attribute array = {
		.key = "texts", .type = ATTRIBUTE_TEXTS, .texts = {items, ARRAY_SIZE(items)}};
	const struct attribute number = {.key = "d", .type = ATTRIBUTE_DOUBLE, .number = 0.5};
	struct attributes set = {};

	(void)state;
	assert_int_equal(attributes_put_text(&set, "t", text), 0);
	assert_int_equal(attributes_put_integer(&set, "i", INT64_MIN), 0);
	assert_int_equal(attributes_put(&set, &ATTRIBUTE_OF_BOOLEAN("b", true)), 0);
	assert_int_equal(attributes_put(&set, &number), 0);
	assert_int_equal(attributes_put(&set, &array), 0);
	/* the set owns what it holds */
	strcpy(text, "?");
	strcpy(first, "?");
	assert_string_equal(attributes_get_text(&set, "t"), "text");
	assert_true(attributes_get(&set, "i")->integer == INT64_MIN);
	assert_true(attributes_get(&set, "b")->boolean);
	assert_true(attribute_equal(attributes_get(&set, "d"), &number));
	assert_texts(attributes_get(&set, "texts"), (const char *[]){"one", ""}, 2);
	/* a text by type only */
	assert_null(attributes_get_text(&set, "i"));
	assert_null(attributes_get_text(&set, "texts"));
	/* replaced by one of another type, and by itself */
	assert_int_equal(attributes_put_text(&set, "texts", "now one"), 0);
	assert_int_equal(attributes_put(&set, attributes_get(&set, "texts")), 0);
	assert_string_equal(attributes_get_text(&set, "texts"), "now one");
	assert_int_equal(set.nr, 5);
	attributes_done(&set);
}

static void empty_keys_are_refused(void **state)
{
	struct attributes set = {};

	(void)state;
	assert_int_equal(attributes_put_text(&set, "", "value"), -EINVAL);
	assert_int_equal(attributes_put_text(&set, "key", ""), 0);
	assert_string_equal(attributes_get_text(&set, "key"), "");
	assert_int_equal(set.nr, 1);
	attributes_done(&set);
}

static void sets_are_bounded(void **state)
{
	struct attributes set = {}, more = {};
	char key[16];

	(void)state;
	for (int i = 0; i < ATTRIBUTES_MAX; i++) {
		snprintf(key, sizeof(key), "key%03d", i);
		assert_int_equal(attributes_put_integer(&set, key, i), 0);
	}
	assert_int_equal(attributes_put_text(&set, "a", "more"), -E2BIG);
	assert_int_equal(set.nr, ATTRIBUTES_MAX);
	assert_int_equal(set.nr_left_out, 1);
	/* there is always room for one that is replaced */
	assert_int_equal(attributes_put_integer(&set, "key000", -1), 0);
	assert_int_equal(attributes_get(&set, "key000")->integer, -1);
	assert_int_equal(attributes_put_integer(&more, "key001", -1), 0);
	assert_int_equal(attributes_put_integer(&more, "other", -1), 0);
	assert_int_equal(attributes_add_missing(&set, &more), -E2BIG);
	assert_int_equal(set.nr_left_out, 2);
	assert_int_equal(attributes_get(&set, "key001")->integer, 1);
	attributes_done(&set);
	attributes_done(&more);
}

static void texts_are_repaired(void **state)
{
	struct attributes set = {};

	(void)state;
	assert_int_equal(attributes_put_text(&set, "k\xff", "a\x80z \xe2\x82\xac \xed\xa0\x80"), 0);
	assert_string_equal(set.items[0].key, "k\xef\xbf\xbd");
	assert_string_equal(set.items[0].text, "a\xef\xbf\xbdz \xe2\x82\xac "
					       "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	attributes_done(&set);
}

/* Texts of characters of three bytes, which no bound is a multiple of. */
static void texts_are_cut_at_a_character(void **state)
{
	static char text[3 * 3000 + 1], key[3 * 200 + 1];
	struct attributes set = {};

	(void)state;
	for (size_t i = 0; i < sizeof(text) - 1; i++)
		text[i] = "\xe2\x82\xac"[i % 3];
	memcpy(key, text, sizeof(key) - 1);
	assert_int_equal(attributes_put_text(&set, key, text), 0);
	assert_int_equal(strlen(set.items[0].text), ATTRIBUTE_MAX_TEXT / 3 * 3);
	assert_int_equal(strlen(set.items[0].key), ATTRIBUTE_MAX_KEY / 3 * 3);
	assert_memory_equal(set.items[0].text, text, ATTRIBUTE_MAX_TEXT / 3 * 3);
	/* repair makes three bytes of one */
	memset(text, 0xff, sizeof(text) - 1);
	assert_int_equal(attributes_put_text(&set, "k", text), 0);
	assert_int_equal(strlen(attributes_get_text(&set, "k")), ATTRIBUTE_MAX_TEXT / 3 * 3);
	/* one that just fits */
	memset(text, 'x', ATTRIBUTE_MAX_TEXT);
	text[ATTRIBUTE_MAX_TEXT] = '\0';
	assert_int_equal(attributes_put_text(&set, "k", text), 0);
	assert_string_equal(attributes_get_text(&set, "k"), text);
	attributes_done(&set);
}

static void arrays_are_bounded(void **state)
{
	static char text[ATTRIBUTE_MAX_TEXT / 2 + 2];
	const char *items[ATTRIBUTE_MAX_TEXTS + 1];
	struct attribute array = {.key = "k", .type = ATTRIBUTE_TEXTS, .texts = {items, 3}};
	const struct attribute *put;
	struct attributes set = {};

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	items[0] = items[1] = items[2] = text;
	assert_int_equal(attributes_put(&set, &array), 0);
	put = attributes_get(&set, "k");
	assert_int_equal(strlen(put->texts.items[0]), ATTRIBUTE_MAX_TEXT / 2 + 1);
	assert_int_equal(strlen(put->texts.items[1]), ATTRIBUTE_MAX_TEXT / 2 - 1);
	assert_int_equal(strlen(put->texts.items[2]), 0);
	for (size_t i = 0; i < ARRAY_SIZE(items); i++)
		items[i] = "y";
	array.texts.nr = ARRAY_SIZE(items);
	assert_int_equal(attributes_put(&set, &array), 0);
	put = attributes_get(&set, "k");
	assert_int_equal(put->texts.nr, ATTRIBUTE_MAX_TEXTS);
	assert_string_equal(put->texts.items[ATTRIBUTE_MAX_TEXTS - 1], "y");
	array.texts.nr = 0;
	assert_int_equal(attributes_put(&set, &array), 0);
	assert_int_equal(attributes_get(&set, "k")->texts.nr, 0);
	attributes_done(&set);
}

static void missing_ones_are_added(void **state)
{
	struct attributes set = {}, from = {};

	(void)state;
	attributes_put_text(&set, "both", "mine");
	attributes_put_text(&from, "both", "other");
	attributes_put_text(&from, "new", "other");
	assert_int_equal(attributes_add_missing(&set, &from), 0);
	assert_int_equal(attributes_add_missing(&set, &set), 0);
	attributes_done(&from);
	assert_int_equal(set.nr, 2);
	assert_string_equal(attributes_get_text(&set, "both"), "mine");
	assert_string_equal(attributes_get_text(&set, "new"), "other");
	attributes_done(&set);
}

static void put_for_filter(struct attributes *set)
{
	attributes_put_text(set, "host.id", "");
	attributes_put_text(set, "host.name", "");
	attributes_put_text(set, "process.pid", "");
	attributes_put_text(set, "service.name", "");
}

static void filters_keep_and_drop(void **state)
{
	char *host[] = {"host.*"}, *two[] = {"service.name", "host.i?"}, *all[] = {"*"};
	struct attributes set = {};

	(void)state;
	put_for_filter(&set);
	attributes_filter(&set, NULL, 0, NULL, 0);
	assert_int_equal(set.nr, 4);
	attributes_filter(&set, NULL, 0, host, 1);
	assert_int_equal(set.nr, 2);
	assert_non_null(attributes_get(&set, "process.pid"));
	put_for_filter(&set);
	attributes_filter(&set, two, 2, NULL, 0);
	assert_int_equal(set.nr, 2);
	assert_non_null(attributes_get(&set, "host.id"));
	assert_non_null(attributes_get(&set, "service.name"));
	/* what is dropped is dropped, kept or not */
	put_for_filter(&set);
	attributes_filter(&set, all, 1, host, 1);
	assert_int_equal(set.nr, 2);
	attributes_filter(&set, NULL, 0, all, 1);
	assert_int_equal(set.nr, 0);
	attributes_done(&set);
}

static void equal_is_key_type_and_value(void **state)
{
	const char *one[] = {"a", "b"}, *two[] = {"a", "c"};
	const struct attribute different[] = {
		ATTRIBUTE_OF_TEXT("k", "1"),
		ATTRIBUTE_OF_TEXT("k", "2"),
		ATTRIBUTE_OF_TEXT("l", "1"),
		ATTRIBUTE_OF_INTEGER("k", 1),
		ATTRIBUTE_OF_INTEGER("k", 2),
		ATTRIBUTE_OF_BOOLEAN("k", true),
		ATTRIBUTE_OF_BOOLEAN("k", false),
		{.key = "k", .type = ATTRIBUTE_DOUBLE, .number = 1},
		{.key = "k", .type = ATTRIBUTE_DOUBLE, .number = NAN},
		{.key = "k", .type = ATTRIBUTE_TEXTS, .texts = {one, 1}},
		{.key = "k", .type = ATTRIBUTE_TEXTS, .texts = {one, 2}},
		{.key = "k", .type = ATTRIBUTE_TEXTS, .texts = {two, 2}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(different); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(different); j++)
			assert_int_equal(attribute_equal(&different[i], &different[j]), i == j);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_sorted_and_unique),
		cmocka_unit_test(every_type_is_copied),
		cmocka_unit_test(empty_keys_are_refused),
		cmocka_unit_test(sets_are_bounded),
		cmocka_unit_test(texts_are_repaired),
		cmocka_unit_test(texts_are_cut_at_a_character),
		cmocka_unit_test(arrays_are_bounded),
		cmocka_unit_test(missing_ones_are_added),
		cmocka_unit_test(filters_keep_and_drop),
		cmocka_unit_test(equal_is_key_type_and_value),
	};

	return cmocka_run_group_tests_name("attributes", tests, NULL, NULL);
}
