/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which loops a pattern takes, and which group has a loop. */
#include "unit.h"

#include <stdbool.h>
#include <string.h>

#include "agent/groups.h"
#include "config/label_selector.h"

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

static struct pod_label web_labels[] = {{"app", "web"}, {"tier", "front"}};
static const struct pod web_pod = {.name = "web-6d4cf56db6-x2x9k",
				   .namespace = "shop-eu",
				   .labels = web_labels,
				   .nr_labels = ARRAY_SIZE(web_labels)};

static const struct group_subject web = {
	.thread = "node",
	.process = "node",
	.executable = "/usr/local/bin/node",
	.cgroup = "/kubepods/pod1/" ID,
	.container = ID,
	.pod = &web_pod,
	.container_name = "server",
};

/* Which container of the pod it is will be told later. */
static const struct group_subject web_half = {
	.thread = "node",
	.process = "node",
	.executable = "",
	.cgroup = "/kubepods/pod1/" ID,
	.container = ID,
	.pod = &web_pod,
	.container_name = "",
	.pod_pending = true,
};

/* Which pod it is will be told later. */
static const struct group_subject pending = {
	.thread = "node",
	.process = "node",
	.executable = "",
	.cgroup = "/kubepods/pod2/" ID,
	.container = ID,
	.pod_pending = true,
};

/*
 * Key 'c'omm, 'e'xecutable, c'g'roup, c'o'ntainer, 'n'amespace, 'p'od, 'l'abels, container
 * n'a'me.
 */
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
	{'n', "shop-eu", &web, true},
	{'n', "shop-*", &web, true},
	{'n', "shop", &web, false},
	{'n', "*", &web, true},
	{'n', "*", &node, false}, /* in a container, but in no pod that is known */
	{'n', "*", &redis, false},
	{'n', "shop-eu", &pending, true},
	{'n', "shop-eu", &web_half, true},
	{'n', "other", &web_half, false}, /* it is not the pod that is missing */
	{'p', "web-6d4cf56db6-x2x9k", &web, true},
	{'p', "web-*", &web, true},
	{'p', "web", &web, false},
	{'p', "*", &node, false},
	{'p', "web-*", &pending, true},
	{'p', "db-*", &web_half, false},
	{'l', "app=web", &web, true},
	{'l', "app=web,tier!=back", &web, true},
	{'l', "app in (api,web),!legacy", &web, true},
	{'l', "app=api", &web, false},
	{'l', "legacy", &web, false},
	{'l', "!legacy", &redis, false}, /* in no pod */
	{'l', "app=web", &pending, true},
	{'l', "app=api", &web_half, false},
	{'a', "server", &web, true},
	{'a', "serv*", &web, true},
	{'a', "istio-proxy", &web, false},
	{'a', "*", &redis, false},
	{'a', "istio-proxy", &web_half, true},
	{'a', "istio-proxy", &pending, true},
};

static const struct target_match no_pattern = {.comm = "",
					       .executable = "",
					       .cgroup = "",
					       .container = "",
					       .namespace = "",
					       .pod_name = "",
					       .container_name = "",
					       .pod_labels = ""};

static struct label_selector *selector_of(const char *text)
{
	char error[LABEL_SELECTOR_ERROR_LEN];
	struct label_selector *selector = NULL;

	assert_int_equal(label_selector_parse(text, &selector, error), 0);
	return selector;
}

static struct target_match match_of(char key, const char *pattern)
{
	struct target_match match = no_pattern;

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
	case 'o':
		match.container = (char *)pattern;
		break;
	case 'n':
		match.namespace = (char *)pattern;
		break;
	case 'p':
		match.pod_name = (char *)pattern;
		break;
	case 'l':
		match.selector = selector_of(pattern);
		break;
	default:
		match.container_name = (char *)pattern;
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
		label_selector_free(match.selector);
	}
}

static void test_all_patterns_of_one_must_match(void **state)
{
	struct target_match match = match_of('c', "redis-server");
	struct target_group group = {.include = &match, .nr_include = 1};
	struct settings settings = {.groups = &group, .nr_groups = 1};

	(void)state;
	match.executable = "redis-check-rdb";
	match.cgroup = "/system.slice";
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

/*
 * Until the pod is known, a loop may be of each group that it might be of, and is excluded from
 * none for the pod's sake; other patterns hold as ever.
 */
static void test_pending(void **state)
{
	struct target_match shop[] = {match_of('n', "shop-eu"), match_of('c', "redis*")};
	struct target_match proxies[] = {match_of('a', "istio-proxy"), match_of('n', "shop-eu")};
	struct target_group groups[] = {{.include = shop, .nr_include = 2},
					{.exclude = proxies, .nr_exclude = 1}};
	struct settings settings = {.groups = groups, .nr_groups = 2};
	struct group_subject later = pending;

	(void)state;
	assert_int_equal(groups_match(&settings, &pending), 0);
	later.pod_pending = false; /* it was waited for in vain */
	assert_int_equal(groups_match(&settings, &later), 1);
	shop[0].comm = "redis*";
	assert_int_equal(groups_match(&settings, &pending), 1);

	/* in a pod that neither asks for */
	assert_int_equal(groups_match(&settings, &web_half), 1);
	later = web_half;
	later.container_name = "istio-proxy";
	assert_int_equal(groups_match(&settings, &later), GROUP_NONE);

	groups[1].nr_exclude = 2; /* of what is known of the pod */
	assert_int_equal(groups_match(&settings, &pending), 1);
	assert_int_equal(groups_match(&settings, &web_half), GROUP_NONE);
}

static void test_who_asks_for_pods(void **state)
{
	static const char keys[] = "cegonpla";

	(void)state;
	for (const char *key = keys; *key; key++) {
		struct target_match matches[] = {match_of('c', "a"), match_of(*key, "a")};
		struct target_group groups[] = {{}, {.include = matches, .nr_include = 2}};
		struct settings settings = {.groups = groups, .nr_groups = 2};
		bool asks = strchr("npla", *key);

		assert_int_equal(groups_ask_pods(&settings), asks);
		groups[1] = (struct target_group){.exclude = matches, .nr_exclude = 2};
		assert_int_equal(groups_ask_pods(&settings), asks);
		label_selector_free(matches[1].selector);
	}
	assert_false(groups_ask_pods(&(struct settings){}));
}

/* Only where every way in asks for a name that it has not. */
static void test_excluded_by_name(void **state)
{
	struct target_match caches[] = {match_of('c', "memcached"), match_of('c', "io_*")};
	struct target_match pods[] = {match_of('g', "kubepods.slice")};
	struct target_match shop[] = {match_of('n', "shop")};
	struct target_group groups[] = {{.include = caches, .nr_include = 2},
					{.include = caches, .nr_include = 1}};
	struct settings settings = {.groups = groups, .nr_groups = 2};

	(void)state;
	assert_true(groups_exclude_by_name(&settings, &node));
	assert_false(groups_exclude_by_name(&settings, &redis)); /* its thread's name */
	caches[0].namespace = caches[1].namespace =
		"shop"; /* asks for more: the name still rules out */
	assert_true(groups_exclude_by_name(&settings, &node));
	assert_false(groups_exclude_by_name(&settings, &redis));
	groups[1] = (struct target_group){.include = shop, .nr_include = 1};
	assert_false(groups_exclude_by_name(&settings, &node));
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
		cmocka_unit_test(test_pending),
		cmocka_unit_test(test_who_asks_for_pods),
		cmocka_unit_test(test_excluded_by_name),
		cmocka_unit_test(test_long_paths),
	};

	return cmocka_run_group_tests(groups, NULL, NULL);
}
