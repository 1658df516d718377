/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Label selectors: what matches what, as kubectl has it, and what is wrong with wrong ones. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "config/label_selector.h"
#include "config/label_syntax.h"

/* Pairs of key and value, up to NULL. */
static const char *value_of(const void *object, const char *key)
{
	for (const char *const *pair = object; *pair; pair += 2) {
		if (strcmp(pair[0], key) == 0)
			return pair[1];
	}
	return NULL;
}

static const char *const web[] = {
	"app",   "web",  "tier", "front", "example.com/track", "", "cores", "8", "in",
	"notin", "part", "a.b",  NULL,
};
static const char *const nothing[] = {NULL};

static bool matches(const char *text, const char *const *labels)
{
	_cleanup_(label_selector_freep) struct label_selector *selector = NULL;
	char error[LABEL_SELECTOR_ERROR_LEN] = "";

	if (label_selector_parse(text, &selector, error))
		fail_msg("'%s': %s", text, error);
	return label_selector_matches(selector, value_of, labels);
}

static void selectors_match(void **state)
{
	static const char *const texts[] = {
		"",
		" \t\n",
		"app",
		"app=web",
		"app==web",
		" app = web ",
		"app=web,tier=front",
		"app in (web)",
		"app in(web,db)",
		"app in ( db , web )",
		"app notin (db)",
		"nothere notin (db)",
		"app!=db",
		"nothere!=db",
		"!nothere",
		"! nothere",
		"!nothere,app",
		"example.com/track",
		"example.com/track=",
		"example.com/track=,app=web",
		"example.com/track in (,)",
		"example.com/track in (x,)",
		"example.com/track in ()",
		"app!=",
		"nothere!=",
		"cores>7",
		"cores > 7, cores < 9",
		"in",
		"in in (notin)",
		"in=notin",
		"app notin (in,notin)",
		"part=a.b",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		if (!matches(texts[i], web))
			fail_msg("'%s' does not match", texts[i]);
	}
}

static void selectors_do_not_match(void **state)
{
	static const char *const texts[] = {
		"app=db",
		"app=we",
		"app=webs",
		"App=web",
		"app=",
		"nothere",
		"nothere=",
		"!app",
		"app!=web",
		"app=web,tier=back",
		"app in (db,cache)",
		"app in (,)",
		"app notin (db,web)",
		"example.com/track!=",
		"track",
		"cores>8",
		"cores<8",
		"app>1",
		"nothere<5",
		"nothere>5",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		if (matches(texts[i], web))
			fail_msg("'%s' matches", texts[i]);
	}
	assert_false(matches("app", nothing));
	assert_true(matches("!app,app notin (web)", nothing));
}

static void errors_tell_where_and_what(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{"app=web tier=front", "at character 9, 'tier': ',' is expected"},
		{"app=web,", "at its end: a label's key is expected"},
		{",app", "at character 1, ',': a label's key is expected"},
		{"app=web,,tier", "at character 9, ',': a label's key is expected"},
		{"=web", "at character 1, '=': a label's key is expected"},
		{"!", "at its end: a label's key is expected"},
		{"!app=web", "at character 5, '=': ',' is expected"},
		{"!!app", "at character 2, '!': a label's key is expected"},
		{"app===web", "at character 6, '=': ',' is expected"},
		{"app web", "at character 5, 'web': one of = == != in notin > < is expected, "
			    "or ','"},
		{"app in web", "at character 8, 'web': values in parentheses are expected, like: "
			       "in (a,b)"},
		{"app in", "at its end: values in parentheses are expected, like: in (a,b)"},
		{"app in (a", "at its end: ',' or ')' is expected"},
		{"app in (a b)", "at character 11, 'b': ',' or ')' is expected"},
		{"app in (a))", "at character 11, ')': ',' is expected"},
		{"cores>many", "at character 7, 'many': a whole number is expected"},
		{"cores>", "at its end: a whole number is expected"},
		{"-app=web", "at character 1, '-app': no label's key: "},
		{"a/b/c=web", "at character 1, 'a/b/c': no label's key: "},
		{"Example.com/app", "at character 1, 'Example.com/app': no label's key: "},
		{"app=web*", "at character 5, 'web*': no label's value: "},
		{"app=\"web\"", "at character 5, '\"web\"': no label's value: "},
		{"app=w\xc3\xa9\x1b", "at character 5, 'w\?\?\?': no label's value: "},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct label_selector *selector = NULL;
		char error[LABEL_SELECTOR_ERROR_LEN] = "";

		assert_int_equal(label_selector_parse(cases[i].text, &selector, error), -EINVAL);
		assert_null(selector);
		if (strncmp(error, cases[i].error, strlen(cases[i].error)) != 0)
			fail_msg("'%s': %s", cases[i].text, error);
	}
	label_selector_free(NULL);
}

/* "k0,k1,..." or "k in (v0,v1,...)", so many of them. */
static int parse_many(const char *begin, const char *end, int nr)
{
	_cleanup_(label_selector_freep) struct label_selector *selector = NULL;
	char text[4096], error[LABEL_SELECTOR_ERROR_LEN];
	int length = snprintf(text, sizeof(text), "%s", begin);

	for (int i = 0; i < nr; i++)
		length += snprintf(text + length, sizeof(text) - length, "%sw%d", i ? "," : "", i);
	snprintf(text + length, sizeof(text) - length, "%s", end);
	return label_selector_parse(text, &selector, error);
}

static void terms_and_values_are_bounded(void **state)
{
	(void)state;
	assert_int_equal(parse_many("", "", LABEL_SELECTOR_MAX_TERMS), 0);
	assert_int_equal(parse_many("", "", LABEL_SELECTOR_MAX_TERMS + 1), -EINVAL);
	assert_int_equal(parse_many("k in (", ")", LABEL_SELECTOR_MAX_VALUES), 0);
	assert_int_equal(parse_many("k in (", ")", LABEL_SELECTOR_MAX_VALUES + 1), -EINVAL);
}

static bool is_key(const char *text)
{
	return label_is_key(text, strlen(text));
}

static bool is_value(const char *text)
{
	return label_is_value(text, strlen(text));
}

static void keys_and_values_have_their_syntax(void **state)
{
	char name[65], prefix[256 + 2];

	(void)state;
	memset(name, 'n', sizeof(name));
	name[64] = '\0';
	assert_false(is_key(name));
	assert_false(is_value(name));
	name[63] = '\0';
	assert_true(is_key(name));
	assert_true(is_value(name));
	memset(prefix, 'p', sizeof(prefix));
	strcpy(prefix + 254, "/n");
	assert_false(is_key(prefix));
	strcpy(prefix + 253, "/n");
	assert_true(is_key(prefix));
	assert_true(is_key("a.b-c.example/A_b.c-d"));
	assert_false(is_key(""));
	assert_false(is_key("/a"));
	assert_false(is_key("a/"));
	assert_false(is_key("a..b/c"));
	assert_false(is_key("a.-b/c"));
	assert_false(is_key("a_b/c"));
	assert_false(is_key("a."));
	assert_true(is_value(""));
	assert_false(is_value("a-"));
	assert_false(is_value("_a"));
	assert_false(is_value("a/b"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(selectors_match),
		cmocka_unit_test(selectors_do_not_match),
		cmocka_unit_test(errors_tell_where_and_what),
		cmocka_unit_test(terms_and_values_are_bounded),
		cmocka_unit_test(keys_and_values_have_their_syntax),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
