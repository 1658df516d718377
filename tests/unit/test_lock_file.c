/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One agent a node: the second is told of the first, whatever the file says. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/lock_file.h"

struct place {
	char directory[64];
	char lock[PATH_MAX]; /* in a directory that is not there */
};

static int setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	strcpy(place->directory, "/tmp/loopscope-lock-XXXXXX");
	assert_non_null(mkdtemp(place->directory));
	snprintf(place->lock, sizeof(place->lock), "%s/run/agent.lock", place->directory);
	*state = place;
	return 0;
}

static int teardown(void **state)
{
	struct place *place = *state;
	char run[PATH_MAX];

	snprintf(run, sizeof(run), "%s/run", place->directory);
	unlink(place->lock);
	rmdir(run);
	assert_int_equal(rmdir(place->directory), 0);
	free(place);
	return 0;
}

static void write_file(const char *path, const void *content, size_t size)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, size), size);
	close(fd);
}

static void test_taken_once(void **state)
{
	const struct place *place = *state;
	char error[LOCK_FILE_ERROR_LEN] = "", want[64], text[32] = "";
	int fd = -1, second = -1;
	struct stat stat;

	assert_int_equal(lock_file_take(place->lock, &fd, error), 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(fstat(fd, &stat), 0);
	assert_int_equal(stat.st_mode & 0777 & ~0644, 0);
	assert_true(pread(fd, text, sizeof(text) - 1, 0) > 0);
	snprintf(want, sizeof(want), "%d\n", getpid());
	assert_string_equal(text, want);

	assert_int_equal(lock_file_take(place->lock, &second, error), -EWOULDBLOCK);
	assert_int_equal(second, -1);
	snprintf(want, sizeof(want), "another agent (pid %d) holds ", getpid());
	assert_non_null(strstr(error, want));
	assert_non_null(strstr(error, place->lock));

	close(fd);
	assert_int_equal(lock_file_take(place->lock, &second, error), 0);
	close(second);
}

/* A longer pid than this one's leaves nothing behind. */
static void test_old_content_is_gone(void **state)
{
	const struct place *place = *state;
	char error[LOCK_FILE_ERROR_LEN], want[32], text[64] = "";
	int fd = -1;

	assert_int_equal(lock_file_take(place->lock, &fd, error), 0);
	close(fd);
	write_file(place->lock, "4194303999999999999\nand more\n", 29);
	assert_int_equal(lock_file_take(place->lock, &fd, error), 0);
	snprintf(want, sizeof(want), "%d\n", getpid());
	assert_int_equal(pread(fd, text, sizeof(text) - 1, 0), strlen(want));
	assert_string_equal(text, want);
	close(fd);
}

static void test_hostile_content(void **state)
{
	const struct place *place = *state;
	static const struct {
		const char *content;
		size_t size;
	} files[] = {
		{"", 0},
		{"\n", 1},
		{"-5\n", 3},
		{"0\n", 2},
		{"99999999999999999999999\n", 24},
		{"12x\0\0\x1b[2J", 9},
		{"%s%n%s%n\n", 9},
		{"12 34\n", 6},
		{"\x1b]0;x\x07", 6},
	};
	char error[LOCK_FILE_ERROR_LEN];
	int fd = -1, second = -1;

	assert_int_equal(lock_file_take(place->lock, &fd, error), 0);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		write_file(place->lock, files[i].content, files[i].size);
		assert_int_equal(lock_file_take(place->lock, &second, error), -EWOULDBLOCK);
		assert_non_null(strstr(error, "another agent holds "));
		assert_null(strchr(error, '\x1b'));
	}
	close(fd);
}

static void test_not_a_file(void **state)
{
	const struct place *place = *state;
	char error[LOCK_FILE_ERROR_LEN] = "", target[PATH_MAX];
	int fd = -1;

	/* makes the directory */
	assert_int_equal(lock_file_take(place->lock, &fd, error), 0);
	close(fd);
	unlink(place->lock);

	snprintf(target, sizeof(target), "%s/target", place->directory);
	assert_int_equal(symlink(target, place->lock), 0);
	assert_int_equal(lock_file_take(place->lock, &fd, error), -ELOOP);
	assert_non_null(strstr(error, "symbolic link"));
	assert_int_equal(access(target, F_OK), -1);
	unlink(place->lock);

	assert_int_equal(mkfifo(place->lock, 0600), 0);
	assert_int_equal(lock_file_take(place->lock, &fd, error), -ENOTSUP);
	unlink(place->lock);

	assert_int_equal(mkdir(place->lock, 0700), 0);
	assert_int_equal(lock_file_take(place->lock, &fd, error), -EISDIR);
	rmdir(place->lock);
}

static void test_nowhere(void **state)
{
	char error[LOCK_FILE_ERROR_LEN] = "", path[6000];
	int fd = -1;

	(void)state;
	assert_int_equal(lock_file_take("/nonexistent/a/b/agent.lock", &fd, error), -ENOENT);
	assert_non_null(strstr(error, "cannot lock /nonexistent/a/b/agent.lock"));
	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(lock_file_take(path, &fd, error), -ENAMETOOLONG);
	assert_int_equal(fd, -1);
}

int main(void)
{
	const struct CMUnitTest lock_file[] = {
		cmocka_unit_test_setup_teardown(test_taken_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_old_content_is_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hostile_content, setup, teardown),
		cmocka_unit_test_setup_teardown(test_not_a_file, setup, teardown),
		cmocka_unit_test(test_nowhere),
	};

	return cmocka_run_group_tests(lock_file, NULL, NULL);
}
