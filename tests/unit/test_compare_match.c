/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which loops of two recordings are compared with which. */
#include "unit.h"

#include "compare_sides.h"

/* Threads of the pair in which the loop of before is, or 0 if it is alone. */
static unsigned int partner_of(const struct comparison *comparison, const struct loop_report *of)
{
	for (size_t i = 0; i < comparison->nr; i++) {
		const struct compared_loop *loop = &comparison->loops[i];

		if (loop->before && loop->before->report == of)
			return loop->after ? loop->after->report->id.tid : 0;
	}
	fail_msg("a loop is missing");
	return 0;
}

static void test_matching(void **state)
{
	struct side before = {}, after = {};
	const struct loop_report *web = side_add(&before, "node", "node"),
				 *second = side_add(&before, "app", "worker-2"),
				 *gone = side_add(&before, "cron", "cron"),
				 *pool = side_add(&before, "app", "pool-7"),
				 *first = side_add(&before, "app", "worker-1");
	struct comparison comparison;
	unsigned int tids[4];

	(void)state;
	tids[0] = side_add(&after, "app", "worker-1")->id.tid;
	tids[1] = side_add(&after, "app", "worker-2")->id.tid;
	tids[2] = side_add(&after, "app", "pool-9")->id.tid;
	tids[3] = side_add(&after, "node", "node")->id.tid;
	side_add(&after, "node", "node")->family = WAIT_POLL;
	comparison = compare_sides(&before, &after);
	assert_int_equal(comparison.nr, 6);
	assert_int_equal(partner_of(&comparison, first), tids[0]);
	assert_int_equal(partner_of(&comparison, second), tids[1]);
	assert_int_equal(partner_of(&comparison, pool), tids[2]);
	assert_int_equal(partner_of(&comparison, web), tids[3]);
	assert_int_equal(partner_of(&comparison, gone), 0);
	/* those without a partner come last, of before first */
	assert_null(comparison.loops[4].after);
	assert_null(comparison.loops[5].before);
	comparison_done(&comparison);
}

/* How many pairs have nothing but order to tell them apart. */
static size_t nr_by_order(const struct comparison *comparison)
{
	size_t nr = 0;

	for (size_t i = 0; i < comparison->nr; i++)
		nr += comparison->loops[i].by_order;
	return nr;
}

/* Of three alike, the first has ended between the recordings. */
static void test_same_boot(void **state)
{
	struct side before = {}, after = {};
	const struct loop_report *first = side_add_thread(&before, 7, 7, 1, 1),
				 *second = side_add_thread(&before, 8, 8, 2, 2),
				 *third = side_add_thread(&before, 9, 9, 3, 3);
	struct comparison comparison;

	(void)state;
	side_add_thread(&after, 8, 8, 2, 2);
	side_add_thread(&after, 9, 9, 3, 3);
	comparison = compare_sides_of(&before, &after, true);
	assert_int_equal(partner_of(&comparison, first), 0);
	assert_int_equal(partner_of(&comparison, second), 8);
	assert_int_equal(partner_of(&comparison, third), 9);
	assert_int_equal(nr_by_order(&comparison), 0);
	comparison_done(&comparison);
	/* of another boot, the same numbers mean nothing */
	comparison = compare_sides_of(&before, &after, false);
	assert_int_equal(partner_of(&comparison, first), 8);
	assert_int_equal(nr_by_order(&comparison), 2);
	comparison_done(&comparison);
	/* a pid that is used again is another process, and one alone is not alike to any */
	first = side_add_thread(&before, 10, 10, 4, 4);
	side_add_thread(&after, 10, 10, 5, 5);
	comparison = compare_sides_of(&before, &after, true);
	assert_int_equal(partner_of(&comparison, second), 8);
	assert_int_equal(partner_of(&comparison, before.reports), 10);
	assert_int_equal(partner_of(&comparison, first), 0);
	assert_int_equal(nr_by_order(&comparison), 1);
	comparison_done(&comparison);
}

/* A worker that started before its process's main thread had a loop, and one of another library. */
static void test_roles(void **state)
{
	struct side before = {}, after = {};
	const struct loop_report *worker = side_add_thread(&before, 7, 8, 1, 1),
				 *main_thread = side_add_thread(&before, 7, 7, 2, 1), *moved;
	struct comparison comparison;

	(void)state;
	side_add_thread(&after, 17, 17, 1, 1);
	side_add_thread(&after, 17, 18, 2, 1);
	comparison = compare_sides(&before, &after);
	assert_int_equal(partner_of(&comparison, worker), 18);
	assert_int_equal(partner_of(&comparison, main_thread), 17);
	assert_int_equal(nr_by_order(&comparison), 0);
	comparison_done(&comparison);
	/* a loop that has moved to a worker is still told of */
	before = after = (struct side){};
	moved = side_add_thread(&before, 7, 7, 1, 1);
	side_add_thread(&after, 17, 18, 1, 1);
	comparison = compare_sides(&before, &after);
	assert_int_equal(partner_of(&comparison, moved), 18);
	comparison_done(&comparison);
	after.entries[0].loop_library = "uvloop";
	comparison = compare_sides(&before, &after);
	assert_int_equal(partner_of(&comparison, moved), 0);
	comparison_done(&comparison);
}

/* The loop of a thread began anew twice; most of what it did is in the second. */
static void test_fragments(void **state)
{
	struct side before = {}, after = {};
	const struct loop_report *whole;
	struct comparison comparison;

	(void)state;
	side_add_thread(&before, 7, 7, 1, 1)->iterations = 30;
	whole = side_add_thread(&before, 7, 7, 1, 1);
	side_add_thread(&before, 7, 7, 1, 1)->iterations = 40;
	for (__u32 i = 0; i < 3; i++)
		before.reports[i].id.changes = i;
	side_add_thread(&after, 17, 17, 1, 1);
	comparison = compare_sides(&before, &after);
	assert_int_equal(comparison.nr, 3);
	assert_int_equal(partner_of(&comparison, whole), 17);
	assert_int_equal(nr_by_order(&comparison), 0);
	assert_false(comparison.loops[0].fragment);
	assert_true(comparison.loops[1].fragment && comparison.loops[2].fragment);
	comparison_done(&comparison);
}

/* Whether two loops in such places are one. */
static bool are_one(const char *cgroup, const char *other_cgroup,
		    const struct entry_container *container, const struct entry_container *other)
{
	struct side before = {}, after = {};
	struct comparison comparison;
	bool one;

	side_add(&before, "a", "a");
	side_add(&after, "a", "a");
	before.entries[0].cgroup = cgroup;
	before.entries[0].container = container;
	after.entries[0].cgroup = other_cgroup;
	after.entries[0].container = other;
	comparison = compare_sides(&before, &after);
	one = comparison.nr == 1;
	comparison_done(&comparison);
	return one;
}

static void test_places(void **state)
{
	const struct entry_container old = {"c0ffee", "main", "web-7d4b9c6f5-x2x4z", "shop"},
				     new = {"decade", "main", "web-86bd5c4dd-k7f9w", "shop"},
				     other = {"decade", "main", "api-86bd5c4dd-k7f9w", "shop"},
				     set = {"c0ffee", "main", "web-0", "shop"},
				     set_1 = {"c0ffee", "main", "web-1", "shop"},
				     bare = {"c0ffee", "redis", "", ""},
				     bare_again = {"decade", "redis", "", ""};

	(void)state;
	assert_true(are_one("/system.slice/a.service", "/system.slice/a.service/x", NULL, NULL));
	assert_false(are_one("/system.slice/a.service", "/system.slice/b.service", NULL, NULL));
	assert_true(
		are_one("/user.slice/session-1.scope", "/user.slice/session-9.scope", NULL, NULL));
	assert_true(are_one("/x", "/y", &old, &new));
	assert_false(are_one("/x", "/y", &old, &other));
	assert_false(are_one("/x", "/y", &set, &set_1));
	assert_true(are_one("/x", "/y", &bare, &bare_again));
	assert_false(are_one("/x", "/y", &bare, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matching),  cmocka_unit_test(test_places),
		cmocka_unit_test(test_same_boot), cmocka_unit_test(test_roles),
		cmocka_unit_test(test_fragments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
