/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Walks over an interpreter's structures: sound ones, endless ones, and ones of anything. */
#include "unit.h"

#include "python_heap.h"

#define ID 0x7f0000001000
#define NATIVE 4711

static struct python_heap heap;
static struct python_runtime runtime;
static struct python_frame frames[PYTHON_MAX_FRAMES];

static uint64_t first_interpreter(void)
{
	struct python_walk walk = {.runtime = &runtime, .context = &heap};

	return python_pointer(&walk, runtime.address, PYTHON_AT_INTERPRETERS);
}

static int walk(uint64_t id, uint64_t native_id)
{
	uint64_t thread = python_thread(&runtime, &heap, id, native_id);

	return thread ? python_frames(&runtime, &heap, thread, frames) : -1;
}

/* A thread in outer -> middle -> C -> inner. */
static uint64_t make_stack(uint64_t id, uint64_t native_id)
{
	uint64_t thread = python_heap_thread(&heap, &runtime, first_interpreter(), id, native_id);
	uint64_t outer = python_heap_code(&heap, &runtime, "outer", "/srv/outer.py", 1);
	uint64_t inner = python_heap_code(&heap, &runtime, "Inner.run", "/srv/inner.py", 30);
	uint64_t frame;

	frame = python_heap_frame(&heap, &runtime, thread, 0, outer, 10, true);
	frame = python_heap_frame(&heap, &runtime, thread, frame, outer, 20, false);
	python_heap_frame(&heap, &runtime, thread, frame, inner, 6, true);
	return thread;
}

static void check_stack(void)
{
	assert_string_equal(frames[0].function, "Inner.run");
	assert_string_equal(frames[0].file, "/srv/inner.py");
	assert_int_equal(frames[0].first_line, 30);
	assert_int_equal(frames[0].instruction, 6);
	assert_int_equal(frames[0].flags, PYTHON_FRAME_ENTRY);
	assert_string_equal(frames[1].function, "outer");
	assert_int_equal(frames[1].instruction, 20);
	assert_int_equal(frames[1].flags, 0);
	assert_int_equal(frames[2].instruction, 10);
	assert_int_equal(frames[2].flags, PYTHON_FRAME_ENTRY);
}

static void frames_of_a_thread_are_read(void **state)
{
	(void)state;
	for (__u32 version = 0x030b; version <= 0x030c; version++) {
		python_heap_init(&heap, version, &runtime);
		python_heap_thread(&heap, &runtime, first_interpreter(), ID + 1, NATIVE + 1);
		make_stack(ID, NATIVE);
		python_heap_thread(&heap, &runtime, first_interpreter(), ID + 2, NATIVE + 2);
		assert_int_equal(walk(ID, 0), 3);
		check_stack();
		assert_int_equal(frames[0].entered_at != 0, version == 0x030c);
		assert_int_equal(frames[1].entered_at, 0);
		assert_int_equal(walk(0, NATIVE), 3);
		check_stack();
		assert_int_equal(walk(ID + 3, NATIVE + 3), -1);
		assert_int_equal(walk(ID + 1, 0), -1); /* it runs no code */
		assert_int_equal(walk(0, 0), -1);
	}
}

/* The same thread is of two interpreters: the one begun last has no frame of it. */
static void a_thread_is_looked_for_in_all_interpreters(void **state)
{
	uint64_t other;

	(void)state;
	python_heap_init(&heap, 0x030c, &runtime);
	make_stack(ID, NATIVE);
	other = python_heap_interpreter(&heap, &runtime);
	assert_int_equal(walk(ID, 0), 3);
	python_heap_thread(&heap, &runtime, other, ID, NATIVE);
	assert_int_equal(walk(ID, 0), 3);
	check_stack();
}

static void tags_of_references_are_taken_off(void **state)
{
	uint64_t thread, code;

	(void)state;
	python_heap_init(&heap, 0x030c, &runtime);
	thread = python_heap_thread(&heap, &runtime, first_interpreter(), ID, NATIVE);
	code = python_heap_code(&heap, &runtime, "f", "f.py", 1);
	python_heap_put(&heap, &runtime,
			python_heap_frame(&heap, &runtime, thread, 0, code, 4, true),
			PYTHON_AT_FRAME_CODE, code | 1);
	assert_int_equal(walk(ID, 0), 1);
	assert_int_equal(frames[0].code, code);
	assert_int_equal(frames[0].instruction, 4);
	assert_string_equal(frames[0].function, "f");
}

static void one_frame(const char *name, const char *file)
{
	uint64_t thread;

	python_heap_init(&heap, 0x030b, &runtime);
	thread = python_heap_thread(&heap, &runtime, first_interpreter(), ID, NATIVE);
	python_heap_frame(&heap, &runtime, thread, 0,
			  python_heap_code(&heap, &runtime, name, file, 1), 4, true);
	assert_int_equal(walk(ID, 0), 1);
}

static void long_names_are_cut(void **state)
{
	char name[PYTHON_NAME_LEN + 1], file[PYTHON_FILE_LEN + 1];

	(void)state;
	memset(name, 'n', sizeof(name));
	memset(file, 'f', sizeof(file));
	name[PYTHON_NAME_LEN - 1] = file[PYTHON_FILE_LEN - 1] = '\0';
	one_frame(name, file);
	assert_int_equal(frames[0].flags, PYTHON_FRAME_ENTRY);
	assert_string_equal(frames[0].function, name);
	assert_string_equal(frames[0].file, file);
	memcpy(name + PYTHON_NAME_LEN - 2, "yz", 3);
	memcpy(file, "ab", 2);
	memcpy(file + PYTHON_FILE_LEN - 2, "yz", 3);
	one_frame(name, file);
	assert_int_equal(frames[0].flags,
			 PYTHON_FRAME_ENTRY | PYTHON_FRAME_NAME_CUT | PYTHON_FRAME_FILE_CUT);
	assert_int_equal(strlen(frames[0].function), PYTHON_NAME_LEN - 1);
	assert_memory_equal(frames[0].function, name, PYTHON_NAME_LEN - 1);
	assert_string_equal(frames[0].file, file + 1);
	one_frame("", "");
	assert_int_equal(frames[0].flags, PYTHON_FRAME_ENTRY);
}

static void a_name_that_is_not_ascii_is_left_to_others(void **state)
{
	struct python_walk walk_ = {.runtime = &runtime, .context = &heap};
	uint64_t name;

	(void)state;
	one_frame("f", "f.py");
	name = python_pointer(&walk_, frames[0].code, PYTHON_AT_CODE_NAME);
	python_heap_put(&heap, &runtime, name, PYTHON_AT_STRING_STATE,
			(1 | PYTHON_STRING_COMPACT) << 2);
	assert_int_equal(walk(ID, 0), 1);
	assert_int_equal(frames[0].flags, PYTHON_FRAME_ENTRY | PYTHON_FRAME_NAME_CUT);
	assert_string_equal(frames[0].function, "");
}

static void an_instruction_outside_of_the_bytecode_is_none(void **state)
{
	struct python_walk walk_ = {.runtime = &runtime, .context = &heap};
	uint64_t frame;

	(void)state;
	one_frame("f", "f.py");
	frame = python_current_frame(&walk_, python_thread(&runtime, &heap, ID, 0));
	python_heap_put(&heap, &runtime, frame, PYTHON_AT_FRAME_INSTRUCTION, frames[0].code);
	assert_int_equal(walk(ID, 0), 1);
	assert_int_equal(frames[0].instruction, PYTHON_NO_INSTRUCTION);
}

static void endless_structures_have_an_end(void **state)
{
	uint64_t thread, frame;

	(void)state;
	python_heap_init(&heap, 0x030c, &runtime);
	thread = make_stack(ID, NATIVE);
	python_heap_put(&heap, &runtime, thread, PYTHON_AT_THREAD_NEXT, thread);
	assert_int_equal(walk(ID + 1, 0), -1);
	assert_in_range(heap.nr_reads, PYTHON_MAX_THREADS, PYTHON_MAX_THREADS * 4);
	frame = python_first_frame(&runtime, &heap, thread);
	python_heap_put(&heap, &runtime, frame, PYTHON_AT_FRAME_PREVIOUS, frame);
	assert_int_equal(walk(ID, 0), PYTHON_MAX_FRAMES);
	for (int i = 0; i < PYTHON_MAX_FRAMES; i++)
		assert_int_equal(frames[i].flags,
				 i == PYTHON_MAX_FRAMES - 1 ? PYTHON_FRAME_LAST : 0);
	python_heap_put(&heap, &runtime, runtime.address, PYTHON_AT_INTERPRETERS, 0);
	assert_int_equal(walk(ID, 0), -1);
}

static void what_cannot_be_read_is_the_last(void **state)
{
	uint64_t thread;

	(void)state;
	python_heap_init(&heap, 0x030b, &runtime);
	thread = make_stack(ID, NATIVE);
	python_heap_put(&heap, &runtime, python_first_frame(&runtime, &heap, thread),
			PYTHON_AT_FRAME_PREVIOUS, 0xffffffffffffff00);
	assert_int_equal(walk(ID, 0), 2);
	assert_string_equal(frames[0].function, "Inner.run");
	assert_int_equal(frames[0].flags, PYTHON_FRAME_ENTRY);
	assert_true(frames[1].flags & PYTHON_FRAME_LAST);
	assert_string_equal(frames[1].function, "");
}

/* Offsets and memory of anything: no read but through the reader, and texts that end. */
static void anything_is_walked(void **state)
{
	struct random random = {7};

	(void)state;
	for (int i = 0; i < 500; i++) {
		int nr;

		python_heap_init(&heap, i % 2 ? 0x030b : 0x030c, &runtime);
		make_stack(ID, NATIVE);
		for (int j = 0; j < 200; j++)
			heap.bytes[random_below(&random, heap.used)] = random_next(&random);
		runtime.offsets[random_below(&random, NR_PYTHON_OFFSETS)] = random_next(&random);
		nr = walk(ID, 0);
		assert_in_range(nr + 1, 0, PYTHON_MAX_FRAMES + 1);
		for (int j = 0; j < nr; j++) {
			assert_true(strnlen(frames[j].function, PYTHON_NAME_LEN) < PYTHON_NAME_LEN);
			assert_true(strnlen(frames[j].file, PYTHON_FILE_LEN) < PYTHON_FILE_LEN);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_of_a_thread_are_read),
		cmocka_unit_test(a_thread_is_looked_for_in_all_interpreters),
		cmocka_unit_test(tags_of_references_are_taken_off),
		cmocka_unit_test(long_names_are_cut),
		cmocka_unit_test(a_name_that_is_not_ascii_is_left_to_others),
		cmocka_unit_test(an_instruction_outside_of_the_bytecode_is_none),
		cmocka_unit_test(endless_structures_have_an_end),
		cmocka_unit_test(what_cannot_be_read_is_the_last),
		cmocka_unit_test(anything_is_walked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
