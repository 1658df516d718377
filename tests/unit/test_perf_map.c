/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Perf maps of this very process, and what is put in the place of one. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "symbols/native/frames.h"
#include "symbols/jit/perf_map.h"

static char path[64], other[64];
static struct process process;
static struct frames frames;

static int set_up(void **state)
{
	(void)state;
	snprintf(path, sizeof(path), "/tmp/perf-%d.map", (int)getpid());
	snprintf(other, sizeof(other), "/tmp/perf-%d.other", (int)getpid());
	unlink(path);
	process = (struct process){.pid = getpid(),
				   .proc_fd = open("/proc/self", O_PATH | O_CLOEXEC)};
	return process.proc_fd < 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(path);
	unlink(other);
	perf_map_free(process.perf_map);
	close(process.proc_fd);
	return 0;
}

static void write_map(const char *mode, const char *text)
{
	FILE *file = fopen(path, mode);

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static const struct frame *frame_at(uint64_t address)
{
	frames_reset(&frames);
	frames_append(&frames, address);
	assert_int_equal(perf_map_names(&process, &frames), 0);
	return &frames.frame[0];
}

static void test_it_grows(void **state)
{
	const struct frame *frame;

	(void)state;
	assert_string_equal(frame_at(0x1005)->function, "");
	write_map("w", "1000 10 JS:*one /app/a.js:3:1\n1010 10 JS:*two");
	frame = frame_at(0x1005);
	assert_string_equal(frame->function, "one");
	assert_string_equal(frame->file, "/app/a.js");
	assert_int_equal(frame->line, 3);
	assert_int_equal(frame->language, FRAME_JAVASCRIPT);
	assert_string_equal(frame_at(0x1015)->function, "");
	write_map("a", " /app/a.js:4:1\n1000 10 JS:*three /app/a.js:5:1\n");
	assert_string_equal(frame_at(0x1015)->function, "two");
	assert_string_equal(frame_at(0x1005)->function, "three");
	assert_int_equal(perf_map_left_out(process.perf_map), 0);
}

/* As Java does each time it is asked for one. */
static void test_it_is_written_anew(void **state)
{
	(void)state;
	write_map("w", "1000 10 void a.B.c()\n");
	assert_string_equal(frame_at(0x1005)->function, "a.B.c");
	write_map("w", "2000 10 void a.B.d()\n1000 10 void a.B.e()\n3000 10 void a.B.f()\n");
	assert_string_equal(frame_at(0x1005)->function, "a.B.e");
	assert_string_equal(frame_at(0x2005)->function, "a.B.d");
	write_map("w", "1000 10 void a.B.g()\n");
	assert_string_equal(frame_at(0x1005)->function, "a.B.g");
	assert_string_equal(frame_at(0x2005)->function, "");
}

static void test_a_return_is_behind_its_call(void **state)
{
	(void)state;
	write_map("w", "1000 10 f\n1010 10 g\n");
	frames_reset(&frames);
	frames_append(&frames, 0x1010)->is_return = true;
	assert_int_equal(perf_map_names(&process, &frames), 0);
	assert_string_equal(frames.frame[0].function, "f");
}

static void test_what_has_a_name_keeps_it(void **state)
{
	(void)state;
	write_map("w", "1000 10 f\n");
	frames_reset(&frames);
	frames_append(&frames, 0x1000)->function = "known";
	frames_append(&frames, 0x1000)->module = "/lib/x.so";
	assert_int_equal(perf_map_names(&process, &frames), 0);
	assert_string_equal(frames.frame[0].function, "known");
	assert_string_equal(frames.frame[1].function, "");
}

/* Four gigabytes that take no room on the disk: the end is read, what was before is counted. */
static void test_huge(void **state)
{
	(void)state;
	write_map("w", "1000 10 first\n");
	assert_int_equal(truncate(path, 4LL << 30), 0);
	write_map("a", "\n2000 10 last\n");
	assert_string_equal(frame_at(0x2005)->function, "last");
	assert_int_equal(frames.flags, 0);
	assert_string_equal(frame_at(0x1005)->function, "");
	assert_int_equal(frames.flags, STACK_IS_PARTIAL);
	assert_true(perf_map_left_out(process.perf_map) > 4000LL << 20);
}

static void test_long_lines(void **state)
{
	char line[20000] = "3000 10 ";

	(void)state;
	memset(line + strlen(line), 'n', sizeof(line) - 10);
	line[sizeof(line) - 2] = '\n';
	line[sizeof(line) - 1] = '\0';
	write_map("w", line);
	write_map("a", "1000 10 f\n");
	assert_int_equal(strlen(frame_at(0x3005)->function), STACK_MAX_TEXT - 1);
	assert_string_equal(frame_at(0x1005)->function, "f");
}

static void test_no_map(void **state)
{
	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_string_equal(frame_at(0x1005)->function, "");
	unlink(path);
	write_map("w", "1000 10 f\n");
	assert_int_equal(rename(path, other), 0);
	assert_int_equal(symlink(other, path), 0);
	assert_string_equal(frame_at(0x1005)->function, "");
	unlink(path);
	assert_int_equal(rename(other, path), 0);
	if (geteuid() == 0) {
		assert_int_equal(chown(path, 12345, 12345), 0);
		assert_string_equal(frame_at(0x1005)->function, "");
		assert_int_equal(chown(path, 0, 0), 0);
	}
	assert_string_equal(frame_at(0x1005)->function, "f");
}

/* In namespaces of its own, a process has another pid, and another /tmp. */
static int write_as_first(void *pipe)
{
	const int *ends = pipe;
	FILE *file;

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", "/tmp", "tmpfs", 0, NULL))
		_exit(1);
	file = fopen("/tmp/perf-1.map", "w");
	if (!file || fputs("1000 10 contained\n", file) < 0 || fclose(file) || getpid() != 1 ||
	    write(ends[1], "", 1) != 1)
		_exit(1);
	pause();
	return 0;
}

static void test_contained(void **state)
{
	static char stack[65536] __attribute__((aligned(16)));
	char proc[32], byte;
	int ends[2];
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	write_map("w", "1000 10 another\n");
	pid = clone(write_as_first, stack + sizeof(stack), CLONE_NEWNS | CLONE_NEWPID | SIGCHLD,
		    ends);
	close(ends[1]);
	if (pid < 0 || read(ends[0], &byte, 1) != 1) {
		print_message("namespaces cannot be made: root alone can\n");
		close(ends[0]);
		skip();
	}
	close(ends[0]);
	close(process.proc_fd);
	snprintf(proc, sizeof(proc), "/proc/%d", (int)pid);
	process.proc_fd = open(proc, O_PATH | O_CLOEXEC);
	assert_string_equal(frame_at(0x1005)->function, "contained");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_it_grows, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_it_is_written_anew, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_return_is_behind_its_call, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_what_has_a_name_keeps_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_huge, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_long_lines, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_map, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_contained, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
