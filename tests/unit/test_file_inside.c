/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Paths of every kind below a directory, against what the kernel finds there. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file_inside.h"

static char top[] = "/tmp/file_inside.XXXXXX";
static const char *const directories[] = {"root", "root/a", "root/a/b", "outside"};
static const char *const files[] = {"root/file", "root/a/b/file", "outside/file", "secret"};
static const struct {
	const char *name, *text;
} links[] = {
	{"root/to_file", "file"},      {"root/absolute", "/a/b/file"},
	{"root/a/up", "../file"},      {"root/a/b/high_up", "../../../../../../secret"},
	{"root/out", "/../outside"},   {"root/a/dir", "/a/./b//"},
	{"root/chain", "a/dir/../up"}, {"root/self", "self"},
	{"root/ping", "pong"},         {"root/pong", "ping"},
	{"root/nowhere", "/none"},     {"root/a/root", "/"},
};
static int root = -1;

static const char *below(const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", top, name);
	return path;
}

#define NR(array) (sizeof(array) / sizeof(*(array)))

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(top))
		return -1;
	for (size_t i = 0; i < NR(directories); i++) {
		if (mkdir(below(directories[i]), 0755))
			return -1;
	}
	for (size_t i = 0; i < NR(files); i++)
		close(open(below(files[i]), O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	for (size_t i = 0; i < NR(links); i++) {
		if (symlink(links[i].text, below(links[i].name)))
			return -1;
	}
	root = open(below("root"), O_PATH | O_DIRECTORY | O_CLOEXEC);
	return root < 0;
}

static int tear_down(void **state)
{
	(void)state;
	close(root);
	for (size_t i = 0; i < NR(links); i++)
		unlink(below(links[i].name));
	for (size_t i = 0; i < NR(files); i++)
		unlink(below(files[i]));
	for (size_t i = NR(directories); i > 0; i--)
		rmdir(below(directories[i - 1]));
	return rmdir(top);
}

static void check(const char *path, bool follow)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW),
			       .resolve = RESOLVE_IN_ROOT};
	_cleanup_(closep) int truth = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
	int error = truth < 0 ? -errno : 0;
	_cleanup_(closep) int fd = file_find_inside(root, path, follow);
	struct stat expected, found;

	if (truth < 0) {
		assert_int_equal(fd, error);
		return;
	}
	assert_true(fd >= 0);
	assert_int_equal(fstat(truth, &expected) || fstat(fd, &found), 0);
	assert_int_equal(expected.st_ino, found.st_ino);
}

static void test_as_the_kernel(void **state)
{
	static const char *const paths[] = {
		"file",
		"/file",
		"//a///b/./file",
		"a/b/../../file",
		"../../../file",
		"to_file",
		"absolute",
		"a/up",
		"a/b/high_up",
		"out/file",
		"a/dir",
		"a/dir/..",
		"a/dir/file",
		"chain",
		"self",
		"ping",
		"nowhere",
		"a/root/a/b/file",
		"none",
		"file/x",
		"a/none/x",
		"a",
		"../outside/secret",
		"a/root/../file",
	};

	(void)state;
	for (size_t i = 0; i < NR(paths); i++) {
		check(paths[i], true);
		check(paths[i], false);
	}
}

static int nr_open(void)
{
	int nr = 0;

	for (int fd = 0; fd < 256; fd++)
		nr += fcntl(fd, F_GETFD) >= 0;
	return nr;
}

static void test_bounds(void **state)
{
	char path[2 * PATH_MAX] = "";
	int before = nr_open();

	(void)state;
	assert_int_equal(file_find_inside(root, "/", true), -EISDIR);
	assert_int_equal(file_find_inside(root, "a/../..", true), -EISDIR);
	memset(path, '/', sizeof(path) - 1);
	assert_int_equal(file_find_inside(root, path, true), -ENAMETOOLONG);
	path[0] = '\0';
	for (int i = 0; i < 60; i++) /* each goes back to the root */
		strcat(path, "a/root/");
	assert_int_equal(file_find_inside(root, path, true), -ELOOP);
	path[0] = '\0';
	for (int i = 0; i < 100; i++) /* no deeper than it was */
		strcat(path, "a/b/../../");
	strcat(path, "file");
	check(path, true);
	assert_int_equal(nr_open(), before);
}

static void test_only_regular_files_are_read(void **state)
{
	_cleanup_(closep) int file = file_find_inside(root, "absolute", true);
	_cleanup_(closep) int again = file_reopen(file);
	_cleanup_(closep) int link = file_find_inside(root, "absolute", false);
	_cleanup_(closep) int device = open("/dev/null", O_PATH | O_CLOEXEC);

	(void)state;
	assert_true(again >= 0);
	assert_int_equal(fcntl(again, F_GETFL) & O_ACCMODE, O_RDONLY);
	assert_int_equal(file_reopen(link), -EINVAL);
	assert_int_equal(file_reopen(device), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_the_kernel),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_only_regular_files_are_read),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
