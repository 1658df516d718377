/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Calls that answer, and others that never do: the caller goes on, and leaves nothing behind. */
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/apart.h"

struct told {
	pid_t pid, group;
	int nr_calls, number;
	int nr_descriptors;
	unsigned char zero;
	const char *constant;
};

static int nr_descriptors(void)
{
	DIR *list = opendir("/proc/self/fd");
	struct dirent *entry;
	int nr = -1; /* the directory's own */

	while ((entry = readdir(list)))
		nr += entry->d_name[0] != '.';
	closedir(list);
	return nr;
}

static void tell(const void *question, void *answer)
{
	static int nr_calls;
	struct told *told = answer;
	unsigned char zero = 0;

	for (size_t i = 0; i < sizeof(*told); i++)
		zero |= ((unsigned char *)answer)[i];
	*told = (struct told){.pid = getpid(),
			      .group = getpgid(0),
			      .nr_calls = ++nr_calls,
			      .number = *(const int *)question,
			      .nr_descriptors = nr_descriptors(),
			      .zero = zero,
			      .constant = "a constant"};
}

static void wait_for_ever(const void *question, void *answer)
{
	(void)question;
	*(pid_t *)answer = getpid();
	for (;;)
		pause();
}

static void crash(const void *question, void *answer)
{
	(void)question;
	(void)answer;
	_exit(1);
}

static struct told ask(struct apart *apart, int number)
{
	struct told told;

	assert_int_equal(apart_call(apart, tell, &number, sizeof(number), &told, sizeof(told)), 0);
	assert_int_equal(told.number, number);
	assert_int_equal(told.zero, 0);
	assert_string_equal(told.constant, "a constant");
	return told;
}

static void assert_no_child(void)
{
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void answers_come_from_one_child(void **state)
{
	struct told first, second;
	struct apart *apart;

	(void)state;
	assert_int_equal(apart_new(&apart), 0);
	assert_no_child();
	first = ask(apart, 1);
	second = ask(apart, 2);
	assert_int_not_equal(first.pid, getpid());
	assert_int_equal(first.group, first.pid);
	assert_int_equal(first.nr_descriptors, 1);
	assert_int_equal(second.pid, first.pid);
	assert_int_equal(second.nr_calls, first.nr_calls + 1);
	assert_int_equal(apart_unanswered(apart), 0);
	apart_free(apart);
	assert_no_child();
	apart_free(NULL);
}

static void without_a_child_it_is_called_here(void **state)
{
	(void)state;
	assert_int_equal(ask(NULL, 3).pid, getpid());
}

static void another_takes_the_place_of_one_that_has_ended(void **state)
{
	struct apart *apart;
	pid_t pid;

	(void)state;
	assert_int_equal(apart_new(&apart), 0);
	pid = ask(apart, 1).pid;
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitid(P_PID, pid, &(siginfo_t){}, WEXITED | WNOWAIT), 0);
	assert_int_not_equal(ask(apart, 2).pid, pid);
	assert_int_equal(apart_unanswered(apart), 0);
	apart_free(apart);
	assert_no_child();
}

static void what_never_answers_is_left(void **state)
{
	pid_t pid = 0;
	struct apart *apart;

	(void)state;
	assert_int_equal(apart_new(&apart), 0);
	assert_int_equal(apart_call(apart, wait_for_ever, "", 1, &pid, sizeof(pid)), -ETIMEDOUT);
	assert_int_equal(pid, 0);
	assert_int_equal(apart_unanswered(apart), 1);
	ask(apart, 1);
	apart_free(apart);
	assert_no_child();
}

static void failures_are_bounded(void **state)
{
	struct apart *apart;
	int failed = 0, r;
	char answer;

	(void)state;
	assert_int_equal(apart_new(&apart), 0);
	while ((r = apart_call(apart, crash, "", 1, &answer, 1)) == -EIO)
		failed++;
	assert_int_equal(r, -EBUSY);
	assert_in_range(failed, 1, 5);
	assert_int_equal(apart_unanswered(apart), failed + 1);
	assert_int_equal(apart_call(apart, tell, "", APART_MAX_QUESTION + 1, &answer, 1), -E2BIG);
	apart_free(apart);
	assert_no_child();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_come_from_one_child),
		cmocka_unit_test(without_a_child_it_is_called_here),
		cmocka_unit_test(another_takes_the_place_of_one_that_has_ended),
		cmocka_unit_test(what_never_answers_is_left),
		cmocka_unit_test(failures_are_bounded),
	};

	return cmocka_run_group_tests_name("apart", tests, NULL, NULL);
}
