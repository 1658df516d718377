/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The export file where there is no more room, and what is none. */
#include "agent/export_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

#define LINE "0123456789\n"
#define MAX_BYTES 20000

static char directory[] = "/tmp/export_file.XXXXXX", path[64];

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(directory))
		return -1;
	snprintf(path, sizeof(path), "%s/lines", directory);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return rmdir(directory);
}

static off_t size_of_file(void)
{
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	return status.st_size;
}

static void test_no_more_room(void **state)
{
	const struct rlimit little = {MAX_BYTES, RLIM_INFINITY},
			    all = {RLIM_INFINITY, RLIM_INFINITY};
	FILE *file;
	off_t end;

	(void)state;
	assert_int_equal(export_file_open(path, &file), 0);
	assert_true(fputs(LINE, file) >= 0 && !fflush(file));
	end = export_file_end(file);
	assert_int_equal(end, strlen(LINE));
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
	for (int i = 0; i < MAX_BYTES; i++)
		fputs(LINE, file);
	assert_int_equal(fflush(file), EOF);
	assert_int_equal(size_of_file(), MAX_BYTES);
	export_file_cut(file, end);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &all), 0);
	assert_true(fputs(LINE, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(size_of_file(), 2 * strlen(LINE));
	assert_int_equal(unlink(path), 0);
}

static void test_no_file(void **state)
{
	FILE *file;

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(export_file_open(path, &file), -ENXIO);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/dev/null", path), 0);
	assert_int_equal(export_file_open(path, &file), -ELOOP);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(export_file_open("/dev/null", &file), -EINVAL);
	assert_int_equal(export_file_open(directory, &file), -EISDIR);
}

int main(void)
{
	const struct CMUnitTest export_file[] = {
		cmocka_unit_test(test_no_more_room),
		cmocka_unit_test(test_no_file),
	};

	return cmocka_run_group_tests(export_file, set_up, tear_down);
}
