/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The store of pods: what is kept, for how long, and who is told. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "identity/kubernetes/pods.h"
#include "pods_fixture.h"

#define GRACE_NS 100

static unsigned int nr_changed, nr_deleted;
static char last_changed[POD_UID_LEN];

static void on_changed(const struct pod *pod, void *context)
{
	(void)context;
	nr_changed++;
	strcpy(last_changed, pod->uid);
}

static void on_deleted(const struct pod *pod, void *context)
{
	(void)context;
	nr_deleted++;
	assert_int_not_equal(pod->uid[0], 0);
}

static struct pods *new_pods(size_t max_pods, size_t max_bytes)
{
	const struct pods_options options = {
		.max_pods = max_pods,
		.max_bytes = max_bytes,
		.grace_ns = GRACE_NS,
		.changed = on_changed,
		.deleted = on_deleted,
	};
	struct pods *pods;

	nr_changed = nr_deleted = 0;
	assert_int_equal(pods_new(&options, &pods), 0);
	return pods;
}

static struct pods *roomy_pods(void)
{
	return new_pods(100, 1000000);
}

static void check_counts(const struct pods *pods, size_t live, size_t kept, __u64 refused)
{
	struct pods_counts counts;

	pods_counts(pods, &counts);
	assert_int_equal(counts.pods, live);
	assert_int_equal(counts.kept, kept);
	assert_int_equal(counts.refused, refused);
}

static void test_changed_only_if_it_is(void **state)
{
	struct pods *pods = roomy_pods();

	(void)state;
	assert_int_equal(pods_put(pods, fixture_pod_with("a", "", "", 0), 1), 0);
	assert_int_equal(nr_changed, 1);
	assert_int_equal(pods_put(pods, fixture_pod_with("a", "", "", 0), 2), 0);
	assert_int_equal(nr_changed, 1);
	assert_int_equal(pods_put(pods, fixture_pod_with("a", "1", "", 0), 3), 0);
	assert_int_equal(nr_changed, 2);
	assert_int_equal(pods_put(pods, fixture_pod_with("b", "", "", 0), 4), 0);
	assert_int_equal(nr_changed, 3);
	assert_string_equal(last_changed, "b");
	pods_free(pods);
}

static void test_grace(void **state)
{
	struct pods *pods = roomy_pods();

	(void)state;
	pods_put(pods, fixture_pod_with("a", "1", "", 0), 0);
	pods_delete(pods, "a", 10);
	pods_delete(pods, "a", 50); /* told twice: the first counts */
	pods_delete(pods, "nobody", 50);
	assert_int_equal(nr_deleted, 1);
	check_counts(pods, 0, 1, 0);
	fixture_check_place(pods, "a", "1", POD_KNOWN, 0);
	pods_expire(pods, 10 + GRACE_NS - 1);
	assert_non_null(pods_of_uid(pods, "a"));
	pods_expire(pods, 10 + GRACE_NS);
	assert_null(pods_of_uid(pods, "a"));
	assert_null(pods_of_container(pods, "1"));
	check_counts(pods, 0, 0, 0);
	fixture_check_place(pods, "a", "1", POD_UNKNOWN, 0);
	pods_free(pods);
}

static void test_back_from_deletion(void **state)
{
	struct pods *pods = roomy_pods();

	(void)state;
	pods_put(pods, fixture_pod_with("a", "1", "", 0), 0);
	pods_delete(pods, "a", 10);
	pods_put(pods, fixture_pod_with("a", "1", "", 0), 20);
	assert_int_equal(nr_deleted, 1);
	assert_int_equal(nr_changed, 2); /* whoever was told that it is gone is told */
	check_counts(pods, 1, 0, 0);
	pods_expire(pods, 1000);
	check_counts(pods, 1, 0, 0);
	pods_free(pods);
}

static void test_list(void **state)
{
	struct pods *pods = roomy_pods();

	(void)state;
	pods_put(pods, fixture_pod("a"), 0);
	pods_put(pods, fixture_pod("b"), 0);
	pods_end_list(pods, 1); /* none was begun */
	check_counts(pods, 2, 0, 0);
	pods_begin_list(pods);
	pods_put(pods, fixture_pod("a"), 2);
	pods_begin_list(pods); /* the first one broke off */
	pods_put(pods, fixture_pod("b"), 3);
	pods_put(pods, fixture_pod("c"), 3);
	check_counts(pods, 3, 0, 0);
	assert_int_equal(nr_deleted, 0);
	pods_end_list(pods, 4);
	assert_int_equal(nr_deleted, 1);
	check_counts(pods, 2, 1, 0);
	pods_expire(pods, 4 + GRACE_NS);
	assert_null(pods_of_uid(pods, "a"));
	assert_non_null(pods_of_uid(pods, "b"));
	assert_non_null(pods_of_uid(pods, "c"));
	pods_free(pods);
}

static void test_max_pods(void **state)
{
	struct pods *pods = new_pods(3, 1000000);

	(void)state;
	pods_put(pods, fixture_pod("a"), 0);
	pods_put(pods, fixture_pod("b"), 0);
	pods_put(pods, fixture_pod("c"), 0);
	assert_int_equal(pods_put(pods, fixture_pod("d"), 0), -E2BIG);
	check_counts(pods, 3, 0, 1);
	pods_delete(pods, "b", 1);
	pods_delete(pods, "a", 2);
	assert_int_equal(pods_put(pods, fixture_pod("d"), 3), 0);
	assert_null(pods_of_uid(pods, "b")); /* the first deleted goes first */
	assert_non_null(pods_of_uid(pods, "a"));
	check_counts(pods, 2, 1, 1);
	assert_int_equal(pods_put(pods, fixture_pod("c"), 3), 0); /* is in it: needs no room */
	assert_non_null(pods_of_uid(pods, "a"));
	pods_free(pods);
}

static void test_max_bytes(void **state)
{
	struct pods *pods = new_pods(100, 20000);
	struct pods_counts counts;
	struct pod *large = fixture_pod_with("a", "2", "", 0),
		   *fitting = fixture_pod_with("c", "3", "", 0);

	(void)state;
	pods_put(pods, fixture_pod_with("a", "1", "", 0), 0);
	pods_put(pods, fixture_pod("b"), 0);
	pods_delete(pods, "b", 0);
	large->nr_bytes = 20000;
	fitting->nr_bytes = 12000;
	pods_begin_list(pods);
	assert_int_equal(pods_put(pods, large, 0), -E2BIG);
	pods_end_list(pods, 0);
	check_counts(pods, 1, 0, 1); /* what it was before is still known, and that it is there */
	assert_non_null(pods_of_container(pods, "1"));
	assert_null(pods_of_container(pods, "2"));
	/* what it was makes room for what it is */
	assert_int_equal(pods_put(pods, fitting, 0), 0);
	fitting = fixture_pod_with("c", "4", "", 0);
	fitting->nr_bytes = 14000;
	assert_int_equal(pods_put(pods, fitting, 0), 0);
	pods_delete(pods, "a", 0);
	pods_delete(pods, "c", 0);
	pods_expire(pods, GRACE_NS);
	pods_counts(pods, &counts);
	assert_int_equal(counts.bytes, 0);
	pods_free(pods);
}

static void count_visit(const struct pod *pod, void *context)
{
	assert_string_not_equal(pod->uid, "b");
	(*(unsigned int *)context)++;
}

static void test_each(void **state)
{
	struct pods *pods = roomy_pods();
	unsigned int nr = 0;

	(void)state;
	pods_put(pods, fixture_pod("a"), 0);
	pods_put(pods, fixture_pod("b"), 0);
	pods_put(pods, fixture_pod("c"), 0);
	pods_delete(pods, "b", 0);
	pods_each(pods, count_visit, &nr);
	assert_int_equal(nr, 2);
	pods_free(pods);
	pods_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changed_only_if_it_is),
		cmocka_unit_test(test_grace),
		cmocka_unit_test(test_back_from_deletion),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_max_pods),
		cmocka_unit_test(test_max_bytes),
		cmocka_unit_test(test_each),
	};

	return cmocka_run_group_tests_name("pods", tests, NULL, NULL);
}
