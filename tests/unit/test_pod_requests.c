/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is asked of an API server, and how long to wait before it is asked again. */
#include "unit.h"

#include "identity/kubernetes/pod_api.h"
#include "identity/kubernetes/pod_backoff.h"

static void test_backoff(void **state)
{
	static const double least_ms[] = {1000, 2000, 4000, 8000, 16000, 30000, 30000};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(least_ms); i++) {
		assert_near(pod_backoff_ms(i + 1, 0, -1), least_ms[i], 1e-9);
		assert_near(pod_backoff_ms(i + 1, 0.5, -1), 1.5 * least_ms[i], 1e-9);
	}
	assert_near(pod_backoff_ms(4000000000U, 1, -1), POD_BACKOFF_MAX_MS, 1e-9);
}

static void test_retry_after(void **state)
{
	(void)state;
	assert_near(pod_backoff_ms(1, 0, 0), 1000, 1e-9); /* no leave to hammer */
	assert_near(pod_backoff_ms(1, 0, 5000), 5000, 1e-9);
	assert_near(pod_backoff_ms(6, 0, 5000), 30000, 1e-9);
	assert_near(pod_backoff_ms(1, 0, 1e300), POD_RETRY_AFTER_MAX_MS, 1e-9);
}

static void check_list(enum pod_list_from from, const char *token, const char *expected)
{
	struct buffer path = {};

	assert_int_equal(pod_api_list_path("n&1", from, "7 ?", token, &path), 0);
	assert_string_equal((char *)path.data, expected);
	buffer_done(&path);
}

static void test_paths(void **state)
{
	struct buffer path = {};

	(void)state;
	check_list(POD_LIST_ANY, "",
		   "/api/v1/pods?fieldSelector=spec.nodeName%3Dn%261&limit=500&resourceVersion=0");
	check_list(POD_LIST_NOT_OLDER, "",
		   "/api/v1/pods?fieldSelector=spec.nodeName%3Dn%261&resourceVersion=7%20%3F"
		   "&resourceVersionMatch=NotOlderThan");
	check_list(POD_LIST_LATEST, "",
		   "/api/v1/pods?fieldSelector=spec.nodeName%3Dn%261&limit=500");
	/* with a token, versions are forbidden: the token has it */
	for (enum pod_list_from from = POD_LIST_ANY; from <= POD_LIST_LATEST; from++)
		check_list(from, "a+/=\xc3\xbc",
			   "/api/v1/pods?fieldSelector=spec.nodeName%3Dn%261&limit=500"
			   "&continue=a%2B%2F%3D%C3%BC");
	assert_int_equal(pod_api_watch_path("n", "5&watch=0", 240, &path), 0);
	assert_string_equal((char *)path.data,
			    "/api/v1/pods?fieldSelector=spec.nodeName%3Dn&watch=1"
			    "&allowWatchBookmarks=true&resourceVersion=5%26watch%3D0"
			    "&timeoutSeconds=240");
	buffer_done(&path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_backoff),
		cmocka_unit_test(test_retry_after),
		cmocka_unit_test(test_paths),
	};

	return cmocka_run_group_tests_name("pod_requests", tests, NULL, NULL);
}
