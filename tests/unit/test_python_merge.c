/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Frames of Python put among native ones, and whose code they are. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "symbols/python/python_code.h"
#include "symbols/python/python_merge.h"

#define EVALUATOR "_PyEval_EvalFrameDefault"
#define E PYTHON_FRAME_ENTRY

static struct frames frames;
static struct python_frame python[PYTHON_MAX_FRAMES];
static struct stack_sample sample = {.python = python};

static void native(const char *const *names, size_t nr)
{
	frames_reset(&frames);
	for (size_t i = 0; i < nr; i++)
		frames_append(&frames, i + 1)->function = names[i];
}

static void add_python(const char *function, const char *file, __u32 flags)
{
	struct python_frame *frame = &python[sample.nr_python++];

	*frame = (struct python_frame){.code = 1, .first_line = 7, .flags = flags};
	snprintf(frame->function, sizeof(frame->function), "%s", function);
	snprintf(frame->file, sizeof(frame->file), "%s", file);
}

/* The functions, innermost first, with a space between. */
static const char *merged(void)
{
	static char text[16384];
	size_t used = 0;

	assert_int_equal(python_merge(NULL, &sample, &frames), 0);
	text[0] = '\0';
	for (size_t i = 0; i < frames.nr; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", i ? " " : "",
					 frames.frame[i].function);
	return text;
}

#define NATIVE(...) \
	native((const char *const[]){__VA_ARGS__}, ARRAY_SIZE(((const char *const[]){__VA_ARGS__})))

static int reset(void **state)
{
	(void)state;
	sample.nr_python = 0;
	frames_reset(&frames);
	return 0;
}

static void each_run_takes_the_place_of_one_evaluator(void **state)
{
	(void)state;
	NATIVE("sleep", EVALUATOR, "sort", EVALUATOR, "main");
	add_python("a", "a.py", 0);
	add_python("b", "a.py", E);
	add_python("c", "a.py", E);
	assert_string_equal(merged(), "sleep a b sort c main");
	assert_int_equal(frames.flags, 0);
	assert_int_equal(frames.frame[1].address, 0);
	assert_int_equal(frames.frame[1].line, 7);
	assert_int_equal(frames.frame[1].language, FRAME_PYTHON);
	assert_int_equal(frames.frame[3].language, FRAME_NATIVE);
}

static void parts_of_the_evaluator_are_it(void **state)
{
	(void)state;
	NATIVE(EVALUATOR ".cold", EVALUATOR "Other", "_TAIL_CALL_BINARY_OP", "main");
	add_python("a", "a.py", E);
	add_python("b", "a.py", E);
	assert_string_equal(merged(), "a " EVALUATOR "Other b main");
	assert_int_equal(frames.flags, 0);
}

static void frames_beyond_the_native_ones_are_appended(void **state)
{
	(void)state;
	NATIVE("sleep", EVALUATOR);
	frames.flags = STACK_IS_CUT;
	add_python("a", "a.py", E);
	add_python("b", "a.py", E);
	assert_string_equal(merged(), "sleep a b");
	assert_int_equal(frames.flags, STACK_IS_CUT);
	NATIVE("0x1");
	assert_string_equal(merged(), "0x1 a b");
}

/* Not by names: each was entered somewhere between two ends of frames. */
static void runs_are_put_where_they_were_entered(void **state)
{
	static const uint64_t ends[] = {0x7fff10000040, 0x7fff10000100, 0x7fff10000100,
					0x7fff10000180, 0x7fff10000300, 0x7fff10000400};
	static struct stack_record record;

	(void)state;
	record.registers[STACK_REGISTER_SP] = 0x7fff10000000;
	NATIVE("sleep", "inlined", "evaluate", "sort", EVALUATOR, "main");
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		frames.frame[i].cfa = ends[i];
	add_python("a", "a.py", E);
	add_python("b", "a.py", E);
	python[0].entered_at = 0x10000040;
	python[1].entered_at = 0x100002f0;
	sample.record = &record;
	assert_string_equal(merged(), "sleep inlined a sort b main");
	assert_int_equal(frames.flags, 0);
	NATIVE(EVALUATOR, "main");
	frames.frame[0].cfa = 0x7fff10000040;
	frames.frame[1].cfa = 0x7fff10000080;
	python[0].entered_at = 0x10000000;
	python[1].entered_at = 0xf0000000; /* further out than was unwound */
	assert_string_equal(merged(), "a main b");
	sample.record = NULL;
}

static void evaluators_without_frames_are_told(void **state)
{
	(void)state;
	NATIVE("sleep", EVALUATOR, "sort", EVALUATOR, "main");
	assert_string_equal(merged(), "sleep " EVALUATOR " sort " EVALUATOR " main");
	assert_int_equal(frames.flags, STACK_IS_PARTIAL);
	NATIVE("sleep", EVALUATOR, "sort", EVALUATOR, "main");
	add_python("a", "a.py", PYTHON_FRAME_LAST);
	assert_string_equal(merged(), "sleep a sort " EVALUATOR " main");
	assert_int_equal(frames.flags, STACK_IS_PARTIAL);
}

static void there_is_no_more_than_there_is_room_for(void **state)
{
	const char *names[STACK_MAX_FRAMES];

	(void)state;
	for (size_t i = 0; i < STACK_MAX_FRAMES; i++)
		names[i] = i == STACK_MAX_FRAMES - 1 ? EVALUATOR : "f";
	for (size_t i = 0; i < PYTHON_MAX_FRAMES; i++)
		add_python("a", "a.py", 0);
	native(names, STACK_MAX_FRAMES);
	merged();
	assert_int_equal(frames.nr, STACK_MAX_FRAMES);
	assert_string_equal(frames.frame[STACK_MAX_FRAMES - 1].function, "a");
	for (size_t i = 0; i < STACK_MAX_FRAMES; i++)
		names[i] = EVALUATOR;
	native(names, STACK_MAX_FRAMES);
	merged();
	assert_int_equal(frames.nr, STACK_MAX_FRAMES);
	NATIVE("f");
	sample.nr_python = 0;
	assert_string_equal(merged(), "f");
}

static void code_is_of_whom_its_path_says(void **state)
{
	static const struct {
		const char *file;
		enum python_origin origin;
	} files[] = {
		{"/usr/lib/python3.11/asyncio/events.py", PYTHON_LIBRARY},
		{"/root/.pyenv/versions/3.12.1/lib/python3.12/threading.py", PYTHON_LIBRARY},
		{"/usr/local/lib/python3.13t/json/decoder.py", PYTHON_LIBRARY},
		{"/usr/lib/python311.zip/os.py", PYTHON_LIBRARY},
		{"<frozen importlib._bootstrap>", PYTHON_LIBRARY},
		{"/app/venv/lib/python3.12/site-packages/requests/api.py", PYTHON_PACKAGE},
		{"/usr/lib/python3/dist-packages/redis/client.py", PYTHON_PACKAGE},
		{"/home/me/.local/lib/python3.11/site-packages/x.py", PYTHON_PACKAGE},
		{"/app/main.py", PYTHON_APPLICATION},
		{"main.py", PYTHON_APPLICATION},
		{"<string>", PYTHON_APPLICATION},
		{"/home/me/src/project/project/web.py", PYTHON_APPLICATION},
		{"/srv/lib/python3.app/x.py", PYTHON_APPLICATION},
		{"", PYTHON_APPLICATION},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (python_origin_of(files[i].file) != files[i].origin)
			fail_msg("%s", files[i].file);
}

static void libraries_are_not_blamed(void **state)
{
	(void)state;
	NATIVE("read", EVALUATOR, "main");
	add_python("recv", "/usr/lib/python3.11/socket.py", 0);
	add_python("get", "/usr/lib/python3/dist-packages/requests/api.py", 0);
	add_python("handler", "/app/main.py", 0);
	add_python("run", "/usr/lib/python3.11/asyncio/runners.py", E);
	assert_string_equal(merged(), "read recv get handler run main");
	for (size_t i = 1; i < 5; i++)
		assert_int_equal(frames.frame[i].flags, i == 3 ? 0 : FRAME_RUNTIME);
}

/* As in an image whose program was installed with pip. */
static void a_program_that_is_a_package_is_blamed(void **state)
{
	(void)state;
	NATIVE("read", EVALUATOR, "main");
	add_python("recv", "/usr/lib/python3.11/socket.py", 0);
	add_python("handler", "/usr/lib/python3.11/site-packages/shop/web.py", E);
	merged();
	assert_int_equal(frames.frame[1].flags, FRAME_RUNTIME);
	assert_int_equal(frames.frame[2].flags, 0);
}

/* What it calls is, however. */
static void who_runs_the_loop_is_not_blamed(void **state)
{
	(void)state;
	for (int nr_callbacks = 0; nr_callbacks < 2; nr_callbacks++) {
		sample.nr_python = 0;
		NATIVE("futex", EVALUATOR, "main");
		if (nr_callbacks)
			add_python("handler", "/app/main.py", 0);
		add_python("BaseEventLoop.run_forever",
			   "/usr/lib/python3.11/asyncio/base_events.py", 0);
		add_python("Runner.run", "/usr/lib/python3.11/asyncio/runners.py", 0);
		add_python("start", "/app/main.py", E);
		merged();
		assert_string_equal(frames.frame[nr_callbacks + 3].function, "start");
		assert_int_equal(frames.frame[nr_callbacks + 3].flags, FRAME_RUNTIME);
		if (nr_callbacks)
			assert_int_equal(frames.frame[1].flags, 0);
	}
}

static void names_like_those_of_who_runs_the_loop_mean_nothing(void **state)
{
	(void)state;
	NATIVE("futex", EVALUATOR, "main");
	add_python("Runner.run", "/app/asyncio/runners.py", 0);
	add_python("start", "/app/main.py", E);
	merged();
	assert_int_equal(frames.frame[1].flags, 0);
	assert_int_equal(frames.frame[2].flags, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_run_takes_the_place_of_one_evaluator, reset),
		cmocka_unit_test_setup(parts_of_the_evaluator_are_it, reset),
		cmocka_unit_test_setup(frames_beyond_the_native_ones_are_appended, reset),
		cmocka_unit_test_setup(runs_are_put_where_they_were_entered, reset),
		cmocka_unit_test_setup(evaluators_without_frames_are_told, reset),
		cmocka_unit_test_setup(there_is_no_more_than_there_is_room_for, reset),
		cmocka_unit_test_setup(code_is_of_whom_its_path_says, reset),
		cmocka_unit_test_setup(libraries_are_not_blamed, reset),
		cmocka_unit_test_setup(a_program_that_is_a_package_is_blamed, reset),
		cmocka_unit_test_setup(who_runs_the_loop_is_not_blamed, reset),
		cmocka_unit_test_setup(names_like_those_of_who_runs_the_loop_mean_nothing, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
