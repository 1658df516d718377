/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The table of ELF files and that of names: bounded, and proof against files that lie. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "symbols/elf/elf_dwarf.h"
#include "symbols/elf/elf_object.h"
#include "symbols/elf/elf_symbols.h"
#include "symbols/native/name_cache.h"

#define IMAGE_BYTES 4096

static unsigned char image[IMAGE_BYTES]; /* of the kernel's library, which is small */

static int read_image(void **state)
{
	(void)state;
	memcpy(image, (const void *)getauxval(AT_SYSINFO_EHDR), sizeof(image));
	return 0;
}

static int clear(void **state)
{
	(void)state;
	elf_objects_clear();
	name_cache_clear();
	return 0;
}

static struct elf_object *open_numbered(unsigned int number)
{
	struct elf_object *object;

	memcpy(image + sizeof(image) - sizeof(number), &number, sizeof(number));
	assert_int_equal(elf_object_open_image(image, sizeof(image), &object), 0);
	return object;
}

static void files_are_opened_once(void **state)
{
	struct elf_object *first = open_numbered(1), *second = open_numbered(2);
	struct elf_objects_stats stats;

	(void)state;
	assert_ptr_not_equal(first, second);
	assert_int_not_equal(first->id, second->id);
	assert_ptr_equal(open_numbered(1), first);
	assert_ptr_equal(elf_object_find(second->id), second);
	elf_objects_stats(&stats);
	assert_int_equal(stats.objects, 2);
}

static void only_so_many_are_open(void **state)
{
	struct elf_objects_stats before, after;
	uint64_t first = open_numbered(0)->id, used = open_numbered(1)->id;

	(void)state;
	elf_objects_stats(&before);
	for (unsigned int i = 2; i < ELF_OBJECTS_MAX + 10; i++) {
		open_numbered(i);
		assert_non_null(elf_object_find(used)); /* and so it stays */
	}
	elf_objects_stats(&after);
	assert_int_equal(after.objects, ELF_OBJECTS_MAX);
	assert_int_equal(after.evictions - before.evictions, 10);
	assert_null(elf_object_find(first));
}

static void what_is_no_program_is_not_opened(void **state)
{
	static const size_t sizes[] = {1, 4, 63, 64, 65, 200};
	static const char text[] = "#!/bin/sh\nexit 0\n";
	struct elf_object *object;
	int fds[2];

	(void)state;
	assert_int_equal(elf_object_open_image(text, sizeof(text), &object), -ENOEXEC);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		assert_int_equal(elf_object_open_image(image, sizes[i], &object), -ENOEXEC);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(elf_object_open(fds[0], &object), -ENOEXEC);
	close(fds[0]);
	close(fds[1]);
}

/* Bytes changed anywhere: whatever is found, it is found in time, and within the file. */
static void files_that_lie(void **state)
{
	struct dwarf_place places[DWARF_MAX_INLINED];
	struct random random = {11};
	unsigned int opened = 0;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		unsigned char bad[IMAGE_BYTES];
		struct elf_object *object;
		uint64_t vaddr;

		memcpy(bad, image, sizeof(bad));
		for (int j = 0; j < 3; j++)
			bad[random_below(&random, random_below(&random, 2) ? 512 : sizeof(bad))] =
				(unsigned char)random_next(&random);
		if (elf_object_open_image(bad, sizeof(bad), &object))
			continue;
		opened++;
		for (uint64_t at = 0; at < sizeof(bad); at += 101) {
			const char *name = elf_symbol_at(object, at);

			if (name)
				assert_in_range(strlen(name), 1, sizeof(bad));
			elf_dwarf_find(object, at, places);
			elf_object_vaddr(object, at, &vaddr);
		}
		elf_symbol_vaddr(object, "clock_gettime", &vaddr);
	}
	assert_in_range(opened, 100, 3000);
}

static void names_are_kept(void **state)
{
	struct native_names names = {
		.nr = 2,
		.names = {{"inner", "a.c", 1, 0, 1}, {"outer", "", 2, 0, 0}},
	};
	uint64_t before = name_cache_evictions();
	const struct native_names *found;

	(void)state;
	for (uint64_t i = 0; i < NAME_CACHE_MAX + 5; i++) {
		assert_null(name_cache_get(1, i));
		name_cache_put(1, i, &names);
		found = name_cache_get(1, 0);
		assert_non_null(found);
	}
	assert_int_equal(found->nr, 2);
	assert_string_equal(found->names[0].function, "inner");
	assert_string_equal(found->names[0].file, "a.c");
	assert_string_equal(found->names[1].function, "outer");
	assert_int_equal(found->names[1].line, 2);
	assert_int_equal(name_cache_evictions() - before, 5);
	assert_null(name_cache_get(1, 1));
	assert_null(name_cache_get(2, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(files_are_opened_once, clear),
		cmocka_unit_test_teardown(only_so_many_are_open, clear),
		cmocka_unit_test_teardown(what_is_no_program_is_not_opened, clear),
		cmocka_unit_test_teardown(files_that_lie, clear),
		cmocka_unit_test_teardown(names_are_kept, clear),
	};

	return cmocka_run_group_tests_name("elf_objects", tests, read_image, NULL);
}
