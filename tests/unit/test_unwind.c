/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Stacks that are hard to follow, and processes that change or go while they are looked at. */
#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "native_fixture.h"
#include "symbols/process/address_space.h"

#define TRIES 2000

static struct native_run run;

static void start(const char *way)
{
	native_shell("test -e $D/ways || gcc -O2 -fomit-frame-pointer -fno-optimize-sibling-calls "
		     "-o $D/ways " NATIVE_SOURCES "ways.c; ln -f $D/ways $D/%s",
		     way);
	native_start(way, &run);
}

static void through_a_signal(void **state)
{
	static const char *const handler[] = {"burn", "on_signal"};
	static const char *const below[] = {"interrupted", "signalled", "main"};

	(void)state;
	start("signalled");
	native_look_busy(&run);
	native_assert_calls(&run, handler, ARRAY_SIZE(handler));
	/* what returns from a signal was not called, and has no call before it */
	assert_false((native_frame(&run, "on_signal") + 1)->is_return);
	native_assert_calls(&run, below, ARRAY_SIZE(below));
	assert_false(run.frames.flags & STACK_IS_CUT);
	native_stop(&run);
}

static void after_a_call_to_nowhere(void **state)
{
	static const char *const caller[] = {"nowhere", "main"};

	(void)state;
	start("nowhere");
	native_look_busy(&run);
	native_assert_calls(&run, caller, ARRAY_SIZE(caller));
	native_stop(&run);
}

static void deep_ones(void **state)
{
	size_t nr = 0;

	(void)state;
	start("deep");
	native_look_busy(&run);
	for (size_t i = 0; i < run.frames.nr; i++)
		nr += !strcmp(run.frames.frame[i].function, "descend");
	assert_int_equal(nr, 201);
	assert_false(run.frames.flags & STACK_IS_CUT);
	native_frame(&run, "main");
	native_stop(&run);
	start("deeper");
	native_look_busy(&run);
	assert_int_equal(run.frames.nr, STACK_MAX_FRAMES);
	assert_true(run.frames.flags & STACK_IS_CUT);
	native_stop(&run);
}

/* With what is inlined, there are more than fit: the outermost are left out. */
static void deep_ones_with_inlined_frames(void **state)
{
	static const char *const calls[] = {"step_down", "descend", "step_down", "descend"};

	(void)state;
	native_shell("mkdir -p $D/inlined && gcc -O2 -g -fomit-frame-pointer "
		     "-fno-optimize-sibling-calls -o $D/inlined/deep " NATIVE_SOURCES "ways.c");
	native_start("inlined/deep", &run);
	native_look_busy(&run);
	native_assert_calls(&run, calls, ARRAY_SIZE(calls));
	assert_int_equal(run.frames.nr, STACK_MAX_FRAMES);
	assert_true(run.frames.flags & STACK_IS_CUT);
	native_stop(&run);
}

/* The copy ends before the stack does. */
static void a_short_copy(void **state)
{
	size_t whole;

	(void)state;
	start("deep");
	native_look_busy(&run);
	whole = run.frames.nr;
	run.sample.memory_size = STACK_RED_ZONE + 64;
	native_resolve(&run);
	assert_in_range(run.frames.nr, 2, whole - 1);
	assert_true(run.frames.flags & STACK_IS_CUT);
	run.sample.memory_size = 0;
	native_resolve(&run);
	assert_int_equal(run.frames.nr, 1);
	assert_string_equal(run.frames.frame[0].function, "burn");
	assert_true(run.frames.flags & STACK_IS_CUT);
	native_stop(&run);
}

/* What each frame is told to have: the caller's stack pointer, in order. */
static void frames_are_in_order(void **state)
{
	(void)state;
	start("signalled");
	native_look_busy(&run);
	for (size_t i = 1; i + 1 < run.frames.nr; i++)
		assert_true(run.frames.frame[i].cfa >= run.frames.frame[i - 1].cfa);
	assert_true(run.frames.frame[0].cfa > stack_sample_pointer(&run.sample));
	native_stop(&run);
}

static void in_the_kernels_library(void **state)
{
	const char *const calls[] = {"tell_time", "main"};
	int tries = 0;

	(void)state;
	start("vdso");
	do {
		native_look(&run);
	} while (strcmp(run.frames.frame[0].module, "[vdso]") != 0 && ++tries < TRIES);
	if (tries == TRIES) {
		native_stop(&run);
		print_message("this machine's clock is read by a system call\n");
		skip();
	}
	assert_int_equal(run.frames.frame[0].flags, FRAME_RUNTIME);
	assert_non_null(strstr(run.frames.frame[0].function, "clock_gettime"));
	native_assert_calls(&run, calls, ARRAY_SIZE(calls));
	assert_false(run.frames.flags & STACK_IS_CUT);
	native_stop(&run);
}

#if defined(__x86_64__)
static void saved_below_the_stack_pointer(void **state)
{
	static const char *const calls[] = {"below", "calls_below", "main"};
	int tries = 0;

	(void)state;
	start("below");
	do {
		native_look(&run);
	} while (!native_has(&run, "below") && ++tries < TRIES);
	native_assert_calls(&run, calls, ARRAY_SIZE(calls));
	assert_false(run.frames.flags & STACK_IS_CUT);
	native_stop(&run);
}
#endif

/* A library as musl is built. */
static void without_cfi_and_frame_pointers(void **state)
{
	static const char *const calls[] = {"spin", "idle", "work", "main"};

	(void)state;
	native_shell("printf '#include <unistd.h>\n"
		     "static volatile int turns; __attribute__((noinline)) void spin(int n) {"
		     " write(1, \"b\", 1); for (;;) turns += n; }\n"
		     "void idle(int n) { int room[9] = {n}; spin(n + room[n]); turns--; }' | "
		     "gcc -O2 -w -x c -shared -fPIC -fno-asynchronous-unwind-tables "
		     "-fomit-frame-pointer -o $D/ld-musl-made.so.1 -");
	native_shell(
		"printf 'void idle(int); int turns; __attribute__((noinline)) int work(int n) {"
		" idle(n); return ++turns; } int main(int n) { return work(n) + 1; }' | "
		"gcc -O2 -fomit-frame-pointer -o $D/small -x c - -x none $D/ld-musl-made.so.1");
	native_start("small", &run);
	native_look_busy(&run);
	native_assert_calls(&run, calls, ARRAY_SIZE(calls));
	assert_int_equal(native_frame(&run, "spin")->flags, FRAME_RUNTIME);
	assert_false(run.frames.flags & STACK_IS_CUT);
	native_stop(&run);
}

/* Loaded after the first stack: the mappings that were known are not all there are. */
static void a_library_loaded_later(void **state)
{
	static const char *const calls[] = {"in_library", "loads", "main"};
	char path[PATH_MAX];
	int length, tries = 0;

	(void)state;
	start("loads");
	native_look(&run);
	native_shell("printf '#include <unistd.h>\\nvoid in_library(void) { write(1, \"b\", 1); "
		     "for (;;) __asm__ volatile(\"\"); }' | "
		     "gcc -O2 -w -x c -shared -fPIC -o \"$D/later\n.so\" -");
	length = snprintf(path, sizeof(path), "%s/later\n.so", native_directory());
	assert_int_equal(write(run.input, path, length), length);
	native_await(&run);
	native_keep_two_capabilities(true);
	/* what was read just now is believed for a moment */
	do {
		usleep(1000);
		native_look(&run);
	} while (!native_has(&run, "in_library") && ++tries < TRIES);
	native_keep_two_capabilities(false);
	native_assert_calls(&run, calls, ARRAY_SIZE(calls));
	native_stop(&run);
}

/* Its files are known all the same, and reading it again and again is put off. */
static void many_mappings(void **state)
{
	static const char *const calls[] = {"burn", "mappings", "main"};

	(void)state;
	start("mappings");
	for (int i = 0; i < 20; i++)
		native_look_busy(&run);
	native_assert_calls(&run, calls, ARRAY_SIZE(calls));
	assert_false(run.frames.flags & STACK_IS_CUT);
	native_stop(&run);
}

static void one_that_is_gone(void **state)
{
	(void)state;
	start("deep");
	native_capture(&run);
	kill(run.pid, SIGKILL);
	waitpid(run.pid, NULL, 0);
	native_resolve(&run);
	assert_int_equal(run.frames.nr, 1);
	assert_string_equal(run.frames.frame[0].function, "");
	assert_true(run.frames.flags & STACK_IS_CUT);
	native_stop(&run);
}

/* Registers and a stack of any kind: it ends, and says that it did not come far. */
static void random_stacks(void **state)
{
	struct random random = {7};

	(void)state;
	start("deep");
	native_look(&run);
	for (int i = 0; i < 2000; i++) {
		const struct frame *frames = run.frames.frame;
		uint64_t addresses[] = {frames[random_below(&random, run.frames.nr)].address,
					random_next(&random), 0};

		for (int j = 0; j < STACK_NR_REGISTERS; j++)
			run.record.registers[j] = random_next(&random) >> random_below(&random, 64);
		run.record.registers[STACK_REGISTER_PC] = addresses[random_below(&random, 3)];
		for (size_t j = 0; j < sizeof(run.memory); j += 8)
			memcpy(run.memory + j, &addresses[random_below(&random, 2)], 8);
		native_resolve(&run);
	}
	native_stop(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(through_a_signal),
		cmocka_unit_test(after_a_call_to_nowhere),
		cmocka_unit_test(deep_ones),
		cmocka_unit_test(deep_ones_with_inlined_frames),
		cmocka_unit_test(a_short_copy),
		cmocka_unit_test(frames_are_in_order),
		cmocka_unit_test(in_the_kernels_library),
#if defined(__x86_64__)
		cmocka_unit_test(saved_below_the_stack_pointer),
#endif
#if defined(__x86_64__)
		cmocka_unit_test(without_cfi_and_frame_pointers),
#endif
		cmocka_unit_test(a_library_loaded_later),
		cmocka_unit_test(many_mappings),
		cmocka_unit_test(one_that_is_gone),
		cmocka_unit_test(random_stacks),
	};

	return cmocka_run_group_tests_name("unwind", tests, NULL, native_done);
}
