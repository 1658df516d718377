/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* This very program has symbols as a node has them, so that its own file is read. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "symbols/jit/v8_constants.h"
#include "v8_symbols.h"

static int open_self(void)
{
	return open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
}

static void test_own_file(void **state)
{
	_cleanup_(closep) int fd = open_self();
	struct v8_constants constants;

	(void)state;
	assert_int_equal(v8_constants_read(fd, &constants), 0);
	assert_int_equal(constants.frame_function, -16);
	assert_int_equal(constants.function_shared, 24);
	assert_int_equal(constants.shared_name, 16);
	assert_int_equal(constants.shared_script, 32);
	assert_int_equal(constants.script_type, 167);
	assert_int_equal(constants.map, 0);
	assert_int_equal(constants.thin_tag, 5);
	assert_int_equal(constants.regexp_frame, 27);
	assert_int_equal(constants.wasm_frame, V8_NO_CONSTANT);
	assert_int_equal(v8_constants_check(&constants), 0);
}

static void test_ranges(void **state)
{
	_cleanup_(closep) int fd = open_self();
	struct v8_constants good, bad;

	(void)state;
	assert_int_equal(v8_constants_read(fd, &good), 0);
	bad = good;
	bad.tagged_size = 4; /* pointers are compressed */
	assert_int_equal(v8_constants_check(&bad), -ENOTSUP);
	bad = good;
	bad.script_name = V8_NO_CONSTANT;
	assert_int_equal(v8_constants_check(&bad), -ENOTSUP);
	bad = good;
	bad.function_shared = 4096;
	assert_int_equal(v8_constants_check(&bad), -ENOTSUP);
	bad = good;
	bad.frame_function = 8;
	assert_int_equal(v8_constants_check(&bad), -ENOTSUP);
	bad = good;
	bad.first_context_type = bad.last_context_type + 1;
	assert_int_equal(v8_constants_check(&bad), -ENOTSUP);
}

static int read_copy(const char *data, size_t size)
{
	_cleanup_(closep) int fd = memfd_create("node", MFD_CLOEXEC);
	struct v8_constants constants;

	assert_int_equal(write(fd, data, size), size);
	return v8_constants_read(fd, &constants);
}

/* Cut at many places, and with bytes changed: refused, or read, never more. */
static void test_broken_files(void **state)
{
	_cleanup_(closep) int fd = open_self();
	_cleanup_(freep) char *data = NULL;
	struct stat status;

	(void)state;
	assert_int_equal(fstat(fd, &status), 0);
	data = malloc((size_t)status.st_size);
	assert_int_equal(read(fd, data, (size_t)status.st_size), status.st_size);
	assert_int_equal(read_copy(data, (size_t)status.st_size), 0);
	assert_int_equal(read_copy(data, 0), -EBADMSG);
	for (off_t size = 1; size < status.st_size; size += status.st_size / 50)
		assert_true(read_copy(data, (size_t)size) < 0);
	srandom(1);
	for (int i = 0; i < 200; i++) {
		/* where the section headers are, and what is before them */
		off_t at = status.st_size - 1 - random() % 4096;
		char was = data[at];

		data[at] = (char)random();
		read_copy(data, (size_t)status.st_size);
		data[at] = was;
	}
}

static void test_no_node(void **state)
{
	_cleanup_(closep) int fd = open("/bin/sh", O_RDONLY | O_CLOEXEC);
	struct v8_constants constants;

	(void)state;
	assert_int_equal(v8_constants_read(fd, &constants), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own_file),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_broken_files),
		cmocka_unit_test(test_no_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
