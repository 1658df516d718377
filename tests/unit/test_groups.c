/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which loops a pattern takes, and which group has a loop. */
#include "unit.h"

#include <stdbool.h>
#include <string.h>

#include "agent/groups.h"

#define ID "3f2a9c0b17de4c55a1b2c3d4e5f60718293a4b5c6d7e8f901234567890abcdef"

static const struct group_subject redis = {
	.thread = "io_thd_1",
	.process = "redis-server",
	.executable = "/usr/bin/redis-check-rdb",
	.cgroup = "/system.slice/redis-server.service",
	.container = "",
};

static const struct group_subject node = {
	.thread = "node",
	.process = "node",
	.executable = "/usr/local/bin/node (deleted)",
	.cgroup = "/kubepods.slice/kubepods-pod1.slice/cri-" ID ".scope",
	.container = ID,
};

static const struct group_subject unknown = {
	.thread = "x",
	.process = "y",
	.executable = "",
	.cgroup = "",
	.container = "",
};

static const struct group_subject in_root = {
	.thread = "sh",
	.process = "sh",
	.executable = "/bin/sh",
	.cgroup = "/",
	.container = "",
};

/* Key 'c'omm, 'e'xecutable, c'g'roup, c'o'ntainer, and the pattern. */
struct pattern_case {
	char key;
	const char *pattern;
	const struct group_subject *subject;
	bool matches;
};

static const struct pattern_case patterns[] = {
	{'c', "redis-server", &redis, true},
	{'c', "redis*", &redis, true},
	{'c', "io_thd_?", &redis, true}, /* the thread's name */
	{'c', "io_thd_[23]", &redis, false},
	{'c', "redis", &redis, false},
	{'c', "*", &unknown, true},
	{'e', "redis-check-rdb", &redis, true},
	{'e', "redis-*", &redis, true},
	{'e', "bin", &redis, false},
	{'e', "/usr/bin/redis-check-rdb", &redis, true},
	{'e', "/usr/*", &redis, true}, /* a * takes slashes */
	{'e', "*/redis-check-rdb", &redis, true},
	{'e', "usr/bin/redis-check-rdb", &redis, false},
	{'e', "node", &node, true}, /* replaced since it was started */
	{'e', "/usr/local/bin/node", &node, true},
	{'e', "*", &unknown, false},
	{'g', "/system.slice/redis-server.service", &redis, true},
	{'g', "system.slice/redis-server.service", &redis, true},
	{'g', "/system.slice", &redis, true},
	{'g', "system.slice", &redis, true},
	{'g', "/system", &redis, false},
	{'g', "redis-server.service", &redis, false},
	{'g', "*/redis-server.service", &redis, true},
	{'g', "system.*", &redis, true},
	{'g', "kubepods.slice/kubepods-pod?.slice", &node, true},
	{'g', "/", &redis, true},
	{'g', "/", &in_root, true},
	{'g', "*", &in_root, true},
	{'g', "system.slice", &in_root, false},
	{'g', "/", &unknown, false},
	{'g', "*", &unknown, false},
	{'o', ID, &node, true},
	{'o', "3f2a*", &node, true},
	{'o', "3f2a9c0b17de", &node, true}, /* as `docker ps` has it */
	{'o', "3f2a9c0b17df", &node, false},
	{'o', "3f2a", &node, false},
	{'o', "*", &node, true},
	{'o', "*", &redis, false},
	{'o', ID, &redis, false},
};

static struct target_match match_of(char key, const char *pattern)
{
	struct target_match match = {.comm = "", .executable = "", .cgroup = "", .container = ""};

	switch (key) {
	case 'c':
		match.comm = (char *)pattern;
		break;
	case 'e':
		match.executable = (char *)pattern;
		break;
	case 'g':
		match.cgroup = (char *)pattern;
		break;
	default:
		match.container = (char *)pattern;
		break;
	}
	return match;
}

static void test_patterns(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++) {
		struct target_match match = match_of(patterns[i].key, patterns[i].pattern);
		struct target_group group = {.include = &match, .nr_include = 1};
		struct settings settings = {.groups = &group, .nr_groups = 1};
		int found = groups_match(&settings, patterns[i].subject);

		if (found != (patterns[i].matches ? 0 : GROUP_NONE))
			fail_msg("%c '%s' and %s: %d", patterns[i].key, patterns[i].pattern,
				 patterns[i].subject->process, found);
	}
}

static void test_all_patterns_of_one_must_match(void **state)
{
	struct target_match match = {.comm = "redis-server",
				     .executable = "redis-check-rdb",
				     .cgroup = "/system.slice",
				     .container = ""};
	struct target_group group = {.include = &match, .nr_include = 1};
	struct settings settings = {.groups = &group, .nr_groups = 1};

	(void)state;
	assert_int_equal(groups_match(&settings, &redis), 0);
	match.cgroup = "/user.slice";
	assert_int_equal(groups_match(&settings, &redis), GROUP_NONE);
}

/* The first that includes and does not exclude; no include at all is everything. */
static void test_order_of_groups(void **state)
{
	struct target_match caches[] = {match_of('c', "memcached"), match_of('c', "redis*")};
	struct target_match pods[] = {match_of('g', "kubepods.slice")};
	struct target_match shells[] = {match_of('e', "/bin/sh")};
	struct target_group groups[] = {
		{.include = caches, .nr_include = 2},
		{.include = pods, .nr_include = 1},
		{.exclude = shells, .nr_exclude = 1},
	};
	struct settings settings = {.groups = groups, .nr_groups = 3};

	(void)state;
	assert_int_equal(groups_match(&settings, &redis), 0);
	assert_int_equal(groups_match(&settings, &node), 1);
	assert_int_equal(groups_match(&settings, &unknown), 2);
	assert_int_equal(groups_match(&settings, &in_root), GROUP_NONE);

	/* excluded from the first, it goes on to the next */
	groups[0].exclude = (struct target_match[]){match_of('c', "io_thd_*")};
	groups[0].nr_exclude = 1;
	assert_int_equal(groups_match(&settings, &redis), 2);

	settings.nr_groups = 0;
	assert_int_equal(groups_match(&settings, &redis), GROUP_NONE);
}

/* Only where every way in asks for a name that it has not. */
static void test_excluded_by_name(void **state)
{
	struct target_match caches[] = {match_of('c', "memcached"), match_of('c', "io_*")};
	struct target_match pods[] = {match_of('g', "kubepods.slice")};
	struct target_group groups[] = {{.include = caches, .nr_include = 2},
					{.include = caches, .nr_include = 1}};
	struct settings settings = {.groups = groups, .nr_groups = 2};

	(void)state;
	assert_true(groups_exclude_by_name(&settings, &node));
	assert_false(groups_exclude_by_name(&settings, &redis)); /* its thread's name */
	groups[1] = (struct target_group){.include = pods, .nr_include = 1};
	assert_false(groups_exclude_by_name(&settings, &node));
	groups[1] = (struct target_group){.exclude = caches, .nr_exclude = 1};
	assert_false(groups_exclude_by_name(&settings, &node));
	settings.nr_groups = 0;
	assert_true(groups_exclude_by_name(&settings, &node));
}

/* Paths longer than any real one are cut, not overrun. */
static void test_long_paths(void **state)
{
	static char path[100000];
	struct target_match match = match_of('g', "a");
	struct target_group group = {.include = &match, .nr_include = 1};
	struct settings settings = {.groups = &group, .nr_groups = 1};
	struct group_subject subject = {.thread = "t",
					.process = "p",
					.executable = path,
					.cgroup = path,
					.container = path};

	(void)state;
	for (size_t i = 0; i < sizeof(path) - 1; i++)
		path[i] = i % 2 ? 'a' : '/';
	assert_int_equal(groups_match(&settings, &subject), 0);
	match = match_of('e', "b");
	assert_int_equal(groups_match(&settings, &subject), GROUP_NONE);
}

int main(void)
{
	const struct CMUnitTest groups[] = {
		cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_all_patterns_of_one_must_match),
		cmocka_unit_test(test_order_of_groups),
		cmocka_unit_test(test_excluded_by_name),
		cmocka_unit_test(test_long_paths),
	};

	return cmocka_run_group_tests(groups, NULL, NULL);
}
