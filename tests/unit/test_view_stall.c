/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a stall looks like, as text and as JSON, and that names in it can do no harm. */
#include "unit.h"

#include <jansson.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>

#include "example_report.h"
#include "view/stall_line.h"

#define UNIX_NS 1700000000123456789ULL /* 2023-11-14T22:13:20.123Z */

static struct stack_frame frames[] = {
	{.address = 0x7f0012345678,
	 .module_offset = 0x5678,
	 .function = "",
	 .file = "",
	 .module = "/lib/libc.so.6",
	 .flags = FRAME_RUNTIME},
	{.function = "Db.query",
	 .file = "/usr/lib/db.py",
	 .module = "",
	 .line = 7,
	 .language = FRAME_PYTHON,
	 .flags = FRAME_RUNTIME},
	{.address = 0x55,
	 .module_offset = 0x55,
	 .function = "handle",
	 .file = "/srv/app.c",
	 .module = "/srv/app",
	 .line = 42,
	 .flags = FRAME_INLINED},
	{.address = 0x66, .module_offset = 0x66, .function = "", .file = "", .module = ""},
};

static struct stack stack = {
	.time_ns = 60 * MS,
	.flags = STACK_IS_CUT,
	.syscall_nr = SYS_fsync,
	.nr_frames = ARRAY_SIZE(frames),
	.frames = frames,
};

static struct stall_stack stacks[] = {{&stack, 200 * MS, 200 * MS}, {&stack, 0, 0}};

static struct stall example_stall(void)
{
	return (struct stall){
		.id = {.pid = 4242, .tid = 4243},
		.thread = "main",
		.process = "app",
		.start_ns = 1,
		.until_ns = 1 + 200 * MS,
		.cause_ns = {[CAUSE_CPU] = 50 * MS, [CAUSE_LOCK] = 150 * MS},
		.cause = CAUSE_LOCK,
		.syscall_nr = SYS_futex,
		.nr_syscalls = 1,
		.syscalls = {{SYS_futex, 2, 150 * MS}},
		.woken = true,
		.waker = {77, 78, "worker", "pool"},
		.nr_stacks = 1,
		.stacks = stacks,
	};
}

static void write_text(FILE *out, const void *context)
{
	stall_text_write(out, context, &(struct stack_lines_options){});
}

static void write_styled(FILE *out, const void *context)
{
	stall_text_write(out, context, &(struct stack_lines_options){.styles = true});
}

static void write_json(FILE *out, const void *context)
{
	assert_int_equal(stall_json_write(out, context), 0);
}

static __u64 shown; /* of the stall that is told of */

static int forget_shown(void **state)
{
	(void)state;
	shown = 0;
	return 0;
}

static char *written(void (*write)(FILE *out, const void *context), enum stall_event event,
		     const struct stall *stall)
{
	const struct loop_entry entry = {.cgroup = "", .stall = stall};
	const struct stall_line line = {event, &entry, UNIX_NS, &shown};

	return written_by(write, &line);
}

static void assert_shown(void (*write)(FILE *out, const void *context), enum stall_event event,
			 const struct stall *stall, const char *expected)
{
	char *text = written(write, event, stall);

	assert_string_equal(text, expected);
	free(text);
}

static void test_text(void **state)
{
	struct stall stall = example_stall();

	(void)state;
	assert_shown(write_text, STALL_EVENT_BEGUN, &stall,
		     "22:13:20.123 stall begun  app  pid 4242  thread main (4243)\n"
		     "             stuck for 200 ms: waiting for a lock in futex\n"
		     "             in handle  /srv/app.c:42\n"
		     "               libc.so.6+0x5678\n"
		     "               Db.query  db.py:7\n"
		     "               handle  /srv/app.c:42  (inlined)\n"
		     "               0x66\n"
		     "               outer frames are missing\n");
	assert_shown(write_text, STALL_EVENT_LASTS, &stall,
		     "22:13:20.123 stall lasts  app  pid 4242  thread main (4243)\n"
		     "             stuck for 200 ms: waiting for a lock in futex\n"
		     "             in handle  /srv/app.c:42\n");
	stall.stalls_held = 3;
	assert_shown(write_text, STALL_EVENT_ENDED, &stall,
		     "22:13:20.123 stall ended  app  pid 4242  thread main (4243)\n"
		     "             after 200 ms:  cpu 25.0 %  lock 75.0 %\n"
		     "             slept in futex 150 ms\n"
		     "             woken by pool  pid 77  thread worker (78)\n"
		     "             in handle  /srv/app.c:42\n"
		     "             held back of this loop so far: 3 stalls, 0 stacks\n");
}

/* Whoever killed it has not ended what it waited for. */
static void test_thread_exited(void **state)
{
	struct stall stall = example_stall();
	char *json;

	(void)state;
	stall.state = STALL_ENDED;
	stall.nr_syscalls = 0;
	stall.thread_exited = true;
	shown = stack_lines_likeness(&stack, &frames[2]);
	assert_shown(write_text, STALL_EVENT_ENDED, &stall,
		     "22:13:20.123 stall ended  app  pid 4242  thread main (4243)\n"
		     "             after 200 ms:  cpu 25.0 %  lock 75.0 %\n"
		     "             its thread has ended\n"
		     "             in handle  /srv/app.c:42\n");
	json = written(write_json, STALL_EVENT_ENDED, &stall);
	assert_non_null(strstr(json, "\"thread_exited\":true"));
	free(json);
	stall.thread_exited = false;
	json = written(write_json, STALL_EVENT_ENDED, &stall);
	assert_null(strstr(json, "thread_exited"));
	free(json);
}

static void test_text_without_a_stack(void **state)
{
	struct stall stall = example_stall();

	(void)state;
	stall.nr_stacks = 0;
	stall.unseen = true;
	stall.woken = false;
	assert_shown(write_text, STALL_EVENT_BEGUN, &stall,
		     "22:13:20.123 stall found  app  pid 4242  thread main (4243)\n"
		     "             stuck since before loopscope came, for 200 ms at least: "
		     "waiting for a lock in futex\n"
		     "             no function to blame: no stack of it is there yet\n");
	stall.state = STALL_LOST;
	stall.nr_syscalls = 0;
	assert_shown(
		write_text, STALL_EVENT_ENDED, &stall,
		"22:13:20.123 stall ended  app  pid 4242  thread main (4243)\n"
		"             its end was missed: it lasted for 200 ms or more:"
		" what it went on is not known\n"
		"             no function to blame: it was over before a stack of it was taken\n");
}

/* One that was lost as soon as it was told of went on nothing. */
static void test_text_of_no_time(void **state)
{
	struct stall stall = example_stall();

	(void)state;
	stall.state = STALL_LOST;
	stall.until_ns = stall.start_ns;
	memset(stall.cause_ns, 0, sizeof(stall.cause_ns));
	stall.nr_syscalls = 0;
	stall.nr_stacks = 0;
	stall.woken = false;
	assert_shown(
		write_text, STALL_EVENT_ENDED, &stall,
		"22:13:20.123 stall ended  app  pid 4242  thread main (4243)\n"
		"             its end was missed: it lasted for 0 or more:\n"
		"             no function to blame: it was over before a stack of it was taken\n");
}

static void test_holder(void **state)
{
	struct stall stall = example_stall();

	(void)state;
	stall.holder = (struct stack_holder){4250, "keeper"};
	stall.nr_stacks = 0;
	assert_shown(write_text, STALL_EVENT_LASTS, &stall,
		     "22:13:20.123 stall lasts  app  pid 4242  thread main (4243)\n"
		     "             stuck for 200 ms: waiting for a lock in futex\n"
		     "             the lock is held by thread keeper (4250)\n"
		     "             no function to blame: no stack of it is there yet\n");
	stall.state = STALL_ENDED;
	stall.woken = false;
	stall.nr_syscalls = 0;
	assert_shown(
		write_text, STALL_EVENT_ENDED, &stall,
		"22:13:20.123 stall ended  app  pid 4242  thread main (4243)\n"
		"             after 200 ms:  cpu 25.0 %  lock 75.0 %\n"
		"             the lock was held by thread keeper (4250)\n"
		"             no function to blame: it was over before a stack of it was taken\n");
}

static void test_holder_as_json(void **state)
{
	struct stall stall = example_stall();
	char *begun, *ended;

	(void)state;
	stall.holder = (struct stack_holder){4250, "keeper"};
	begun = written(write_json, STALL_EVENT_BEGUN, &stall);
	stall.state = STALL_ENDED;
	ended = written(write_json, STALL_EVENT_ENDED, &stall);
	assert_non_null(strstr(begun, "\"held_by\":{\"pid\":4242,\"tid\":4250,"
				      "\"process\":\"app\",\"thread\":\"keeper\"}"));
	assert_null(strstr(ended, "held_by")); /* it says who woke it */
	free(begun);
	free(ended);
}

static void test_styles(void **state)
{
	struct stall stall = example_stall();
	char *text = written(write_styled, STALL_EVENT_BEGUN, &stall);

	(void)state;
	assert_non_null(strstr(text, "in \033[1mhandle\033[0m  /srv/app.c:42\n"));
	assert_non_null(strstr(text, "  \033[2mDb.query  db.py:7\033[0m\n"));
	assert_non_null(strstr(text, "  \033[1mhandle  /srv/app.c:42  (inlined)\033[0m\n"));
	free(text);
}

/* What it went on before anybody watched is not known: it is not told. */
static void test_unseen_as_json(void **state)
{
	struct stall stall = example_stall();
	char *seen, *unseen;

	(void)state;
	seen = written(write_json, STALL_EVENT_ENDED, &stall);
	stall.unseen = true;
	stall.nr_syscalls = 0;
	unseen = written(write_json, STALL_EVENT_ENDED, &stall);
	assert_non_null(strstr(seen, "\"time_ms\""));
	assert_null(strstr(unseen, "\"time_ms\""));
	assert_non_null(strstr(unseen, "\"unseen\":true"));
	free(seen);
	free(unseen);
}

static void test_json(void **state)
{
	struct stall stall = example_stall();

	(void)state;
	assert_shown(write_json, STALL_EVENT_BEGUN, &stall,
		     "{\"event\":\"begun\",\"id\":\"4243-1\",\"time\":\"2023-11-14T22:13:20.123Z\","
		     "\"pid\":4242,"
		     "\"tid\":4243,\"process\":\"app\",\"thread\":\"main\",\"age_ms\":200.0,"
		     "\"where\":{\"cause\":\"lock\",\"syscall\":\"futex\"},\"container\":null,"
		     "\"pod\":null,\"time_ms\":{\"cpu\":50.0,\"runqueue\":0.0,\"cpu_quota\":0.0,"
		     "\"syscall\":0.0,\"page_fault\":0.0,\"lock\":150.0,\"other\":0.0},"
		     "\"syscalls\":[{\"name\":\"futex\",\"count\":2,\"time_ms\":150.0}],"
		     "\"culprit\":{\"function\":\"handle\",\"file\":\"/srv/app.c\",\"line\":42,"
		     "\"module\":\"/srv/app\"},"
		     "\"stack\":[{\"module\":\"/lib/libc.so.6\",\"offset\":\"0x5678\","
		     "\"address\":\"0x7f0012345678\",\"language\":\"c\"},"
		     "{\"function\":\"Db.query\",\"file\":\"/usr/lib/db.py\",\"line\":7,"
		     "\"language\":\"python\"},"
		     "{\"function\":\"handle\",\"file\":\"/srv/app.c\",\"line\":42,"
		     "\"module\":\"/srv/app\",\"address\":\"0x55\",\"language\":\"c\"},"
		     "{\"address\":\"0x66\",\"language\":\"c\"}],"
		     "\"woken_by\":{\"pid\":77,\"tid\":78,\"process\":\"pool\",\"thread\":"
		     "\"worker\"}}\n");
	stall.nr_stacks = 0;
	stall.woken = false;
	stall.nr_syscalls = 0;
	stall.state = STALL_LOST;
	stall.stacks_held = 9;
	assert_shown(write_json, STALL_EVENT_ENDED, &stall,
		     "{\"event\":\"ended\",\"id\":\"4243-1\",\"time\":\"2023-11-14T22:13:20.123Z\","
		     "\"pid\":4242,"
		     "\"tid\":4243,\"process\":\"app\",\"thread\":\"main\",\"duration_ms\":200.0,"
		     "\"container\":null,\"pod\":null,\"time_ms\":{\"cpu\":50.0,\"runqueue\":0.0,"
		     "\"cpu_quota\":0.0,\"syscall\":0.0,\"page_fault\":0.0,\"lock\":150.0,"
		     "\"other\":0.0},\"syscalls\":[],\"culprit\":null,\"stack\":[],"
		     "\"woken_by\":null,\"end_lost\":true,\"stacks_held\":9}\n");
}

/* Text that steers a terminal, ends a line, is no UTF-8, or as long as there may be. */
static void test_hostile(void **state)
{
	char longest[STACK_MAX_TEXT];
	struct stack_frame hostile[] = {
		{.function = "a\033[2J\nb",
		 .file = "\xff\xfe\n\"",
		 .module = "\r\x9b"
			   "31m",
		 .line = 1},
		{.function = longest, .file = longest, .module = longest},
		{.function = "", .file = longest, .module = longest},
	};
	struct stack evil = {.nr_frames = ARRAY_SIZE(hostile), .frames = hostile};
	struct stall_stack one = {&evil, 1, 1};
	struct stall stall = example_stall();

	(void)state;
	memset(longest, '\x01', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	stall.stacks = &one;
	memcpy(stall.thread, "\033]0;x\a\n", 8);
	memcpy(stall.waker.process, "\033c\n", 4);
	stall.holder = (struct stack_holder){5, "\033c\n\xff"};
	for (int event = STALL_EVENT_BEGUN; event <= STALL_EVENT_ENDED; event++) {
		char *text = written(write_text, event, &stall);
		char *json = written(write_json, event, &stall);
		json_t *object = json_loads(json, 0, NULL);

		for (const char *c = text; *c; c++)
			assert_true(*c == '\n' || (*c >= ' ' && *c < 127));
		assert_non_null(strstr(text, "a\\x1b[2J\\x0ab"));
		assert_non_null(object);
		assert_ptr_equal(strchr(json, '\n'), json + strlen(json) - 1);
		json_decref(object);
		free(json);
		free(text);
	}
}

static void test_culprit_in_a_cell(void **state)
{
	char text[STALL_CULPRIT_LEN], longest[STACK_MAX_TEXT] = "";
	struct stack_frame frame = {
		.function = longest, .file = "/srv/app.c", .line = 4294967295, .module = ""};

	(void)state;
	memset(longest, 'f', sizeof(longest) - 1);
	assert_string_equal(strchr(stall_culprit_text(text, &frame), ' '), " app.c:4294967295");
	assert_string_equal(stall_culprit_text(text, &frames[2]), "handle app.c:42");
	assert_string_equal(stall_culprit_text(text, &frames[0]), "libc.so.6+0x5678");
	assert_string_equal(stall_culprit_text(text, &frames[3]), "0x66");
}

#define stall_test(function) cmocka_unit_test_setup(function, forget_shown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		stall_test(test_text),
		stall_test(test_thread_exited),
		stall_test(test_text_without_a_stack),
		stall_test(test_text_of_no_time),
		stall_test(test_styles),
		stall_test(test_holder),
		stall_test(test_holder_as_json),
		stall_test(test_unseen_as_json),
		stall_test(test_json),
		stall_test(test_hostile),
		stall_test(test_culprit_in_a_cell),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
