/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What an interpreter says of its structures, true and not; and texts and lines of a process: of
 * this one.
 */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "symbols/python/python_code.h"
#include "symbols/python/python_offsets.h"

#define NR_WORDS (PYTHON_DEBUG_OFFSETS_SIZE / 8)

static uint64_t words[NR_WORDS];

static void make_words(uint64_t version)
{
	for (size_t i = 0; i < NR_WORDS; i++)
		words[i] = 1000 + i;
	memcpy(words, "xdebugpy", 8);
	words[1] = version;
	words[2] = 0; /* with a GIL */
}

static void offsets_are_read_as_a_version_has_them(void **state)
{
	struct python_runtime runtime = {.address = 1};

	(void)state;
	make_words(0x030d00f0);
	assert_int_equal(python_offsets_read(words, &runtime), 0);
	assert_int_equal(runtime.version, 0x030d);
	assert_int_equal(runtime.address, 1);
	assert_int_equal(runtime.offsets[PYTHON_AT_INTERPRETERS], 1005);
	assert_int_equal(runtime.offsets[PYTHON_AT_THREAD_FRAME], 1023);
	assert_int_equal(runtime.offsets[PYTHON_AT_GIL_HOLDER], 3);
	assert_int_equal(runtime.offsets[PYTHON_AT_STRING_WIDE], 1070 + 16);
	assert_int_equal(runtime.offsets[PYTHON_FIRST_SHIM], 3);
	assert_int_equal(runtime.offsets[PYTHON_STRING_KIND_SHIFT], 2);
	make_words(0x030e08f0);
	words[2] = 1;
	assert_int_equal(python_offsets_read(words, &runtime), 0);
	assert_int_equal(runtime.version, 0x030e);
	assert_int_equal(runtime.offsets[PYTHON_AT_THREAD_FRAME], 1026);
	assert_int_equal(runtime.offsets[PYTHON_STRING_KIND_SHIFT], 8);
}

static void offsets_that_cannot_be_are_refused(void **state)
{
	struct python_runtime runtime = {};

	(void)state;
	make_words(0x030d00f0);
	words[0]++;
	assert_int_equal(python_offsets_read(words, &runtime), -ENODATA);
	make_words(0x030f00f0);
	assert_int_equal(python_offsets_read(words, &runtime), -ENOTSUP);
	make_words(0x1030d00f0);
	assert_int_equal(python_offsets_read(words, &runtime), -ENOTSUP);
	make_words(0x030d00f0);
	words[25] = 65536;
	assert_int_equal(python_offsets_read(words, &runtime), -EBADMSG);
	words[25] = UINT64_MAX;
	assert_int_equal(python_offsets_read(words, &runtime), -EBADMSG);
	make_words(0x030d00f0);
	words[18] = 0; /* the holder before the lock */
	assert_int_equal(python_offsets_read(words, &runtime), -EBADMSG);
	assert_int_equal(runtime.version, 0);
	assert_int_equal(python_offsets_known(0x030a, &runtime), -ENOTSUP);
	assert_int_equal(python_offsets_known(0x030d, &runtime), -ENOTSUP);
	assert_int_equal(runtime.version, 0);
}

/* Objects as 3.12 has them. */
struct text {
	uint64_t head[2], length, hash;
	uint32_t state, padding;
	uint64_t wide[2]; /* of one that is not ASCII; else its characters */
	char more[2048];
};

struct code {
	unsigned char bytes[208];
};

static struct process *process;
static struct python_runtime runtime_3_12;
static struct text name, file, table;
static struct code code;

static void fill_text(struct text *text, uint32_t kind, bool ascii, const void *from, size_t length)
{
	*text = (struct text){.length = length, .state = (kind | 8 | (ascii ? 16 : 0)) << 2};
	memcpy(ascii ? (char *)text->wide : text->more, from, length * kind);
}

static void fill_code(int32_t first_line)
{
	static const unsigned char lines[] = {0x80, 0, 0x80 | 11 << 3, 1, 2}; /* then one line on */
	const void *pointers[] = {&file, &name, &name, &table};

	memcpy(code.bytes + 112, pointers, sizeof(pointers));
	memcpy(code.bytes + 68, &first_line, sizeof(first_line));
	table = (struct text){.length = sizeof(lines)};
	memcpy((char *)&table + 32, lines, sizeof(lines));
}

static struct python_frame frame_of_code(const char *function, const char *path, int32_t first_line)
{
	struct python_frame frame = {.code = (uintptr_t)&code, .instruction = 2};

	frame.first_line = first_line;
	strcpy(frame.function, function);
	strcpy(frame.file, path);
	return frame;
}

static void texts_are_read_as_utf8(void **state)
{
	static const uint16_t two[] = {'a', 0xdf, 0x20ac, 0xdcff};
	static const uint32_t four[] = {0x1f40d, 'b', 0xffffffff};
	char long_text[600], to[64];

	(void)state;
	fill_text(&name, 1, true, "plain", 5);
	assert_int_equal(python_text_read(process, &runtime_3_12, (uintptr_t)&name, to, 64), 5);
	assert_string_equal(to, "plain");
	fill_text(&name, 1, false, "gr\xf6\xdf", 4);
	assert_int_equal(python_text_read(process, &runtime_3_12, (uintptr_t)&name, to, 64), 6);
	assert_string_equal(to, "größ");
	fill_text(&name, 2, false, two, 4);
	assert_int_equal(python_text_read(process, &runtime_3_12, (uintptr_t)&name, to, 64), 7);
	assert_string_equal(to, "aß€\xff");
	fill_text(&name, 4, false, four, 3);
	assert_int_equal(python_text_read(process, &runtime_3_12, (uintptr_t)&name, to, 64), 9);
	memset(long_text, 'x', sizeof(long_text));
	fill_text(&name, 1, true, long_text, sizeof(long_text));
	assert_in_range(python_text_read(process, &runtime_3_12, (uintptr_t)&name, to, 64), 59, 63);
	name.state &= ~(8U << 2);
	assert_int_equal(python_text_read(process, &runtime_3_12, (uintptr_t)&name, to, 64),
			 -EBADMSG);
	assert_int_equal(python_text_read(process, &runtime_3_12, 16, to, 64), -EFAULT);
	assert_int_equal(python_text_read(process, &runtime_3_12, 0, to, 64), -EFAULT);
}

static void a_code_object_tells_lines_while_it_is_the_same(void **state)
{
	struct python_frame frame = frame_of_code("f", "/f.py", 30);
	struct python_names names;

	(void)state;
	fill_text(&name, 1, true, "f", 1);
	fill_text(&file, 1, true, "/f.py", 5);
	fill_code(30);
	python_code_names(process, &runtime_3_12, &frame, &names);
	assert_int_equal(names.line, 31);
	assert_string_equal(names.function, "f");
	frame.instruction = 1000; /* in no entry */
	python_code_names(process, &runtime_3_12, &frame, &names);
	assert_int_equal(names.line, 30);
	frame.instruction = 2;
	fill_code(40); /* another one is there by now */
	python_code_names(process, &runtime_3_12, &frame, &names);
	assert_int_equal(names.line, 30);
	fill_code(30);
	fill_text(&name, 1, true, "g", 1);
	python_code_names(process, &runtime_3_12, &frame, &names);
	assert_int_equal(names.line, 30);
	assert_string_equal(names.function, "f");
	frame.code = 4096; /* nothing is */
	python_code_names(process, &runtime_3_12, &frame, &names);
	assert_int_equal(names.line, 30);
}

static void names_that_were_cut_are_asked_for(void **state)
{
	struct python_frame frame = frame_of_code("", "/f.py", 30);
	struct python_names names;

	(void)state;
	fill_text(&name, 1, false, "\xfc", 1);
	fill_text(&file, 1, true, "/f.py", 5);
	fill_code(30);
	frame.flags = PYTHON_FRAME_NAME_CUT;
	python_code_names(process, &runtime_3_12, &frame, &names);
	assert_string_equal(names.function, "ü");
	assert_int_equal(names.line, 31);
	table.length = UINT32_MAX; /* as long as no table is */
	python_code_names(process, &runtime_3_12, &frame, &names);
	assert_int_equal(names.line, 30);
}

/* They come from a record, which anybody could have written. */
static void texts_without_an_end_are_cut(void **state)
{
	struct python_frame *frame = malloc(sizeof(*frame));
	struct python_names names;

	(void)state;
	fill_text(&name, 1, true, "x", 1);
	fill_text(&file, 1, true, "x", 1);
	fill_code(30);
	assert_non_null(frame);
	memset(frame, 'x', sizeof(*frame));
	frame->code = (uintptr_t)&code;
	frame->first_line = 30;
	python_code_names(process, &runtime_3_12, frame, &names);
	assert_int_equal(strlen(names.function), PYTHON_NAME_LEN - 1);
	assert_int_equal(strlen(names.file), PYTHON_FILE_LEN - 1);
	assert_int_equal(names.line, 30);
	free(frame);
}

static int open_self(void **state)
{
	(void)state;
	assert_int_equal(python_offsets_known(0x030c, &runtime_3_12), 0);
	return process_new(getpid(), UINT64_MAX, &process);
}

static int close_self(void **state)
{
	(void)state;
	process_free(process);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(offsets_are_read_as_a_version_has_them),
		cmocka_unit_test(offsets_that_cannot_be_are_refused),
		cmocka_unit_test(texts_are_read_as_utf8),
		cmocka_unit_test(a_code_object_tells_lines_while_it_is_the_same),
		cmocka_unit_test(names_that_were_cut_are_asked_for),
		cmocka_unit_test(texts_without_an_end_are_cut),
	};

	return cmocka_run_group_tests(tests, open_self, close_self);
}
