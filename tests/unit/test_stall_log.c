/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A stall as a log record: what it is called, what it has, and how grave it is. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "export/stall_log.h"

#define OFFSET_NS 1760000000000000000ULL
#define START_NS (5000 * MS)

static struct stack_frame frames[] = {
	{.address = 0x7f01,
	 .module_offset = 0x101,
	 .function = "",
	 .file = "",
	 .module = "/lib/libc.so.6",
	 .flags = FRAME_RUNTIME},
	{.function = "load \xff",
	 .file = "/srv/app.py",
	 .module = "",
	 .line = 12,
	 .language = FRAME_PYTHON},
	{.address = 0x55, .function = "main", .file = "", .module = "/usr/bin/python3"},
};
static struct stack stack = {.nr_frames = ARRAY_SIZE(frames), .frames = frames};
static struct stall_stack stacks[] = {{&stack, 250 * MS, 250 * MS}};

static const struct stall example = {
	.id = {.pid = 4711, .tid = 4712, .start_ns = 1},
	.thread = "0123456789abcdef", /* not terminated */
	.state = STALL_ENDED,
	.start_ns = START_NS,
	.until_ns = START_NS + 250 * MS,
	.blocking_ns = 50 * MS,
	.cause_ns = {[CAUSE_CPU] = 50 * MS, [CAUSE_SYSCALL] = 200 * MS},
	.cause = CAUSE_SYSCALL,
	.syscall_nr = -1,
	.nr_syscalls = 2,
	.syscalls = {{__NR_read, 2, 80 * MS}, {__NR_fsync, 1, 120 * MS}},
	.woken = true,
	.waker = {.pid = 8, .tid = 9, .thread = "writer", .process = "db"},
	.nr_stacks = 1,
	.stacks = stacks,
};

static const struct stall_log_options options = {
	.unix_offset_ns = OFFSET_NS,
	.observed_unix_ns = OFFSET_NS + 6000 * MS,
	.loop = "4712-2",
	.error_factor = 10,
};

static struct log_record made(const struct stall *stall, const struct stall_log_options *how)
{
	struct log_record record;

	assert_int_equal(stall_log_make(stall, how, &record), 0);
	return record;
}

static void assert_text(const struct log_record *record, const char *key, const char *text)
{
	const char *found = attributes_get_text(&record->attributes, key);

	if (!found)
		fail_msg("there is no %s", key);
	assert_string_equal(found, text);
}

static void assert_integer(const struct log_record *record, const char *key, __s64 value)
{
	const struct attribute wanted = ATTRIBUTE_OF_INTEGER(key, value);
	const struct attribute *found = attributes_get(&record->attributes, key);

	if (!found || !attribute_equal(found, &wanted))
		fail_msg("%s is not %lld", key, value);
}

static void assert_ms(const struct log_record *record, const char *key, double ms)
{
	const struct attribute wanted = {.key = key, .type = ATTRIBUTE_DOUBLE, .number = ms};
	const struct attribute *found = attributes_get(&record->attributes, key);

	if (!found || !attribute_equal(found, &wanted))
		fail_msg("%s is not %g", key, ms);
}

static void assert_absent(const struct log_record *record, const char *key)
{
	assert_null(attributes_get(&record->attributes, key));
}

static void test_ended(void **state)
{
	struct log_record record = made(&example, &options);

	(void)state;
	assert_string_equal(record.event_name, "event_loop.stall");
	assert_int_equal(record.time_unix_ns, OFFSET_NS + START_NS + 250 * MS);
	assert_int_equal(record.observed_unix_ns, OFFSET_NS + 6000 * MS);
	assert_text(&record, "event_loop.stall.phase", "ended");
	assert_text(&record, "event_loop.stall.id", "4712-12a05f200");
	assert_text(&record, "event_loop.id", "4712-2");
	assert_text(&record, "event_loop.state", "syscall");
	assert_text(&record, "thread.name", "0123456789abcdef");
	assert_integer(&record, "thread.id", 4712);
	assert_ms(&record, "event_loop.stall.duration", 250);
	assert_ms(&record, "event_loop.stall.threshold", 50);
	assert_ms(&record, "event_loop.stall.time.cpu", 50);
	assert_ms(&record, "event_loop.stall.time.syscall", 200);
	assert_absent(&record, "event_loop.stall.time.lock");
	assert_text(&record, "syscall.name", "fsync");
	assert_ms(&record, "event_loop.stall.blocked_time.read", 80);
	assert_ms(&record, "event_loop.stall.blocked_time.fsync", 120);
	assert_integer(&record, "event_loop.waker.process.pid", 8);
	assert_text(&record, "event_loop.waker.process.name", "db");
	assert_integer(&record, "event_loop.waker.thread.id", 9);
	assert_text(&record, "event_loop.waker.thread.name", "writer");
	log_record_done(&record);
}

static void test_code(void **state)
{
	struct log_record record = made(&example, &options);

	(void)state;
	assert_text(&record, "code.function.name", "load \xef\xbf\xbd");
	assert_text(&record, "code.file.path", "/srv/app.py");
	assert_integer(&record, "code.line.number", 12);
	assert_string_equal(record.stacktrace, "    at libc.so.6+0x101\n"
					       "    at load \xef\xbf\xbd (/srv/app.py:12)\n"
					       "    at main (/usr/bin/python3)\n");
	assert_string_equal(record.body, "0123456789abcdef (4712) stalled for 250 ms: syscall "
					 "fsync, in load \xef\xbf\xbd (/srv/app.py:12)");
	log_record_done(&record);
}

/* No name ends a line, steers a terminal, or hides what stands beside it. */
static void test_hostile(void **state)
{
	struct stack_frame hostile[] = {
		{.function = "\x1b[2J\n    at f", .file = "/a\r\x7f", .module = "", .line = 1},
		{.function = "\xe2\x80\xae", .file = "", .module = "/m\n"},
		{.module_offset = 1, .function = "", .file = "", .module = "/x/\xc2\x85"},
	};
	struct stack deep = {.nr_frames = ARRAY_SIZE(hostile), .frames = hostile};
	struct stall_stack weighed = {&deep, 250 * MS, 250 * MS};
	struct stall stall = example;
	struct log_record record;

	(void)state;
	stall.stacks = &weighed;
	memcpy(stall.thread, "\x1b[1m\n", 6);
	memcpy(stall.waker.thread, "\t", 2);
	memcpy(stall.waker.process, "\xe2\x80\x8b", 4);
	record = made(&stall, &options);
	assert_text(&record, "thread.name", "\\x1b[1m\\x0a");
	assert_text(&record, "event_loop.waker.thread.name", "\\x09");
	assert_text(&record, "event_loop.waker.process.name", "\\u200b");
	assert_text(&record, "code.function.name", "\\x1b[2J\\x0a    at f");
	assert_text(&record, "code.file.path", "/a\\x0d\\x7f");
	assert_string_equal(record.stacktrace, "    at \\x1b[2J\\x0a    at f (/a\\x0d\\x7f:1)\n"
					       "    at \\u202e (/m\\x0a)\n"
					       "    at \\u0085+0x1\n");
	assert_string_equal(record.body, "\\x1b[1m\\x0a (4712) stalled for 250 ms: syscall fsync, "
					 "in \\x1b[2J\\x0a    at f (/a\\x0d\\x7f:1)");
	log_record_done(&record);
}

static void test_holder(void **state)
{
	struct stall stall = example;
	struct log_record record;

	(void)state;
	stall.holder = (struct stack_holder){4720, "keeper"};
	memcpy(stall.process, "db", 3);
	stall.state = STALL_GOES_ON;
	stall.cause = CAUSE_LOCK;
	record = made(&stall, &options);
	assert_integer(&record, "event_loop.lock_holder.process.pid", 4711);
	assert_text(&record, "event_loop.lock_holder.process.name", "db");
	assert_integer(&record, "event_loop.lock_holder.thread.id", 4720);
	assert_text(&record, "event_loop.lock_holder.thread.name", "keeper");
	log_record_done(&record);
	stall.state = STALL_ENDED;
	record = made(&stall, &options);
	assert_absent(&record, "event_loop.lock_holder.thread.id");
	log_record_done(&record);
}

static void test_thread_exited(void **state)
{
	const struct attribute wanted =
		ATTRIBUTE_OF_BOOLEAN("event_loop.stall.thread_exited", true);
	struct stall stall = example;
	struct log_record record = made(&stall, &options);

	(void)state;
	assert_absent(&record, wanted.key);
	log_record_done(&record);
	stall.thread_exited = true;
	record = made(&stall, &options);
	assert_true(attribute_equal(attributes_get(&record.attributes, wanted.key), &wanted));
	log_record_done(&record);
}

static void test_no_stack(void **state)
{
	struct stall stall = example;
	struct log_record record;

	(void)state;
	stall.nr_stacks = 0;
	stall.woken = false;
	record = made(&stall, &options);
	assert_absent(&record, "code.function.name");
	assert_absent(&record, "event_loop.waker.thread.id");
	assert_null(record.stacktrace);
	assert_string_equal(record.body,
			    "0123456789abcdef (4712) stalled for 250 ms: syscall fsync");
	log_record_done(&record);
}

static void test_phases(void **state)
{
	struct stall stall = example;
	struct stall_log_options how = options;
	static const struct {
		enum stall_state state;
		bool told;
		const char *phase;
	} rows[] = {
		{STALL_GOES_ON, false, "begun"},
		{STALL_GOES_ON, true, "lasts"},
		{STALL_ENDED, true, "ended"},
		{STALL_LOST, false, "lost"},
	};

	(void)state;
	stall.syscall_nr = __NR_futex;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct log_record record;

		stall.state = rows[i].state;
		how.told = rows[i].told;
		record = made(&stall, &how);
		assert_text(&record, "event_loop.stall.phase", rows[i].phase);
		assert_text(&record, "syscall.name",
			    rows[i].state == STALL_GOES_ON ? "futex" : "fsync");
		assert_int_equal(strstr(record.body, "has been stuck for 250 ms") != NULL,
				 rows[i].state == STALL_GOES_ON);
		log_record_done(&record);
	}
}

static void test_severity(void **state)
{
	struct stall stall = example;
	struct log_record record;

	(void)state;
	for (int ms = 499; ms <= 500; ms++) {
		stall.until_ns = START_NS + (unsigned int)ms * MS;
		record = made(&stall, &options);
		assert_int_equal(record.severity,
				 ms < 500 ? LOG_SEVERITY_WARN : LOG_SEVERITY_ERROR);
		assert_string_equal(log_severity_text(record.severity),
				    ms < 500 ? "WARN" : "ERROR");
		log_record_done(&record);
	}
}

/* As many frames with texts as long as there may be: bounded, and whole lines. */
static void test_long_stack(void **state)
{
	static struct stack_frame many[STACK_MAX_FRAMES];
	static char name[STACK_MAX_TEXT + 1];
	struct stack deep = {.nr_frames = STACK_MAX_FRAMES, .frames = many};
	struct stall_stack weighed = {&deep, 250 * MS, 250 * MS};
	struct stall stall = example;
	struct log_record record;
	size_t length;

	(void)state;
	memset(name, 'n', STACK_MAX_TEXT);
	for (size_t i = 0; i < STACK_MAX_FRAMES; i++)
		many[i] = (struct stack_frame){.function = name, .file = name, .module = name};
	stall.stacks = &weighed;
	record = made(&stall, &options);
	length = strlen(record.stacktrace);
	assert_true(length <= STALL_LOG_MAX_STACK && length > STALL_LOG_MAX_STACK / 2);
	assert_string_equal(record.stacktrace + length - strlen("\n    ...\n"), "\n    ...\n");
	assert_true(log_record_bytes(&record) > length);
	log_record_done(&record);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ended),         cmocka_unit_test(test_code),
		cmocka_unit_test(test_hostile),       cmocka_unit_test(test_holder),
		cmocka_unit_test(test_thread_exited), cmocka_unit_test(test_no_stack),
		cmocka_unit_test(test_phases),        cmocka_unit_test(test_severity),
		cmocka_unit_test(test_long_stack),
	};

	return cmocka_run_group_tests_name("stall_log", tests, NULL, NULL);
}
