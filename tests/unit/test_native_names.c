/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names of real programs, built in the ways in which programs are. */
#include "unit.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "native_fixture.h"
#include "symbols/elf/elf_object.h"

#define BUILD "-O2 -fomit-frame-pointer"

static struct native_run run;

static const char *const c_calls[] = {"burn", "prepare", "handle", "serve", "main"};
static const char *const c_calls_plain[] = {"burn", "handle", "serve", "main"};

static void assert_at(const char *function, const char *source, const char *text)
{
	const struct frame *frame = native_frame(&run, function);
	size_t length = strlen(frame->file), end = strlen(source);

	assert_int_equal(frame->line, native_line(source, text));
	assert_true(length > end);
	assert_string_equal(frame->file + length - end, source);
}

static void assert_whole(void)
{
	assert_false(run.frames.flags & STACK_IS_CUT);
	assert_true(native_frame(&run, "main")->flags == 0);
}

static void c_with_lines(void **state)
{
	(void)state;
	native_shell("gcc " BUILD " -g -o $D/lines " NATIVE_SOURCES "calls.c");
	native_start("lines", &run);
	native_look_busy(&run);
	native_assert_calls(&run, c_calls, ARRAY_SIZE(c_calls));
	assert_at("prepare", "calls.c", "in prepare");
	assert_at("handle", "calls.c", "in handle");
	assert_at("serve", "calls.c", "in serve");
	assert_at("main", "calls.c", "in main");
	assert_int_equal(native_frame(&run, "prepare")->flags, FRAME_INLINED);
	assert_int_equal(native_frame(&run, "handle")->flags, 0);
	assert_whole();
	native_stop(&run);
}

static void c_with_symbols(void **state)
{
	(void)state;
	native_shell("gcc " BUILD " -o $D/symbols " NATIVE_SOURCES "calls.c");
	native_start("symbols", &run);
	native_look_busy(&run);
	native_assert_calls(&run, c_calls_plain, ARRAY_SIZE(c_calls_plain));
	assert_whole();
	native_stop(&run);
}

/* The same code, stripped: its frames are where those with names are. */
static void stripped_is_told_by_offset(void **state)
{
	uint64_t offsets[ARRAY_SIZE(c_calls_plain)];
	const struct frame *frame;

	(void)state;
	native_shell("gcc " BUILD " -o $D/named " NATIVE_SOURCES "calls.c && "
		     "strip -o $D/stripped $D/named");
	native_start("named", &run);
	native_look_busy(&run);
	frame = native_frame(&run, "burn");
	for (size_t i = 1; i < ARRAY_SIZE(offsets); i++)
		offsets[i] = frame[i].module_offset;
	native_stop(&run);
	native_start("stripped", &run);
	native_look_busy(&run);
	frame = run.frames.frame;
	assert_string_equal(frame[0].function, "");
	for (size_t i = 1; i < ARRAY_SIZE(offsets); i++) {
		assert_int_equal(frame[i].module_offset, offsets[i]);
		assert_string_equal(frame[i].function, "");
		assert_non_null(strstr(frame[i].module, "/stripped"));
	}
	native_stop(&run);
}

static void separate_file_beside_it(void **state)
{
	(void)state;
	native_shell("gcc " BUILD " -g -Wl,--build-id=none -o $D/apart " NATIVE_SOURCES "calls.c "
		     "&& mkdir $D/.debug && cd $D && objcopy --only-keep-debug apart "
		     ".debug/apart.debug && strip apart && "
		     "objcopy --add-gnu-debuglink=.debug/apart.debug apart");
	native_start("apart", &run);
	native_look_busy(&run);
	native_assert_calls(&run, c_calls, ARRAY_SIZE(c_calls));
	assert_at("serve", "calls.c", "in serve");
	native_stop(&run);
}

/* One that is of another program is not believed, however much it fits. */
static void wrong_separate_file(void **state)
{
	(void)state;
	native_shell("gcc " BUILD " -g -o $D/wrong " NATIVE_SOURCES "calls.c && "
		     "gcc " BUILD " -g -Dserve=other -o $D/other " NATIVE_SOURCES
		     "calls.c && cd $D "
		     "&& mkdir -p .debug && objcopy --only-keep-debug wrong .debug/wrong.debug && "
		     "strip wrong && objcopy --add-gnu-debuglink=.debug/wrong.debug wrong && "
		     "objcopy --only-keep-debug other .debug/wrong.debug");
	native_start("wrong", &run);
	native_look_busy(&run);
	assert_false(native_has(&run, "other"));
	assert_false(native_has(&run, "main"));
	native_stop(&run);
}

static int enter_container(void)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL))
		return -1;
	if (mount("none", getenv("M"), "tmpfs", 0, NULL))
		return -1;
	if (system("cp -r $D/image/. $M") != 0)
		return -1;
	if (chdir(getenv("M")) || syscall(SYS_pivot_root, ".", "."))
		return -1;
	return umount2(".", MNT_DETACH) || chdir("/");
}

/* Its files are nowhere to be seen from here: neither the program nor what describes it. */
static void container_with_debug_files(void **state)
{
	char mount_point[PATH_MAX];

	(void)state;
	snprintf(mount_point, sizeof(mount_point), "%s/mount", native_directory());
	setenv("M", mount_point, 1);
	native_shell("mkdir -p $D/mount $D/image && gcc " BUILD " -static -g -o $D/image/app "
		     "-Wl,--build-id=0x0123456789abcdef " NATIVE_SOURCES "calls.c && cd $D/image "
		     "&& mkdir -p usr/lib/debug/.build-id/01 && objcopy --only-keep-debug app "
		     "usr/lib/debug/.build-id/01/23456789abcdef.debug && strip app");
	native_start_in("/app", enter_container, &run);
	native_look_busy(&run);
	native_assert_calls(&run, c_calls, ARRAY_SIZE(c_calls));
	assert_at("serve", "calls.c", "in serve");
	assert_string_equal(native_frame(&run, "serve")->module, "/app");
	native_stop(&run);
}

static int change_root(void)
{
	return chroot(native_directory()) || chdir("/");
}

/* One that sees but a part of the tree has its paths as they are there. */
static void another_root(void **state)
{
	(void)state;
	native_shell("gcc " BUILD " -static -o $D/rooted " NATIVE_SOURCES "calls.c");
	native_start_in("/rooted", change_root, &run);
	native_look_busy(&run);
	native_assert_calls(&run, c_calls_plain, ARRAY_SIZE(c_calls_plain));
	assert_string_equal(native_frame(&run, "serve")->module, "/rooted");
	native_stop(&run);
}

static void cpp(void **state)
{
	static const char *const inner[] = {"app::(anonymous namespace)::burn<long>",
					    "app::(anonymous namespace)::prepare"};
	static const char *const outer[] = {"app::(anonymous namespace)::Handler::handle",
					    "app::serve", "main"};

	(void)state;
	native_shell("g++ " BUILD " -g -o $D/cpp " NATIVE_SOURCES "calls.cc");
	native_start("cpp", &run);
	native_look_busy(&run);
	native_assert_calls(&run, inner, ARRAY_SIZE(inner));
	native_assert_calls(&run, outer, ARRAY_SIZE(outer));
	assert_at(inner[1], "calls.cc", "in prepare");
	assert_at("app::serve", "calls.cc", "in serve");
	for (size_t i = 0; i < run.frames.nr; i++) {
		const struct frame *frame = &run.frames.frame[i];

		if (strncmp(frame->function, "std::for_each", strlen("std::for_each")) == 0)
			assert_int_equal(frame->flags, FRAME_INLINED | FRAME_RUNTIME);
	}
	assert_int_equal(native_frame(&run, "app::serve")->language, FRAME_CPP);
	assert_whole();
	native_stop(&run);
}

static void rust(void **state)
{
	static const char *const inner = "<calls::shop::Order as calls::shop::Work>::work";
	const struct frame *frame;

	(void)state;
	native_shell("rustc -O -g -o $D/calls " NATIVE_SOURCES "calls.rs");
	native_start("calls", &run);
	native_look_busy(&run);
	frame = native_frame(&run, inner);
	assert_int_equal(frame->language, FRAME_RUST);
	assert_int_equal(frame->flags & FRAME_RUNTIME, 0);
	assert_at("calls::shop::serve", "calls.rs", "in serve");
	assert_int_equal(native_frame(&run, "calls::shop::serve")->flags & FRAME_RUNTIME, 0);
	assert_at("calls::main", "calls.rs", "in main");
	assert_false(run.frames.flags & STACK_IS_CUT);
	native_stop(&run);
}

/* An executable that is no longer where it was, with a newline in its name. */
static void deleted_with_a_newline(void **state)
{
	(void)state;
	native_shell("gcc " BUILD " -o \"$D/new\nline\" " NATIVE_SOURCES "calls.c");
	native_start("new\nline", &run);
	native_look_busy(&run);
	native_assert_calls(&run, c_calls_plain, ARRAY_SIZE(c_calls_plain));
	native_stop(&run);
	native_start("new\nline", &run);
	native_shell("rm \"$D/new\nline\"");
	native_look_busy(&run);
	assert_non_null(strstr(run.frames.frame[0].module, "new"));
	assert_null(strstr(run.frames.frame[0].module, "(deleted)"));
	if (geteuid() == 0)
		native_assert_calls(&run, c_calls_plain, ARRAY_SIZE(c_calls_plain));
	native_stop(&run);
}

static void with_few_capabilities(void **state)
{
	(void)state;
	native_shell("gcc " BUILD " -g -o \"$D/few\ncapabilities\" " NATIVE_SOURCES "calls.c");
	native_start("few\ncapabilities", &run);
	elf_objects_clear();
	native_keep_two_capabilities(true);
	native_look_busy(&run);
	native_assert_calls(&run, c_calls, ARRAY_SIZE(c_calls));
	assert_whole();
	native_stop(&run);
	/* replaced by another */
	native_start("few\ncapabilities", &run);
	native_shell("cd $D && cp /bin/true other && mv other \"few\ncapabilities\"");
	elf_objects_clear();
	native_look_busy(&run);
	native_assert_calls(&run, c_calls, ARRAY_SIZE(c_calls));
	native_keep_two_capabilities(false);
	native_stop(&run);
}

static void symbol_of_64_kb(void **state)
{
	(void)state;
	native_shell("long=$(head -c 65000 /dev/zero | tr '\\0' a) && "
		     "sed s/serve/$long/ " NATIVE_SOURCES "calls.c >$D/long.c && "
		     "gcc " BUILD " -g -o $D/long $D/long.c");
	native_start("long", &run);
	native_look_busy(&run);
	assert_int_equal(strlen(native_frame(&run, "handle")[1].function), STACK_MAX_TEXT - 1);
	assert_whole();
	native_stop(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(c_with_lines),
		cmocka_unit_test(c_with_symbols),
		cmocka_unit_test(stripped_is_told_by_offset),
		cmocka_unit_test(separate_file_beside_it),
		cmocka_unit_test(wrong_separate_file),
		cmocka_unit_test(container_with_debug_files),
		cmocka_unit_test(another_root),
		cmocka_unit_test(cpp),
		cmocka_unit_test(rust),
		cmocka_unit_test(deleted_with_a_newline),
		cmocka_unit_test(with_few_capabilities),
		cmocka_unit_test(symbol_of_64_kb),
	};

	return cmocka_run_group_tests_name("native_names", tests, NULL, native_done);
}
