/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Stalls put together of items, live or replayed: whose they are, and which loops have one. */
#include "recording_fixture.h"

#include <errno.h>
#include <string.h>

#include "commands/history.h"
#include "stall_fixture.h"

struct told {
	unsigned int counts[STALL_EVENT_ENDED + 1];
	struct stall last; /* what it points to is not */
};

static int tell(enum stall_event event, const struct stall *stall, void *context)
{
	struct told *told = context;

	told->counts[event]++;
	told->last = *stall;
	return 0;
}

static struct history *follow(struct told *told)
{
	const struct stalls_options options = {
		.max_open = 8,
		.max_stacks = 4,
		.blocking_ns = 50 * MS,
		.event = tell,
		.context = told,
	};
	struct history *history;

	assert_int_equal(history_new(NULL, &history), 0);
	assert_int_equal(history_follow_stalls(history, &options), 0);
	return history;
}

static void take_stall(struct history *history, enum record_kind kind, __u64 now_ns)
{
	const struct stall_record record = stall_record_of(kind, 1, 100 * MS, now_ns, CAUSE_CPU);

	assert_int_equal(history_take(history, ITEM_RECORD, &record, sizeof(record)), 0);
}

static void take_mark(struct history *history, enum item_kind kind, __u64 now_ns)
{
	const struct item_mark mark = {now_ns, now_ns, now_ns};

	assert_int_equal(history_take(history, kind, &mark, sizeof(mark)), 0);
}

static void take_process(struct history *history, const struct process_facts *facts)
{
	_cleanup_(buffer_done) struct buffer item = {};

	item_put_process(&item, facts);
	assert_int_equal(history_take(history, ITEM_PROCESS, item.data, item.size), 0);
}

static void test_whose_it_is(void **state)
{
	struct process_facts facts = {.key.pid = 1, .runtime = "redis", .cgroup = "/a"};
	struct told told = {};
	struct history *history = follow(&told);
	struct loop_entry entry;

	(void)state;
	take_stall(history, RECORD_STALL_BEGUN, 150 * MS);
	assert_int_equal(told.counts[STALL_EVENT_BEGUN], 1);
	assert_true(history_describe(history, &told.last, &entry));
	assert_null(entry.runtime);
	take_process(history, &facts);
	assert_true(history_describe(history, &told.last, &entry));
	assert_string_equal(entry.runtime, "redis");
	assert_string_equal(entry.cgroup, "/a");
	assert_ptr_equal(entry.stall, &told.last);
	facts.hidden = true;
	take_process(history, &facts);
	assert_false(history_describe(history, &told.last, &entry));
	history_free(history);
}

static int has_stall(const struct loop_entry *entry, void *context)
{
	*(int *)context += entry->stall != NULL;
	return 0;
}

static void test_unseen(void **state)
{
	struct told told = {};
	struct history *history = follow(&told);
	_cleanup_(buffer_done) struct buffer item = {};
	const struct loop_report stuck = {
		.id = {.pid = 7, .tid = 7, .start_ns = 3},
		.family = WAIT_EPOLL,
		.state = REPORT_UNSEEN,
		.where_syscall = -1,
		.current_busy_ns = 100 * MS,
	};
	int nr = 0;

	(void)state;
	item_put_unseen(&item, &stuck);
	assert_int_equal(history_take(history, ITEM_UNSEEN, item.data, item.size), 0);
	take_mark(history, ITEM_WALK, 1000 * MS);
	assert_int_equal(told.counts[STALL_EVENT_BEGUN], 0); /* its stack is awaited */
	assert_int_equal(history_visit(history, has_stall, &nr), 0);
	assert_int_equal(nr, 1);
	take_mark(history, ITEM_WALK, 2001 * MS); /* but not for ever */
	assert_int_equal(told.counts[STALL_EVENT_BEGUN], 1);
	assert_true(told.last.unseen);
	assert_int_equal(told.last.until_ns, 2001 * MS);
	assert_int_equal(history_take(history, ITEM_UNSEEN, NULL, 0), 0);
	take_mark(history, ITEM_WALK, 2002 * MS);
	assert_int_equal(told.counts[STALL_EVENT_ENDED], 1);
	history_free(history);
}

static void test_bad_items(void **state)
{
	struct stall_record record =
		stall_record_of(RECORD_STALL_BEGUN, 1, 100 * MS, 150 * MS, CAUSE_CPU);
	struct told told = {};
	struct history *history = follow(&told);

	(void)state;
	record.cause_ns[CAUSE_LOCK] = 1;
	assert_int_equal(history_take(history, ITEM_RECORD, &record, sizeof(record)), 1);
	assert_int_equal(history_take(history, ITEM_STACK, "x", 1), 1);
	take_stall(history, RECORD_STALL_BEGUN, 150 * MS);
	take_mark(history, ITEM_END, 200 * MS);
	assert_int_equal(told.counts[STALL_EVENT_ENDED], 0);
	assert_int_equal(history_finish_stalls(history), 0);
	assert_int_equal(told.counts[STALL_EVENT_ENDED], 1);
	assert_int_equal(told.last.state, STALL_GOES_ON);
	history_free(history);
}

/* Whoever does not ask for them gets none, and no error. */
static void test_not_followed(void **state)
{
	struct history *history;

	(void)state;
	assert_int_equal(history_new(NULL, &history), 0);
	take_stall(history, RECORD_STALL_BEGUN, 150 * MS);
	assert_int_equal(history_take(history, ITEM_STACK, "x", 1), 0);
	assert_int_equal(history_advance(history, 5), 0);
	assert_int_equal(history_finish_stalls(history), 0);
	history_free(history);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whose_it_is),
		cmocka_unit_test(test_unseen),
		cmocka_unit_test(test_bad_items),
		cmocka_unit_test(test_not_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
