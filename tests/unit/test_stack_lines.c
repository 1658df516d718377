/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which frames of a stall's stack are shown, how often, and what is said where there is none. */
#include "unit.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "example_report.h"
#include "view/stall_line.h"

static __u64 shown; /* of the stall that is told of */

static int forget_shown(void **state)
{
	(void)state;
	shown = 0;
	return 0;
}

static void write_text(FILE *out, const void *context)
{
	stall_text_write(out, context, &(struct stack_lines_options){});
}

static void write_full(FILE *out, const void *context)
{
	stall_text_write(out, context, &(struct stack_lines_options){.full = true});
}

static char *written(void (*write)(FILE *out, const void *context), enum stall_event event,
		     const struct stall *stall)
{
	const struct loop_entry entry = {.cgroup = "", .stall = stall};
	const struct stall_line line = {event, &entry, 0, &shown};

	return written_by(write, &line);
}

static struct stall example_stall(void)
{
	return (struct stall){
		.thread = "main",
		.process = "app",
		.start_ns = 1,
		.until_ns = 1 + 200 * MS,
		.cause_ns = {[CAUSE_CPU] = 50 * MS, [CAUSE_LOCK] = 150 * MS},
		.nr_stacks = 1,
	};
}

static void assert_reason(const struct stall *stall, const char *reason)
{
	char *text = written(write_text, STALL_EVENT_ENDED, stall);

	assert_non_null(strstr(text, reason));
	assert_non_null(strstr(text, "no function to blame: "));
	free(text);
}

static void test_nobody_to_blame(void **state)
{
	struct stack bare = {.time_ns = 60 * MS, .flags = STACK_IS_MISSING};
	struct stall_stack one = {&bare, 200 * MS, 200 * MS};
	struct stall stall = example_stall();

	(void)state;
	stall.stacks = &one;
	assert_reason(&stall, "the thread had run on");
	bare = (struct stack){.flags = 0, .cause = CAUSE_OTHER};
	assert_reason(&stall, "it was stopped");
	bare = (struct stack){.flags = STACK_IS_PARTIAL};
	assert_reason(&stall, "frames of its interpreter");
	bare.flags = 0;
	assert_reason(&stall, "no function took half");
	stall.nr_stacks = 0;
	stall.stacks_held = 1;
	assert_reason(&stall, "too many of this loop");
	stall.cause_ns[CAUSE_RUNQUEUE] = 100 * MS;
	assert_reason(&stall, "it waited for a CPU");
}

#define FRAME(function_, file_, module_, flags_) \
	{.function = (function_), .file = (file_), .module = (module_), .flags = (flags_)}
#define NATIVE FRAME("f", "", "/lib/libpy.so", FRAME_RUNTIME)
#define MODULE FRAME("f", "", "/lib/_asyncio.cpython-311-x86_64-linux-gnu.so", FRAME_RUNTIME)
#define ASYNCIO FRAME("run", "/lib/asyncio/events.py", "", FRAME_RUNTIME)
#define NODE FRAME("run", "node:internal/timers", "", FRAME_RUNTIME)
#define APP FRAME("app", "/srv/app.py", "", 0)
#define LISTED                                 \
	"             in culprit  /srv/c.py\n" \
	"               f  libpy.so\n"         \
	"               f  libpy.so\n"         \
	"               f  libpy.so\n"

static struct stack_frame deep[] = {
	NATIVE,  NATIVE, NATIVE, NATIVE, NATIVE,  FRAME("culprit", "/srv/c.py", "", 0),
	ASYNCIO, APP,    MODULE, NODE,   ASYNCIO, APP,
	APP,     APP,    APP,    APP,    APP,     APP,
	APP,     NATIVE, NATIVE,
};

static struct stack deep_stack = {.nr_frames = ARRAY_SIZE(deep), .frames = deep};

static char *stack_of(char *text)
{
	return strstr(text, "             in ");
}

static void test_folded(void **state)
{
	struct stall_stack one = {&deep_stack, 200 * MS, 200 * MS};
	struct stall stall = example_stall();
	char *folded, *full, *ended;
	size_t lines = 0;

	(void)state;
	stall.stacks = &one;
	folded = written(write_text, STALL_EVENT_BEGUN, &stall);
	assert_string_equal(stack_of(folded), LISTED
			    "               ... 2 frames of libpy.so\n"
			    "               culprit  /srv/c.py\n"
			    "               run  events.py\n"
			    "               app  /srv/app.py\n"
			    "               ... 3 frames of _asyncio, node:internal and others\n"
			    "               app  /srv/app.py\n"
			    "               app  /srv/app.py\n"
			    "               app  /srv/app.py\n"
			    "               app  /srv/app.py\n"
			    "               app  /srv/app.py\n"
			    "               app  /srv/app.py\n"
			    "               app  /srv/app.py\n"
			    "               ... 3 frames\n");
	ended = written(write_text, STALL_EVENT_ENDED, &stall);
	assert_string_equal(stack_of(ended), "             in culprit  /srv/c.py\n");
	shown = 0;
	full = written(write_full, STALL_EVENT_ENDED, &stall);
	for (const char *c = stack_of(full); *c; c++)
		lines += *c == '\n';
	assert_int_equal(lines, 1 + ARRAY_SIZE(deep));
	free(folded);
	free(ended);
	free(full);
}

/* Shown again if another function of the application is in it, not for another line, or callee. */
static void test_stack_is_shown_once(void **state)
{
	struct stack_frame own[] = {NATIVE, APP, APP};
	struct stack now = {.nr_frames = ARRAY_SIZE(own), .frames = own};
	struct stall_stack one = {&now, 200 * MS, 200 * MS};
	struct stall stall = example_stall();

	(void)state;
	stall.stacks = &one;
	for (int i = 0; i < 5; i++) {
		char *text = written(write_text, STALL_EVENT_LASTS, &stall);

		assert_int_equal(strstr(text, "f  libpy.so") != NULL, i == 0 || i == 3);
		free(text);
		own[1].line = (uint32_t)i;
		if (i == 1)
			own[0].module = "/lib/libz.so";
		if (i == 2) {
			own[0].module = "/lib/libpy.so";
			own[2].function = "other";
		}
	}
}

#define stall_test(function) cmocka_unit_test_setup(function, forget_shown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		stall_test(test_nobody_to_blame),
		stall_test(test_folded),
		stall_test(test_stack_is_shown_once),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
