/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Stacks as bytes and back, bytes that are none, and the frame to blame. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "model/stack.h"

#define HEAD_SIZE 80 /* of the bytes, before the frames */
#define FRAME_SIZE 40

static struct stack_frame example_frames[] = {
	{0x7f01, 0x101, "__read", "", "/lib/libc.so.6", 0, FRAME_NATIVE, FRAME_RUNTIME},
	{0x401000, 0x1000, "app::Reader::fill()", "/src/reader.cc", "/srv/app", 17, FRAME_CPP, 0},
	{0x401000, 0x1000, "on_event", "/src/loop.cc", "/srv/app", 4096, FRAME_CPP, FRAME_INLINED},
	{0, 0, "handle", "/srv/app.py", "", 3, FRAME_PYTHON, 0},
};

static struct stack example(void)
{
	return (struct stack){
		.id = {.pid = 1, .tid = 2, .start_ns = 3, .exec_id = 4, .changes = 5},
		.process_start_ns = 6,
		.start_ns = 7,
		.time_ns = 8,
		.syscall_nr = -1,
		.cause = CAUSE_SYSCALL,
		.flags = STACK_IS_PARTIAL,
		.holder = {9, "keeper"},
		.nr_frames = ARRAY_SIZE(example_frames),
		.frames = example_frames,
	};
}

static void check_alike(const struct stack *a, const struct stack *b)
{
	assert_memory_equal(&a->id, &b->id, sizeof(a->id));
	assert_int_equal(a->process_start_ns, b->process_start_ns);
	assert_int_equal(a->start_ns, b->start_ns);
	assert_int_equal(a->time_ns, b->time_ns);
	assert_int_equal(a->syscall_nr, b->syscall_nr);
	assert_int_equal(a->cause, b->cause);
	assert_int_equal(a->flags, b->flags);
	assert_int_equal(a->holder.tid, b->holder.tid);
	assert_string_equal(a->holder.thread, b->holder.thread);
	assert_int_equal(a->nr_frames, b->nr_frames);
	for (size_t i = 0; i < a->nr_frames; i++) {
		const struct stack_frame *one = &a->frames[i], *other = &b->frames[i];

		assert_int_equal(one->address, other->address);
		assert_int_equal(one->module_offset, other->module_offset);
		assert_string_equal(one->function, other->function);
		assert_string_equal(one->file, other->file);
		assert_string_equal(one->module, other->module);
		assert_int_equal(one->line, other->line);
		assert_int_equal(one->language, other->language);
		assert_int_equal(one->flags, other->flags);
	}
}

static struct stack *encode_and_decode(const struct stack *stack)
{
	struct buffer bytes = {};
	struct stack *decoded = NULL;

	stack_encode(&bytes, stack);
	assert_int_equal(bytes.error, 0);
	assert_true(bytes.size <= STACK_MAX_BYTES);
	assert_int_equal(stack_decode(bytes.data, bytes.size, &decoded), 0);
	buffer_done(&bytes);
	return decoded;
}

static void test_round_trip(void **state)
{
	const struct stack stack = example();
	_cleanup_(stack_freep) struct stack *decoded = encode_and_decode(&stack);

	(void)state;
	check_alike(decoded, &stack);
}

static void test_without_frames(void **state)
{
	struct stack stack = example();
	_cleanup_(stack_freep) struct stack *decoded = NULL;

	(void)state;
	stack.nr_frames = 0;
	stack.flags = STACK_IS_MISSING;
	decoded = encode_and_decode(&stack);
	check_alike(decoded, &stack);
	assert_null(stack_culprit(decoded));
}

/* Each text once: frames of one file cost little. */
static void test_texts_are_shared(void **state)
{
	struct stack_frame frames[STACK_MAX_FRAMES];
	struct stack stack = example();
	struct buffer bytes = {};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(frames); i++)
		frames[i] = example_frames[1];
	stack.frames = frames;
	stack.nr_frames = ARRAY_SIZE(frames);
	stack_encode(&bytes, &stack);
	assert_int_equal(bytes.size, HEAD_SIZE + ARRAY_SIZE(frames) * FRAME_SIZE + 1 +
					     sizeof("app::Reader::fill()") +
					     sizeof("/src/reader.cc") + sizeof("/srv/app"));
	buffer_done(&bytes);
}

/* More frames, and longer and more texts than there may be: the innermost are whole. */
static void test_too_much(void **state)
{
	static char texts[2 * STACK_MAX_FRAMES][2 * STACK_MAX_TEXT];
	struct stack_frame frames[2 * STACK_MAX_FRAMES];
	_cleanup_(stack_freep) struct stack *decoded = NULL;
	struct stack stack = example();
	size_t whole = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(frames); i++) {
		memset(texts[i], 'x', sizeof(texts[i]) - 1);
		snprintf(texts[i], sizeof(texts[i]), "%06zu", i);
		texts[i][6] = 'x';
		frames[i] = (struct stack_frame){
			.address = i, .function = texts[i], .file = "", .module = "/srv/app"};
	}
	stack.flags = 0;
	stack.frames = frames;
	stack.nr_frames = ARRAY_SIZE(frames);
	decoded = encode_and_decode(&stack);
	assert_int_equal(decoded->nr_frames, STACK_MAX_FRAMES);
	assert_int_equal(decoded->flags, STACK_IS_CUT | STACK_IS_PARTIAL);
	while (decoded->frames[whole].function[0]) {
		assert_int_equal(strlen(decoded->frames[whole].function), STACK_MAX_TEXT - 1);
		assert_int_equal(atoi(decoded->frames[whole].function), whole);
		assert_string_equal(decoded->frames[whole].module, "/srv/app");
		whole++;
	}
	assert_in_range(whole, 90, 110);
	assert_int_equal(decoded->frames[STACK_MAX_FRAMES - 1].address, STACK_MAX_FRAMES - 1);
}

/* What a later version says in a language of its own is a frame like others. */
static void test_unknown_language(void **state)
{
	struct stack stack = example();
	_cleanup_(stack_freep) struct stack *decoded = NULL;

	(void)state;
	example_frames[0].language = 200;
	decoded = encode_and_decode(&stack);
	example_frames[0].language = FRAME_NATIVE;
	assert_string_equal(frame_language_name(decoded->frames[0].language), "");
	assert_string_equal(frame_language_name(FRAME_CPP), "c++");
	assert_string_equal(frame_language_name(FRAME_JAVASCRIPT), "javascript");
}

static int decode(const struct buffer *bytes, size_t size)
{
	_cleanup_(stack_freep) struct stack *stack = NULL;
	/* of its very size, so that a sanitizer sees what goes beyond */
	_cleanup_(freep) unsigned char *exact = malloc(size ?: 1);

	memcpy(exact, bytes->data, size);
	return stack_decode(exact, size, &stack);
}

static void test_cut_anywhere(void **state)
{
	const struct stack stack = example();
	struct buffer bytes = {};

	(void)state;
	stack_encode(&bytes, &stack);
	for (size_t size = 0; size < bytes.size; size++)
		assert_int_equal(decode(&bytes, size), -EBADMSG);
	assert_int_equal(decode(&bytes, bytes.size), 0);
	buffer_append(&bytes, "", 1);
	assert_int_equal(decode(&bytes, bytes.size), -EBADMSG);
	buffer_done(&bytes);
}

/* One byte set at `at`; -1: at the end less one. */
static const struct {
	const char *what;
	int at;
	unsigned char value;
} wrong_bytes[] = {
	{"a time beyond all", 47, 0x80},
	{"begun after it was taken", 39, 0x01},
	{"an unknown cause", 52, NR_CAUSES},
	{"an unknown flag", 53, 8},
	{"more frames", 54, 9},
	{"too many frames", 55, 0x80},
	{"texts of another size", 57, 0x01},
	{"a name of nobody", 60, 0},
	{"one that waits for himself", 60, 2},
	{"a thread that cannot be", 63, 0x80},
	{"a name without an end", 79, 'x'},
	{"a text beyond the texts", HEAD_SIZE + 18, 1},
	{"a flag of a frame that is none", HEAD_SIZE + 33, 0x80},
	{"a reserved field of a frame", HEAD_SIZE + 34, 1},
	{"a first text that is not empty", HEAD_SIZE + 4 * FRAME_SIZE, 'x'},
	{"a last text that has no end", -1, 'x'},
};

static void test_wrong_bytes(void **state)
{
	const struct stack stack = example();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong_bytes); i++) {
		struct buffer bytes = {};
		size_t at = (size_t)wrong_bytes[i].at;

		stack_encode(&bytes, &stack);
		bytes.data[wrong_bytes[i].at < 0 ? bytes.size - 1 : at] = wrong_bytes[i].value;
		if (decode(&bytes, bytes.size) != -EBADMSG)
			fail_msg("%s was taken", wrong_bytes[i].what);
		buffer_done(&bytes);
	}
}

static const char *culprit_of(const struct stack_frame *frames, size_t nr)
{
	const struct stack stack = {.nr_frames = nr, .frames = (struct stack_frame *)frames};
	const struct stack_frame *culprit = stack_culprit(&stack);

	return culprit->function[0] ? culprit->function : culprit->module;
}

static void test_culprit(void **state)
{
	const struct stack_frame nothing = {.function = "", .file = "", .module = ""};
	const struct stack_frame stripped = {.function = "", .file = "", .module = "/srv/stripped"};
	struct stack_frame library = example_frames[0], frames[4];
	struct stack stack = {.nr_frames = 1, .frames = frames};

	(void)state;
	assert_string_equal(culprit_of(example_frames, ARRAY_SIZE(example_frames)),
			    "app::Reader::fill()");
	/* one that says nothing is passed over, one that says at least where it is, is not */
	frames[0] = library;
	frames[1] = nothing;
	frames[2] = stripped;
	frames[3] = example_frames[1];
	assert_string_equal(culprit_of(frames, 4), "app::Reader::fill()"); /* one with a name */
	assert_string_equal(culprit_of(frames, 3), "/srv/stripped");
	/* nothing of the application: the innermost that has a name */
	library.function = "";
	frames[1] = library;
	frames[2] = example_frames[0];
	assert_string_equal(culprit_of(&frames[1], 2), "__read");
	frames[0] = nothing;
	assert_ptr_equal(stack_culprit(&stack), &frames[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),       cmocka_unit_test(test_without_frames),
		cmocka_unit_test(test_texts_are_shared), cmocka_unit_test(test_too_much),
		cmocka_unit_test(test_unknown_language), cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_wrong_bytes),      cmocka_unit_test(test_culprit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
