/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What resources are made of: lists of attributes, os-release, instance ids, the host. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "identity/instance_id.h"
#include "identity/resource.h"

/* The set's texts as "k=v;k=v". */
static const char *shown(const struct attributes *set)
{
	static char text[1024];

	text[0] = '\0';
	for (size_t i = 0; i < set->nr; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s=%s", i ? ";" : "",
			 set->items[i].key, set->items[i].text);
	return text;
}

static void lists_are_parsed(void **state)
{
	static const struct {
		const char *text, *attributes; /* NULL: refused */
	} cases[] = {
		{"", ""},
		{"a=1", "a=1"},
		{"b=2,a=1", "a=1;b=2"},
		{" a = 1 2 ,\tb=\t", "a=1 2;b="},
		{"a=1,,b=2,", "a=1;b=2"},
		{"a=1,a=2", "a=2"},
		{"a=b=c", "a=b=c"},
		{"a=x%2Cy%3dz%25", "a=x,y=z%"},
		{"a%3db=%e2%82%ac", "a=b=\xe2\x82\xac"},
		{"a=1+2;c", "a=1+2;c"},
		{"a=%ff", "a=\xef\xbf\xbd"},
		{"\xff=1", "\xef\xbf\xbd=1"},
		{"a", NULL},
		{"a=1,b", NULL},
		{"=1", NULL},
		{" =1", NULL},
		{"a=1,b=%", NULL},
		{"a=1,b=%4", NULL},
		{"a=%zz", NULL},
		{"a=% 4", NULL},
		{"a=%00", NULL},
		{"%00=1", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct attributes set = {};
		int r = resource_parse_list(cases[i].text, &set);

		if (r != (cases[i].attributes ? 0 : -EINVAL))
			fail_msg("'%s': %d", cases[i].text, r);
		assert_string_equal(shown(&set), cases[i].attributes ?: "");
		attributes_done(&set);
	}
}

static void lists_replace_or_leave(void **state)
{
	struct attributes set = {};

	(void)state;
	assert_int_equal(resource_parse_list("a=1,b=2", &set), 0);
	assert_int_equal(resource_parse_list("a=3,c=4", &set), 0);
	assert_int_equal(resource_parse_list("a=5,c", &set), -EINVAL);
	assert_string_equal(shown(&set), "a=3;b=2;c=4");
	attributes_done(&set);
}

static void long_lists_are_bounded(void **state)
{
	char text[16384] = "";
	struct attributes set = {};

	(void)state;
	for (int i = 0; i < 1000; i++)
		sprintf(text + strlen(text), "k%d=%d,", i, i);
	assert_int_equal(resource_parse_list(text, &set), 0);
	assert_int_equal(set.nr, ATTRIBUTES_MAX);
	attributes_done(&set);
}

static void os_release_is_parsed(void **state)
{
	struct attributes set = {};

	(void)state;
	assert_int_equal(resource_parse_os_release(
				 "# a comment\n\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n"
				 "NAME='Debian GNU/Linux'\nXNAME=no\nVERSION_ID=12\nVERSION=no\n"
				 "BUILD_ID=\"a \\\"b\\\" \\$c\" # rest",
				 &set),
			 0);
	assert_string_equal(shown(&set),
			    "os.build_id=a \"b\" $c;os.description=Debian GNU/Linux 12 (bookworm);"
			    "os.name=Debian GNU/Linux;os.version=12");
	attributes_done(&set);
	assert_int_equal(resource_parse_os_release("NAME=\"\"\nNAME=\"a\nVERSION_ID=\\", &set), 0);
	assert_string_equal(shown(&set), "os.name=a;os.version=\\");
	attributes_done(&set);
}

static void instance_ids_are_uuids(void **state)
{
	static const unsigned char boot[INSTANCE_ID_BOOT_LEN] = {0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc,
								 0x4e, 0xf0, 0xa1, 0x23, 0x45, 0x67,
								 0x89, 0xab, 0xcd, 0xef};
	char id[INSTANCE_ID_LEN], same[INSTANCE_ID_LEN];

	(void)state;
	/* process 0 of tick 0 hashes to 0: the boot's own bits, version and variant apart */
	instance_id_format(boot, 0, 0, id);
	assert_string_equal(id, "12345678-9abc-8ef0-a123-456789abcdef");
	instance_id_format(boot, 1, 0, id);
	assert_string_equal(id + 19, "a123-456789abcdee");
	for (pid_t pid = 1; pid < 4194304; pid = pid * 3 + 1) {
		instance_id_format(boot, pid, 1000000000, id);
		instance_id_format(boot, pid, 1000000000, same);
		assert_string_equal(id, same);
		assert_int_equal(strlen(id), INSTANCE_ID_LEN - 1);
		assert_int_equal(id[14], '8');
		assert_non_null(strchr("89ab", id[19]));
	}
}

static int compare_ids(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* No two processes of a boot share one, nor do two look alike at their start. */
static void instance_ids_are_unique(void **state)
{
	enum { NR = 20000 };
	static char ids[NR][INSTANCE_ID_LEN];
	int nr_alike = 0;

	(void)state;
	for (int i = 0; i < NR; i++)
		instance_id_of_process(1 + i % 200, 360000 + i / 200, ids[i]);
	qsort(ids, NR, sizeof(*ids), compare_ids);
	for (int i = 1; i < NR; i++) {
		assert_string_not_equal(ids[i - 1], ids[i]);
		nr_alike += strncmp(ids[i - 1], ids[i], 8) == 0;
	}
	assert_in_range(nr_alike, 0, 5);
}

static void host_is_described(void **state)
{
	struct attributes set = {};

	(void)state;
	assert_int_equal(resource_of_host(&set), 0);
	assert_string_equal(attributes_get_text(&set, "os.type"), "linux");
	assert_non_null(attributes_get_text(&set, "host.name"));
#ifdef __x86_64__
	assert_string_equal(attributes_get_text(&set, "host.arch"), "amd64");
#endif
	if (attributes_get(&set, "host.id"))
		assert_int_equal(strlen(attributes_get_text(&set, "host.id")), 32);
	assert_non_null(attributes_get_text(&set, "os.name"));
	assert_non_null(attributes_get_text(&set, "os.description"));
	attributes_done(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_parsed),       cmocka_unit_test(lists_replace_or_leave),
		cmocka_unit_test(long_lists_are_bounded), cmocka_unit_test(os_release_is_parsed),
		cmocka_unit_test(instance_ids_are_uuids), cmocka_unit_test(instance_ids_are_unique),
		cmocka_unit_test(host_is_described),
	};

	return cmocka_run_group_tests_name("resource", tests, NULL, NULL);
}
