/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Resources of processes: what is believed over what, and those that are not what they were. */
#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "identity/proc.h"
#include "published_context.h"
#include "resource_fixture.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static char *const sleeper[] = {"/bin/sleep", "1000", NULL};
static char *const nothing[] = {NULL};

static void plain_process_is_described(void **state)
{
	pid_t pid = fixture_start(NULL, sleeper, nothing);
	struct attributes set = {}, again = {};

	(void)state;
	fixture_describe(pid, &set);
	fixture_assert_text(&set, "service.name", "sleep");
	fixture_assert_text(&set, "process.executable.name", "sleep");
	fixture_assert_text(&set, "process.command", "/bin/sleep");
	assert_non_null(strstr(attributes_get_text(&set, "process.executable.path"), "bin/sleep"));
	assert_int_equal(attributes_get(&set, "process.pid")->integer, pid);
	assert_int_equal(attributes_get(&set, "process.parent_pid")->integer, getpid());
	assert_null(attributes_get(&set, "process.command_args"));
	assert_null(attributes_get(&set, "process.runtime.name"));
	assert_null(attributes_get(&set, "container.id"));
	fixture_describe(pid, &again);
	assert_int_equal(set.nr, again.nr);
	for (size_t i = 0; i < set.nr; i++)
		assert_true(attribute_equal(&set.items[i], &again.items[i]));
	attributes_done(&again);
	fixture_describe(getpid(), &again);
	assert_string_not_equal(attributes_get_text(&set, "service.instance.id"),
				attributes_get_text(&again, "service.instance.id"));
	attributes_done(&again);
	attributes_done(&set);
	fixture_stop(pid);
}

/* Nowhere in the set. */
static void assert_no_text(const struct attributes *set, const char *secret)
{
	for (size_t i = 0; i < set->nr; i++) {
		if (set->items[i].type == ATTRIBUTE_TEXT && strstr(set->items[i].text, secret))
			fail_msg("%s is %s", set->items[i].key, set->items[i].text);
		assert_int_not_equal(set->items[i].type, ATTRIBUTE_TEXTS);
	}
}

static void secrets_stay_where_they_are(void **state)
{
	char *const arguments[] = {"/bin/sh", "-s", "--", "--password=hunter2", NULL};
	char *const environment[] = {"PASSWORD=hunter2", "OTEL_EXPORTER_OTLP_HEADERS=x=hunter2",
				     NULL};
	const struct resource_options with_arguments = {.command_arguments = true};
	pid_t pid = fixture_start(NULL, arguments, environment);
	struct process_identity identity;
	const struct attribute *all;
	struct attributes set = {};

	(void)state;
	fixture_identify(pid, &identity);
	fixture_resource(pid, &identity, NULL, &set);
	assert_no_text(&set, "hunter2");
	attributes_done(&set);
	fixture_resource(pid, &identity, &with_arguments, &set);
	all = attributes_get(&set, "process.command_args");
	assert_int_equal(all->texts.nr, 4);
	assert_string_equal(all->texts.items[3], "--password=hunter2");
	fixture_assert_text(&set, "process.command", "/bin/sh");
	attributes_done(&set);
	fixture_stop(pid);
}

/* A process may write all its arguments into the first. */
static void secrets_stay_in_titles(void **state)
{
	char *const arguments[] = {"/srv/server: main --password=hunter2", "1000", NULL};
	pid_t pid = fixture_start_file("/bin/sleep", arguments);
	struct attributes set = {};

	(void)state;
	fixture_describe(pid, &set);
	assert_no_text(&set, "hunter2");
	fixture_assert_text(&set, "process.command", "/srv/server: main");
	fixture_assert_text(&set, "service.name", "sleep");
	attributes_done(&set);
	fixture_stop(pid);
}

static void environment_is_believed(void **state)
{
	static const struct {
		char *name, *list;
		const char *service, *region;
	} cases[] = {
		{"OTEL_SERVICE_NAME=shop", "OTEL_RESOURCE_ATTRIBUTES=region=eu,service.name=x",
		 "shop", "eu"},
		{"OTEL_SERVICE_NAME=", "OTEL_RESOURCE_ATTRIBUTES=region=eu,service.name=x", "x",
		 "eu"},
		{"OTEL_SERVICE_NAME=", "OTEL_RESOURCE_ATTRIBUTES=region=eu,service.name=", "sleep",
		 "eu"},
		{"OTEL_SERVICE_NAME=shop", "OTEL_RESOURCE_ATTRIBUTES=region=eu,%", "shop", NULL},
		{"X=", "OTEL_RESOURCE_ATTRIBUTES=region=eu,process.pid=1", "sleep", "eu"},
	};
	const struct resource_options blind = {};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *const environment[] = {cases[i].name, cases[i].list, NULL};
		pid_t pid = fixture_start(NULL, sleeper, environment);
		struct process_identity identity;
		struct attributes set = {};

		fixture_identify(pid, &identity);
		fixture_resource(pid, &identity, NULL, &set);
		fixture_assert_text(&set, "service.name", cases[i].service);
		if (cases[i].region)
			fixture_assert_text(&set, "region", cases[i].region);
		else
			assert_null(attributes_get(&set, "region"));
		assert_int_equal(attributes_get(&set, "process.pid")->integer, pid);
		attributes_done(&set);
		fixture_resource(pid, &identity, &blind, &set);
		fixture_assert_text(&set, "service.name", "sleep");
		assert_null(attributes_get(&set, "region"));
		attributes_done(&set);
		fixture_stop(pid);
	}
}

/* A child that has published that payload. */
static pid_t start_publisher(const void *payload, size_t size)
{
	int ready[2];
	pid_t pid;
	char byte;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		published_new(payload, size);
		if (write(ready[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static void context_is_believed_most(void **state)
{
	pid_t pid = start_publisher(published_example, published_example_size);
	struct attributes set = {};

	(void)state;
	fixture_describe(pid, &set);
	fixture_assert_text(&set, "service.name", "checkout");
	fixture_assert_text(&set, "service.instance.id", "627cc493-f310-47de-96bd-71410b7dec09");
	assert_true(attributes_get(&set, "bool")->boolean);
	assert_int_equal(attributes_get(&set, "process.pid")->integer, pid);
	attributes_done(&set);
	fixture_stop(pid);
}

/* As many attributes as there can be, and names that are not its to give. */
static void context_cannot_crowd_out(void **state)
{
	static struct payload_writer writer;
	struct attributes set = {};
	char key[16];
	pid_t pid;

	(void)state;
	payload_add(&writer, "process.pid", "1", 1);
	payload_add(&writer, "service.name", "", 0);
	for (int i = 0; i < 2 * ATTRIBUTES_MAX; i++) {
		snprintf(key, sizeof(key), "a%d", i);
		payload_add(&writer, key, "\xff\x01", 2);
	}
	payload_finish(&writer);
	pid = start_publisher(writer.bytes, writer.size);
	fixture_describe(pid, &set);
	assert_int_equal(set.nr, ATTRIBUTES_MAX);
	assert_in_range(set.nr_left_out, ATTRIBUTES_MAX, 2 * ATTRIBUTES_MAX);
	assert_int_equal(attributes_get(&set, "process.pid")->integer, pid);
	fixture_assert_text(&set, "service.name", "test_resource_process");
	assert_non_null(attributes_get(&set, "service.instance.id"));
	fixture_assert_text(&set, "a0", "\xef\xbf\xbd\x01");
	attributes_done(&set);
	fixture_stop(pid);
}

static void assert_not_read(const struct attributes *set, pid_t pid)
{
	assert_null(attributes_get(set, "process.command"));
	assert_null(attributes_get(set, "process.parent_pid"));
	assert_null(attributes_get(set, "region"));
	assert_int_equal(attributes_get(set, "process.pid")->integer, pid);
	assert_non_null(attributes_get(set, "service.instance.id"));
}

static void another_process_of_the_pid_is_not_read(void **state)
{
	char *const environment[] = {"OTEL_SERVICE_NAME=x", "OTEL_RESOURCE_ATTRIBUTES=region=eu",
				     NULL};
	const struct resource_options options = {.read_environment = true};
	pid_t pid = fixture_start(NULL, sleeper, environment);
	struct process_identity identity, empty = {};
	const struct resource_process earlier = {
		.pid = pid, .start_ns = 1000000000, .comm = "loop\n\x1b\xff", .identity = &empty};
	struct attributes set = {};

	(void)state;
	fixture_identify(pid, &identity);
	identity.start_ticks--;
	fixture_resource(pid, &identity, NULL, &set);
	assert_not_read(&set, pid);
	fixture_assert_text(&set, "service.name", "sleep");
	attributes_done(&set);
	/* nothing is known but when it started, and what it called itself */
	assert_int_equal(resource_of_process(&earlier, &options, &set, NULL), 0);
	assert_not_read(&set, pid);
	fixture_assert_text(&set, "service.name", "loop\n\x1b\xef\xbf\xbd");
	fixture_assert_text(&set, "process.executable.name", "loop\n\x1b\xef\xbf\xbd");
	assert_null(attributes_get(&set, "process.executable.path"));
	attributes_done(&set);
	fixture_stop(pid);
}

static void another_program_is_not_read(void **state)
{
	char *const environment[] = {"OTEL_RESOURCE_ATTRIBUTES=region=eu", NULL};
	pid_t pid = fixture_start(NULL, sleeper, environment);
	struct process_identity identity;
	struct attributes set = {};

	(void)state;
	fixture_identify(pid, &identity);
	strcpy(identity.executable, "/usr/bin/env");
	fixture_resource(pid, &identity, NULL, &set);
	assert_not_read(&set, pid);
	fixture_assert_text(&set, "service.name", "env");
	attributes_done(&set);
	fixture_stop(pid);
}

static void ended_process_keeps_its_name(void **state)
{
	pid_t pid = fixture_start(NULL, sleeper, nothing);
	struct process_identity identity;
	struct attributes before = {}, set = {};

	(void)state;
	fixture_identify(pid, &identity);
	fixture_resource(pid, &identity, NULL, &before);
	kill(pid, SIGKILL);
	assert_int_equal(waitid(P_PID, pid, &(siginfo_t){}, WEXITED | WNOWAIT), 0);
	fixture_resource(pid, &identity, NULL, &set); /* a zombie */
	assert_not_read(&set, pid);
	fixture_assert_text(&set, "service.name", "sleep");
	attributes_done(&set);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	fixture_resource(pid, &identity, NULL, &set);
	assert_not_read(&set, pid);
	fixture_assert_text(&set, "service.name", "sleep");
	fixture_assert_text(&set, "service.instance.id",
			    attributes_get_text(&before, "service.instance.id"));
	attributes_done(&set);
	attributes_done(&before);
}

static void cgroup_is_believed(void **state)
{
	pid_t pid = fixture_start(NULL, sleeper, nothing);
	struct process_identity identity;
	struct attributes set = {};

	(void)state;
	fixture_identify(pid, &identity);
	strcpy(identity.cgroup, "/system.slice/worker@3.service");
	fixture_resource(pid, &identity, NULL, &set);
	fixture_assert_text(&set, "service.name", "worker@3");
	assert_null(attributes_get(&set, "container.id"));
	assert_null(attributes_get(&set, "container.runtime.name"));
	attributes_done(&set);
	strcpy(identity.cgroup, "/system.slice/docker-" ID ".scope");
	fixture_resource(pid, &identity, NULL, &set);
	fixture_assert_text(&set, "service.name", "sleep");
	fixture_assert_text(&set, "container.id", ID);
	fixture_assert_text(&set, "container.runtime.name", "docker");
	attributes_done(&set);
	strcpy(identity.cgroup, "/shop/" ID);
	fixture_resource(pid, &identity, NULL, &set);
	fixture_assert_text(&set, "container.id", ID);
	assert_null(attributes_get(&set, "container.runtime.name"));
	attributes_done(&set);
	fixture_stop(pid);
}

static void attributes_of_all_are_believed_least(void **state)
{
	char *keep[] = {"host.*", "process.pid"}, *drop[] = {"*"};
	struct attributes host = {}, set = {};
	struct resource_options options = {.host = &host, .keep = keep, .nr_keep = 2};
	pid_t pid = fixture_start(NULL, sleeper, nothing);
	struct process_identity identity;

	(void)state;
	attributes_put_text(&host, "host.name", "node-1");
	attributes_put_text(&host, "service.name", "all");
	attributes_put_text(&host, "region", "eu");
	fixture_identify(pid, &identity);
	fixture_resource(pid, &identity, &options, &set);
	assert_int_equal(set.nr, 3);
	fixture_assert_text(&set, "host.name", "node-1");
	fixture_assert_text(&set, "service.name", "sleep");
	assert_non_null(attributes_get(&set, "process.pid"));
	attributes_done(&set);
	options.drop = drop;
	options.nr_drop = 1;
	fixture_resource(pid, &identity, &options, &set);
	assert_int_equal(set.nr, 1);
	fixture_assert_text(&set, "service.name", "sleep");
	attributes_done(&set);
	attributes_done(&host);
	fixture_stop(pid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_process_is_described),
		cmocka_unit_test(secrets_stay_where_they_are),
		cmocka_unit_test(secrets_stay_in_titles),
		cmocka_unit_test(environment_is_believed),
		cmocka_unit_test(context_is_believed_most),
		cmocka_unit_test(context_cannot_crowd_out),
		cmocka_unit_test(another_process_of_the_pid_is_not_read),
		cmocka_unit_test(another_program_is_not_read),
		cmocka_unit_test(ended_process_keeps_its_name),
		cmocka_unit_test(cgroup_is_believed),
		cmocka_unit_test(attributes_of_all_are_believed_least),
	};

	return cmocka_run_group_tests_name("resource_process", tests, NULL, NULL);
}
