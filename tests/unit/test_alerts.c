/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Lines of the log on thresholds crossed: who it was, and how much. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/alerts.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "registry_fixture.h"

#define LINE_LEN 4096

/* What a check at the end of an interval writes to the log. */
static void check_interval(struct alerts *alerts, const struct settings *settings,
			   struct registry *registry, char line[LINE_LEN])
{
	_cleanup_(fclosep) FILE *file = tmpfile();
	int kept = dup(STDERR_FILENO);
	size_t size;

	assert_non_null(file);
	assert_true(kept >= 0 && dup2(fileno(file), STDERR_FILENO) >= 0);
	alerts_check_interval(alerts, settings, registry);
	fflush(stderr);
	dup2(kept, STDERR_FILENO);
	close(kept);
	rewind(file);
	size = fread(line, 1, LINE_LEN - 1, file);
	line[size] = '\0';
}

/* Who a line tells of, given these attributes, "KEY=VALUE". */
static void assert_told_as(const char *const *texts, const char *who)
{
	struct target_group group = {.thresholds = {.blocking_ms = 50, .utilization = 20}};
	const struct settings settings = {.groups = &group, .nr_groups = 1};
	struct alerts alerts = {.lines = {.limit = 10}};
	struct attributes attributes = {};
	struct registry_fixture fixture;
	struct watched_loop *loop;
	char line[LINE_LEN], expected[LINE_LEN];

	registry_fixture_set_up(&fixture, false, false, 100);
	loop = registry_fixture_add(&fixture, 12);
	registry_fixture_report(&fixture, loop, 1, false);
	for (; *texts; texts++) {
		char key[64];

		snprintf(key, sizeof(key), "%.*s", (int)strcspn(*texts, "="), *texts);
		assert_int_equal(attributes_put_text(&attributes, key, strchr(*texts, '=') + 1), 0);
	}
	watched_process_set_attributes(watched_loop_process(loop), &attributes);
	check_interval(&alerts, &settings, fixture.registry, line);
	snprintf(expected, sizeof(expected),
		 "loopscope: %s, pid 12, thread thread (1): utilization is 25, above 20\n", who);
	assert_string_equal(line, expected);
	assert_int_equal(alerts.crossings[THRESHOLD_UTILIZATION], 1);

	group.thresholds.utilization = 30;
	check_interval(&alerts, &settings, fixture.registry, line);
	snprintf(expected, sizeof(expected),
		 "loopscope: %s, pid 12, thread thread (1): utilization is back to 25, not above "
		 "30\n",
		 who);
	assert_string_equal(line, expected);
	registry_fixture_tear_down(&fixture);
}

#define ATTRIBUTES(...) ((const char *const[]){__VA_ARGS__, NULL})

static void test_who(void **state)
{
	(void)state;
	assert_told_as(ATTRIBUTES(NULL), "?");
	assert_told_as(ATTRIBUTES("service.name=redis"), "redis");
	assert_told_as(ATTRIBUTES("service.name=checkout", "k8s.namespace.name=shop",
				  "k8s.pod.name=checkout-7d4b9", "k8s.container.name=server"),
		       "checkout, pod shop/checkout-7d4b9, container server");
	assert_told_as(ATTRIBUTES("service.name=a", "k8s.namespace.name=shop", "k8s.pod.name=b"),
		       "a, pod shop/b");
	assert_told_as(ATTRIBUTES("service.name=a", "k8s.pod.name=b"), "a, pod b");
	assert_told_as(ATTRIBUTES("service.name=a", "k8s.container.name=c"), "a, container c");
}

/* A process may say what it likes of itself: the line stays one, and says how much it is. */
static void test_long_names(void **state)
{
	static char name[4000], who[4096];
	static char texts[4][4100];
	const char *const keys[] = {"service.name", "k8s.namespace.name", "k8s.pod.name",
				    "k8s.container.name"};

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		snprintf(texts[i], sizeof(texts[i]), "%s=%s", keys[i], name);
	snprintf(who, sizeof(who), "%.127s, pod %.63s/%.253s, container %.63s", name, name, name,
		 name);
	assert_told_as(ATTRIBUTES(texts[0], texts[1], texts[2], texts[3]), who);
}

int main(void)
{
	const struct CMUnitTest alerts[] = {
		cmocka_unit_test(test_who),
		cmocka_unit_test(test_long_names),
	};

	return cmocka_run_group_tests(alerts, NULL, NULL);
}
