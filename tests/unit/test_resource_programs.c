/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Resources of real programs, where they are installed: Python, Node, Redis. */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "resource_fixture.h"

static void require(const char *program)
{
	char command[128];

	snprintf(command, sizeof(command),
		 "PATH=/usr/bin:/bin:/usr/sbin:/usr/local/bin command -v %s >/dev/null", program);
	if (system(command) == 0) /* NOLINT(cert-env33-c): a test of constants */
		return;
	print_message("skipped: %s is not installed\n", program);
	skip();
}

/* A directory /tmp/loopscope-XXXXXX/NAME with a script in it. */
struct project {
	char root[32], directory[64], script[96];
};

static void project_make(struct project *project, const char *name, const char *script,
			 const char *text)
{
	FILE *file;

	strcpy(project->root, "/tmp/loopscope-XXXXXX");
	assert_non_null(mkdtemp(project->root));
	snprintf(project->directory, sizeof(project->directory), "%s/%s", project->root, name);
	assert_int_equal(mkdir(project->directory, 0700), 0);
	snprintf(project->script, sizeof(project->script), "%s/%s", project->directory, script);
	file = fopen(project->script, "we");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void project_remove(const struct project *project)
{
	unlink(project->script);
	rmdir(project->directory);
	rmdir(project->root);
}

static void python_says_its_name(void **state)
{
	char *const arguments[] = {"python3", "-c", "input()", NULL};
	char *const environment[] = {"OTEL_SERVICE_NAME=payments", NULL};
	struct attributes set = {};
	pid_t pid;

	(void)state;
	require("python3");
	pid = fixture_start(NULL, arguments, environment);
	fixture_describe(pid, &set);
	fixture_assert_text(&set, "service.name", "payments");
	fixture_assert_text(&set, "process.runtime.name", "cpython");
	fixture_assert_text(&set, "process.command", "python3");
	attributes_done(&set);
	fixture_stop(pid);
}

static void node_is_named_after_its_directory(void **state)
{
	char *const arguments[] = {"node", "server.js", "--token=hunter2", NULL};
	char *const environment[] = {NULL};
	struct attributes set = {};
	struct project project;
	pid_t pid;

	(void)state;
	require("node");
	project_make(&project, "shop", "server.js", "setInterval(() => {}, 1000);\n");
	pid = fixture_start(project.directory, arguments, environment);
	fixture_describe(pid, &set);
	fixture_assert_text(&set, "service.name", "shop");
	fixture_assert_text(&set, "process.runtime.name", "nodejs");
	fixture_assert_text(&set, "process.executable.name", "node");
	fixture_assert_text(&set, "process.command", "node");
	attributes_done(&set);
	fixture_stop(pid);
	project_remove(&project);
}

/* The file is redis-check-rdb on Debian. The title is set some time after the start. */
static void redis_is_named_as_it_was_started(void **state)
{
	char *const arguments[] = {"redis-server", "redis.conf", NULL};
	char *const environment[] = {NULL};
	struct attributes set = {};
	struct project project;
	char socket[96];
	pid_t pid;

	(void)state;
	require("redis-server");
	project_make(&project, "cache", "redis.conf", "port 0\nunixsocket redis.sock\n");
	pid = fixture_start(project.directory, arguments, environment);
	do {
		attributes_done(&set);
		fixture_describe(pid, &set);
		fixture_assert_text(&set, "service.name", "redis-server");
	} while (!strstr(attributes_get_text(&set, "process.command") ?: "", "redis-server "));
	assert_null(attributes_get(&set, "process.runtime.name"));
	attributes_done(&set);
	fixture_stop(pid);
	snprintf(socket, sizeof(socket), "%s/redis.sock", project.directory);
	unlink(socket);
	project_remove(&project);
}

/* The application that publishes as the specification says, its payload encoded apart. */
static void python_publishes_its_resource(void **state)
{
	char *const arguments[] = {"python3", "tests/apps/otel_context.py", "service.name=checkout",
				   "deployment.environment.name=test", NULL};
	char *const environment[] = {"OTEL_SERVICE_NAME=not-this", NULL};
	struct attributes set = {};
	pid_t pid;

	(void)state;
	require("python3");
	if (access(arguments[1], R_OK) != 0) {
		print_message("skipped: not run from the top directory\n");
		skip();
	}
	pid = fixture_start(NULL, arguments, environment);
	do {
		attributes_done(&set);
		fixture_describe(pid, &set);
	} while (!attributes_get(&set, "deployment.environment.name"));
	fixture_assert_text(&set, "service.name", "checkout");
	fixture_assert_text(&set, "deployment.environment.name", "test");
	attributes_done(&set);
	fixture_stop(pid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(python_says_its_name),
		cmocka_unit_test(node_is_named_after_its_directory),
		cmocka_unit_test(redis_is_named_as_it_was_started),
		cmocka_unit_test(python_publishes_its_resource),
	};

	return cmocka_run_group_tests_name("resource_programs", tests, NULL, NULL);
}
