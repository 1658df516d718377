/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Lists of mappings: lines of every kind, and more of them than any buffer holds. */
#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "identity/mappings.h"
#include "identity/proc.h"

static void mappings_are_parsed(void **state)
{
	static const char *const none[] = {"",
					   "x",
					   "1000",
					   "1000-",
					   "1000-2000",
					   "1000-2000 r--p",
					   "1000-2000 r--p 0 00:00",
					   "-2000 r--p 00000000 00:01 5 /x"};
	struct mapping mapping;

	(void)state;
	assert_true(mapping_parse("7f3c1a2b4000-7f3c1a2b5000 rw-s 00000000 00:01 12345   "
				  "                   /memfd:OTEL_CTX (deleted)",
				  &mapping));
	assert_true(mapping.start == 0x7f3c1a2b4000 && mapping.end == 0x7f3c1a2b5000);
	assert_int_equal(mapping.inode, 12345);
	assert_int_equal(mapping.device, 1);
	assert_string_equal(mapping.name, "/memfd:OTEL_CTX (deleted)");
	assert_int_equal(mapping.offset, 0);
	assert_true(mapping_parse("1000-2000 rw-p 0001f000 00:00 0 ", &mapping));
	assert_int_equal(mapping.offset, 0x1f000);
	assert_int_equal(mapping.inode, 0);
	assert_string_equal(mapping.name, "");
	for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
		if (mapping_parse(none[i], &mapping))
			fail_msg("'%s' is taken for a mapping", none[i]);
	}
}

static int count_mapping(const struct mapping *mapping, void *nr)
{
	assert_true(mapping->start < mapping->end);
	(*(size_t *)nr)++;
	return 0;
}

/* More than any buffer: every other page of a mapping has another protection. */
static void many_mappings_are_walked(void **state)
{
	const size_t nr_pages = 4000, page = 4096;
	char *memory = mmap(NULL, nr_pages * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int directory = proc_open(getpid());
	size_t before = 0, after = 0;

	(void)state;
	assert_ptr_not_equal(memory, MAP_FAILED);
	assert_int_equal(mappings_walk(directory, count_mapping, &before), 0);
	for (size_t i = 1; i < nr_pages; i += 2)
		assert_int_equal(mprotect(memory + i * page, page, PROT_READ), 0);
	assert_int_equal(mappings_walk(directory, count_mapping, &after), 0);
	assert_in_range(after - before, nr_pages - 2, nr_pages);
	munmap(memory, nr_pages * page);
	close(directory);
}

#define DEPTH 9 /* of names of 250 newlines, each four characters in the list: \\012 */

/* Makes the directories, and changes into the last; or removes them from there. */
static void descend(const char *name)
{
	for (int i = 0; i < DEPTH; i++) {
		assert_int_equal(mkdir(name, 0700), 0);
		assert_int_equal(chdir(name), 0);
	}
}

static void ascend(const char *name)
{
	for (int i = 0; i < DEPTH; i++) {
		assert_int_equal(chdir(".."), 0);
		assert_int_equal(rmdir(name), 0);
	}
}

/* A line longer than any buffer is passed over, and the lines about it are not. */
static void long_lines_are_passed_over(void **state)
{
	int directory = proc_open(getpid()), top = open(".", O_PATH | O_CLOEXEC), fd;
	char root[] = "/tmp/loopscope-test-XXXXXX", name[251] = "";
	size_t before = 0, after = 0;
	void *memory;

	(void)state;
	memset(name, '\n', sizeof(name) - 1);
	assert_non_null(mkdtemp(root));
	assert_int_equal(chdir(root), 0);
	descend(name);
	fd = open("file", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(mappings_walk(directory, count_mapping, &before), 0);
	memory = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(memory, MAP_FAILED);
	assert_int_equal(mappings_walk(directory, count_mapping, &after), 0);
	assert_int_equal(after, before);
	munmap(memory, 4096);
	unlink("file");
	ascend(name);
	assert_int_equal(fchdir(top), 0);
	rmdir(root);
	close(directory);
	close(top);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mappings_are_parsed),
		cmocka_unit_test(many_mappings_are_walked),
		cmocka_unit_test(long_lines_are_passed_over),
	};

	return cmocka_run_group_tests_name("mappings", tests, NULL, NULL);
}
