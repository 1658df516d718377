/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Environments of real processes: huge ones, odd ones, and what is left of a dead one's. */
#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "identity/environment.h"
#include "identity/proc.h"
#include "resource_fixture.h"

#define LONG_VALUE 100000 /* a single text of an environment may have 128 KiB */

static pid_t start_with(char *const environment[])
{
	char *const arguments[] = {"sleep", "1000", NULL};

	return fixture_start(NULL, arguments, environment);
}

static int read_of(pid_t pid, struct environment_variable *variables, size_t nr)
{
	int directory = proc_open(pid), r;

	assert_true(directory >= 0);
	r = environment_read(directory, variables, nr);
	close(directory);
	return r;
}

static void chosen_ones_are_read(void **state)
{
	char *const environment[] = {
		"NAMES=no",    "",       "NAM=no",         "=no", "NAME", "XNAME=no", "NAME=yes",
		"NAME=second", "EMPTY=", "LAST=a=b\xff\n", NULL};
	struct environment_variable variables[] = {
		{.name = "NAME"}, {.name = "EMPTY"}, {.name = "LAST"}, {.name = "NONE"}};
	pid_t pid = start_with(environment);

	(void)state;
	assert_int_equal(read_of(pid, variables, ARRAY_SIZE(variables)), 0);
	assert_string_equal(variables[0].value, "yes");
	assert_string_equal(variables[1].value, "");
	assert_string_equal(variables[2].value, "a=b\xff\n");
	assert_null(variables[3].value);
	environment_done(variables, ARRAY_SIZE(variables));
	assert_null(variables[0].value);
	fixture_stop(pid);
}

/* Of 1 MiB and more, with variables longer than any buffer among them. */
static void huge_ones_are_bounded(void **state)
{
	static char filler[12][LONG_VALUE], fits[ENVIRONMENT_MAX_VARIABLE],
		fits_not[ENVIRONMENT_MAX_VARIABLE + 1];
	char *environment[32] = {};
	struct environment_variable variables[] = {{.name = "FIRST"},  {.name = "FITS"},
						   {.name = "LONGER"}, {.name = "BEHIND"},
						   {.name = "BEYOND"}, {.name = "y"}};
	pid_t pid;
	int nr = 0;

	(void)state;
	/* each byte of it could start a variable */
	for (size_t i = 0; i < ARRAY_SIZE(filler); i++)
		for (size_t j = 0; j < sizeof(filler[i]) - 1; j++)
			filler[i][j] = "y="[j % 2];
	filler[0][0] = filler[1][0] = 'x';
	memset(fits, 'x', sizeof(fits) - 1);
	memcpy(fits, "FITS=", 5);
	memset(fits_not, 'x', sizeof(fits_not) - 1);
	memcpy(fits_not, "LONGER=", 7);
	environment[nr++] = "FIRST=1";
	environment[nr++] = filler[0];
	environment[nr++] = fits;
	environment[nr++] = fits_not;
	environment[nr++] = filler[1];
	environment[nr++] = "BEHIND=2";
	for (size_t i = 2; i < ARRAY_SIZE(filler); i++) {
		filler[i][0] = 'x';
		environment[nr++] = filler[i];
	}
	environment[nr++] = "BEYOND=3";
	pid = start_with(environment);
	assert_int_equal(read_of(pid, variables, ARRAY_SIZE(variables)), 0);
	assert_string_equal(variables[0].value, "1");
	assert_string_equal(variables[1].value, fits + 5);
	assert_null(variables[2].value);
	assert_string_equal(variables[3].value, "2");
	assert_null(variables[4].value); /* behind more than is read */
	assert_null(variables[5].value); /* the middle of one is not the start of another */
	environment_done(variables, ARRAY_SIZE(variables));
	fixture_stop(pid);
}

static void dead_ones_have_none(void **state)
{
	char *const environment[] = {"NAME=yes", NULL};
	struct environment_variable variables[] = {{.name = "NAME"}};
	pid_t pid = start_with(environment);
	int directory = proc_open(pid), r;

	(void)state;
	kill(pid, SIGKILL);
	assert_int_equal(waitid(P_PID, pid, &(siginfo_t){}, WEXITED | WNOWAIT), 0);
	/* a zombie */
	r = environment_read(directory, variables, ARRAY_SIZE(variables));
	assert_true(r <= 0);
	assert_null(variables[0].value);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(environment_read(directory, variables, ARRAY_SIZE(variables)), -ESRCH);
	assert_null(variables[0].value);
	close(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chosen_ones_are_read),
		cmocka_unit_test(huge_ones_are_bounded),
		cmocka_unit_test(dead_ones_have_none),
	};

	return cmocka_run_group_tests_name("environment", tests, NULL, NULL);
}
