/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The room's door before a program that answers, crashes, hangs and lies. */
#include "unit.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "symbols/symbols_parts.h"
#include "symbols_fixture.h"

#define TIMEOUT_MS 10000 /* for a test that is wrong; and where no stack is to take too long */
#define SHORT_MS 500
#define MAX_WAITING 8

/* What came out, one letter each: r for a record, s for a stack with names, p for one without. */
struct outcome {
	char kinds[128];
	unsigned int tids[128];
	size_t nr, nr_pythons;
	struct python_runtime python;
	int result; /* of the listener */
};

static void note(struct outcome *outcome, char kind, unsigned int tid)
{
	assert_true(outcome->nr + 1 < ARRAY_SIZE(outcome->kinds));
	outcome->kinds[outcome->nr] = kind;
	outcome->tids[outcome->nr++] = tid;
}

static int on_record(const void *record, size_t size, void *context)
{
	const struct stall_record *stall = record;
	struct outcome *outcome = context;

	assert_int_equal(size, sizeof(*stall));
	note(outcome, 'r', stall->id.tid);
	return outcome->result;
}

static void check_without_names(const struct stack *stack)
{
	assert_int_equal(stack->flags, STACK_IS_PARTIAL | STACK_IS_CUT);
	assert_int_equal(stack->nr_frames, 3);
	assert_int_equal(stack->frames[0].address, 0x1000 + stack->id.tid);
	assert_string_equal(stack->frames[1].function, "inner");
	assert_string_equal(stack->frames[1].file, "/a.py");
	assert_string_equal(stack->frames[2].function, "outer");
	assert_ptr_equal(stack_culprit(stack), &stack->frames[1]);
}

static int on_stack(const void *data, size_t size, void *context)
{
	_cleanup_(stack_freep) struct stack *stack = NULL;
	struct outcome *outcome = context;

	assert_int_equal(stack_decode(data, size, &stack), 0);
	assert_int_equal(stack->process_start_ns, 7);
	assert_int_equal(stack->time_ns, stack->id.tid);
	if (stack->flags)
		check_without_names(stack);
	else
		assert_string_equal(stack->frames[0].function, "named");
	note(outcome, stack->flags ? 'p' : 's', stack->id.tid);
	return outcome->result;
}

static int on_python(pid_t pid, const struct python_runtime *runtime, void *context)
{
	struct outcome *outcome = context;

	assert_int_equal(pid, runtime->version);
	outcome->python = *runtime;
	outcome->nr_pythons++;
	return outcome->result;
}

static int read_once(struct symbols *symbols, struct outcome *outcome)
{
	const struct symbols_listener listener = {on_record, on_stack, on_python, outcome};

	return symbols_read(symbols, &listener);
}

/* As whoever uses it: reads when its descriptor says so, and never else. */
static void read_until_idle(struct symbols *symbols, struct outcome *outcome)
{
	struct pollfd wait = {.fd = symbols_fd(symbols), .events = POLLIN};

	while (!symbols_idle(symbols)) {
		assert_int_equal(poll(&wait, 1, TIMEOUT_MS), 1);
		assert_int_equal(read_once(symbols, outcome), 0);
	}
	assert_int_equal(poll(&wait, 1, 0), 0);
}

static void submit_stack(struct symbols *symbols, uint32_t pid, uint32_t tid, enum deed deed)
{
	struct made_record made = made_stack(pid, tid, deed);

	assert_int_equal(symbols_submit(symbols, &made, sizeof(made)), 0);
}

static void submit_stall(struct symbols *symbols, uint32_t tid)
{
	struct stall_record stall = made_stall(1, tid);

	assert_int_equal(symbols_submit(symbols, &stall, sizeof(stall)), 0);
}

static void check_order(const struct outcome *outcome, const char *kinds)
{
	assert_string_equal(outcome->kinds, kinds);
	for (size_t i = 0; i < outcome->nr; i++)
		assert_int_equal(outcome->tids[i], i + 1);
}

static struct symbols_stats stats_of(struct symbols *symbols)
{
	struct symbols_stats stats;

	symbols_stats(symbols, &stats);
	return stats;
}

static void test_order(void **state)
{
	_cleanup_(symbols_freep) struct symbols *symbols = symbols_fixture_start(TIMEOUT_MS, 0);
	struct outcome outcome = {};

	(void)state;
	assert_true(symbols_idle(symbols));
	for (uint32_t tid = 1; tid <= 60; tid += 3) {
		submit_stall(symbols, tid);
		submit_stack(symbols, 1, tid + 1, DEED_ANSWER);
		submit_stack(symbols, 1, tid + 2, DEED_ANSWER);
	}
	read_until_idle(symbols, &outcome);
	check_order(&outcome, "rssrssrssrssrssrssrssrssrssrssrssrssrssrssrssrssrssrssrssrss");
	assert_int_equal(stats_of(symbols).stacks, 40);
	assert_int_equal(stats_of(symbols).restarts, 0);
	assert_int_equal(stats_of(symbols).held_back, 0);
	assert_int_equal(stats_of(symbols).processes, 3);
	assert_int_equal(stats_of(symbols).evictions, 4);
	assert_true(stats_of(symbols).cpu_ns > 0);
	assert_true(stats_of(symbols).memory_bytes > 0);
}

static void test_records_alone(void **state)
{
	_cleanup_(symbols_freep) struct symbols *symbols = symbols_fixture_start(TIMEOUT_MS, 0);
	struct outcome outcome = {.result = -ECANCELED};

	(void)state;
	submit_stall(symbols, 1);
	submit_stall(symbols, 2);
	/* who refuses one has had it */
	assert_int_equal(read_once(symbols, &outcome), -ECANCELED);
	assert_int_equal(outcome.nr, 1);
	outcome.result = 0;
	read_until_idle(symbols, &outcome);
	check_order(&outcome, "rr");
}

static void test_process(void **state)
{
	_cleanup_(symbols_freep) struct symbols *symbols = symbols_fixture_start(TIMEOUT_MS, 0);
	struct outcome outcome = {};

	(void)state;
	assert_int_equal(symbols_submit_process(symbols, 12, 34), 0);
	read_until_idle(symbols, &outcome);
	assert_int_equal(outcome.nr_pythons, 1);
	assert_int_equal(outcome.python.address, 34);
}

/* As it is a minute later. */
static void read_later(struct symbols *symbols, struct outcome *outcome)
{
	symbols_send_waiting(symbols, clock_monotonic_ns() + PROGRAM_STARTS_NS);
	read_until_idle(symbols, outcome);
}

/* It could be by chance: others are not kept waiting, and it is asked for again. */
static void test_process_crashes(void **state)
{
	_cleanup_(symbols_freep) struct symbols *symbols = symbols_fixture_start(TIMEOUT_MS, 0);
	struct outcome outcome = {};

	(void)state;
	assert_int_equal(symbols_submit_process(symbols, FIXTURE_CRASHES, 34), 0);
	assert_int_equal(symbols_submit_process(symbols, 12, 34), 0);
	read_until_idle(symbols, &outcome);
	assert_int_equal(outcome.nr_pythons, 1);
	assert_int_equal(stats_of(symbols).restarts, 1);
	read_later(symbols, &outcome);
	assert_int_equal(outcome.nr_pythons, 1);
	assert_int_equal(stats_of(symbols).restarts, 2);
}

/* The one that it ends over has no names; all others have. */
static void check_one_without(enum deed deed, unsigned int timeout_ms)
{
	_cleanup_(symbols_freep) struct symbols *symbols = symbols_fixture_start(timeout_ms, 0);
	struct outcome outcome = {};

	submit_stack(symbols, 1, 1, DEED_ANSWER);
	submit_stall(symbols, 2);
	submit_stack(symbols, 2, 3, deed);
	submit_stack(symbols, 1, 4, DEED_ANSWER);
	submit_stall(symbols, 5);
	submit_stack(symbols, 1, 6, DEED_ANSWER);
	read_until_idle(symbols, &outcome);
	check_order(&outcome, "srpsrs");
	assert_int_equal(stats_of(symbols).restarts, 1);
	assert_int_equal(stats_of(symbols).stacks, 3);
	assert_int_equal(stats_of(symbols).held_back, 1);
}

static void test_crash(void **state)
{
	(void)state;
	check_one_without(DEED_CRASH, TIMEOUT_MS);
}

static void test_takes_too_long(void **state)
{
	(void)state;
	check_one_without(DEED_HANG, SHORT_MS);
}

/* What others of them wait for behind it, or before it, does not matter. */
static void test_takes_too_long_early(void **state)
{
	(void)state;
	check_one_without(DEED_HANG_EARLY, SHORT_MS);
}

static void test_lies(void **state)
{
	(void)state;
	check_one_without(DEED_ANSWER_OTHER, TIMEOUT_MS);
	check_one_without(DEED_ANSWER_RUBBISH, TIMEOUT_MS);
}

/* Twice, and that process is left alone; the others go on. */
static void test_blame(void **state)
{
	_cleanup_(symbols_freep) struct symbols *symbols = symbols_fixture_start(TIMEOUT_MS, 0);
	struct outcome outcome = {};

	(void)state;
	for (uint32_t tid = 1; tid <= 20; tid += 2) {
		submit_stack(symbols, 2, tid, DEED_CRASH);
		submit_stack(symbols, 1, tid + 1, DEED_ANSWER);
	}
	read_until_idle(symbols, &outcome);
	check_order(&outcome, "pspspspspspspspspsps");
	assert_int_equal(stats_of(symbols).restarts, 2);
	assert_int_equal(stats_of(symbols).held_back, 10);
}

/* That program of the process was to blame; this one may be another. */
static void test_forgiven(void **state)
{
	_cleanup_(symbols_freep) struct symbols *symbols = symbols_fixture_start(TIMEOUT_MS, 0);
	struct outcome outcome = {};

	(void)state;
	for (uint32_t tid = 1; tid <= 3; tid++)
		submit_stack(symbols, 2, tid, DEED_CRASH);
	read_until_idle(symbols, &outcome);
	assert_int_equal(symbols_submit_process(symbols, 2, 7), 0);
	submit_stack(symbols, 2, 4, DEED_ANSWER);
	read_until_idle(symbols, &outcome);
	check_order(&outcome, "ppps");
	assert_int_equal(outcome.nr_pythons, 1);
	assert_int_equal(stats_of(symbols).restarts, 2);
}

/* Each over another process: it is not begun for ever, and all come out. */
static void test_restart_limit(void **state)
{
	_cleanup_(symbols_freep) struct symbols *symbols = symbols_fixture_start(TIMEOUT_MS, 0);
	struct outcome outcome = {};

	(void)state;
	for (uint32_t tid = 1; tid <= 40; tid++)
		submit_stack(symbols, tid, tid, DEED_CRASH);
	submit_stall(symbols, 41);
	assert_int_equal(symbols_submit_process(symbols, 12, 34), 0);
	read_until_idle(symbols, &outcome);
	check_order(&outcome, "ppppppppppppppppppppppppppppppppppppppppr");
	assert_int_equal(outcome.nr_pythons, 0);
	assert_int_equal(stats_of(symbols).restarts, 5);
	assert_int_equal(stats_of(symbols).held_back, 40);
	assert_int_equal(stats_of(symbols).memory_bytes, 0);
	assert_true(stats_of(symbols).cpu_ns > 0);
	read_later(symbols, &outcome);
	assert_int_equal(outcome.nr_pythons, 1);
}

/* Beyond what may wait they have no names, and are counted; the order stands. */
static void test_too_many(void **state)
{
	_cleanup_(symbols_freep) struct symbols *symbols =
		symbols_fixture_start(SHORT_MS, MAX_WAITING);
	struct outcome outcome = {};

	(void)state;
	submit_stack(symbols, 1, 1, DEED_HANG);
	for (uint32_t tid = 2; tid <= 20; tid++)
		submit_stack(symbols, 1, tid, DEED_ANSWER);
	read_until_idle(symbols, &outcome);
	check_order(&outcome, "pssssssspppppppppppp");
	assert_int_equal(stats_of(symbols).held_back, 13);
}

static void test_malformed(void **state)
{
	_cleanup_(symbols_freep) struct symbols *symbols = symbols_fixture_start(TIMEOUT_MS, 0);
	struct made_record made = made_stack(1, 1, DEED_ANSWER);
	struct stall_record stall = made_stall(1, 1);

	(void)state;
	assert_int_equal(symbols_submit(symbols, &made, sizeof(made.record)), -EBADMSG);
	assert_int_equal(symbols_submit(symbols, &made, 4), -EBADMSG);
	made.record.nr_python = 1;
	assert_int_equal(symbols_submit(symbols, &made, sizeof(made)), -EBADMSG);
	stall.header.kind = RECORD_LOOP_PLACE;
	assert_int_equal(symbols_submit(symbols, &stall, sizeof(stall)), -EBADMSG);
	stall = made_stall(1, 1);
	stall.cause_ns[0] = 1;
	assert_int_equal(symbols_submit(symbols, &stall, sizeof(stall)), -EBADMSG);
	assert_true(symbols_idle(symbols));
}

static void test_not_there(void **state)
{
	const struct symbols_options options = {};
	char error[SYMBOLS_ERROR_LEN] = "";
	struct symbols *symbols = NULL;

	(void)state;
	assert_int_equal(symbols_start(&options, &symbols, error), -ENOENT);
	assert_non_null(strstr(error, "/loopscope-symbols, which belongs beside this program"));
	assert_null(symbols);
}

/* What is waited for when it is freed is forgotten, and the program is gone. */
static void test_freed_early(void **state)
{
	struct symbols *symbols = symbols_fixture_start(TIMEOUT_MS, 0);

	(void)state;
	submit_stack(symbols, 1, 1, DEED_HANG);
	submit_stack(symbols, 1, 2, DEED_ANSWER);
	symbols_free(symbols);
	symbols_free(NULL);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_records_alone),
		cmocka_unit_test(test_process),
		cmocka_unit_test(test_process_crashes),
		cmocka_unit_test(test_crash),
		cmocka_unit_test(test_takes_too_long),
		cmocka_unit_test(test_takes_too_long_early),
		cmocka_unit_test(test_lies),
		cmocka_unit_test(test_blame),
		cmocka_unit_test(test_forgiven),
		cmocka_unit_test(test_restart_limit),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_not_there),
		cmocka_unit_test(test_freed_early),
	};

	symbols_fixture_program(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
