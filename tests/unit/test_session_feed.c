/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a session tells its listener: enough to put the same history together, and nothing twice. */
#include "unit.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "commands/session_feed.h"
#include "fake_loop.h"
#include "model/model.h"
#include "observe/cgroup_subsys.h"

/* Options of cgroups would ask the kernel. */
int observer_cgroup_subsys(const char *controller)
{
	(void)controller;
	return -ENOENT;
}

struct told {
	unsigned int counts[ITEM_END + 1];
	struct history *replayed;
	int answer; /* to each item */
	bool process_before_record;
};

static int take(enum item_kind kind, const void *data, size_t size, void *context)
{
	struct told *told = context;

	assert_in_range(kind, ITEM_RECORD, ITEM_END);
	told->counts[kind]++;
	if (told->process_before_record)
		assert_int_equal(told->counts[ITEM_PROCESS], 1);
	assert_in_range(history_take(told->replayed, kind, data, size), 0, 1);
	return told->answer;
}

struct fixture {
	struct told told;
	struct session_listener listener;
	struct session_feed *feed;
	struct fake_loop loop; /* of this very process, so that there is something to know of it */
};

static int set_up(void **state)
{
	static const struct pod_filter filter;
	static struct fixture fixture;
	char error[SESSION_ERROR_LEN];

	memset(&fixture, 0, sizeof(fixture));
	fixture.listener = (struct session_listener){.take = take, .context = &fixture.told};
	fake_loop_start(&fixture.loop, 1, 1000 * MS);
	fixture.loop.window.id.pid = (__u32)getpid();
	*state = &fixture;
	return history_new(NULL, &fixture.told.replayed)
		       ?: session_feed_new(&filter, &fixture.listener, &fixture.feed, error);
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	session_feed_free(fixture->feed);
	history_free(fixture->told.replayed);
	return 0;
}

static void feed_record(struct fixture *fixture)
{
	unsigned char record[WINDOW_MAX_SIZE + 64] = {};

	fake_loop_pass(&fixture->loop, 10 * MS);
	fake_loop_return(&fixture->loop, 30 * US, 1);
	fake_loop_pass(&fixture->loop, 5 * MS);
	fake_loop_enter(&fixture->loop);
	fake_loop_record(&fixture->loop, RECORD_LOOP_WINDOW, record);
	/* a ring has reserved more than it takes */
	session_feed_record(record, sizeof(record), fixture->feed);
}

static int keep_text(const struct loop_entry *entry, void *context)
{
	char *text = context;
	size_t length = strlen(text);

	snprintf(text + length, 1024 - length, "%u %llu %llu %s %s\n", entry->report->id.tid,
		 entry->report->iterations, entry->report->current_busy_ns, entry->cgroup,
		 entry->runtime ?: "-");
	return 0;
}

static void assert_same(struct fixture *fixture)
{
	struct history *live = session_feed_history(fixture->feed);
	char shown[1024] = "", replayed[1024] = "";

	assert_int_equal(history_visit(live, keep_text, shown), 0);
	assert_int_equal(history_visit(fixture->told.replayed, keep_text, replayed), 0);
	assert_true(*shown);
	assert_string_equal(shown, replayed);
}

static void test_each_process_is_told_once(void **state)
{
	struct fixture *fixture = *state;
	const struct process_facts *facts;
	struct process_key key = {.exec_id = 1, .pid = (__u64)getpid()};

	for (int i = 0; i < 5; i++)
		feed_record(fixture);
	assert_int_equal(session_feed_mark(fixture->feed, ITEM_WINDOW), 0);
	feed_record(fixture);
	assert_int_equal(session_feed_mark(fixture->feed, ITEM_WALK), 0);
	assert_int_equal(fixture->told.counts[ITEM_RECORD], 6);
	assert_int_equal(fixture->told.counts[ITEM_PROCESS], 1);
	facts = history_process(fixture->told.replayed, &key);
	assert_non_null(facts);
	assert_non_null(strstr(facts->executable, "test_session_feed"));
	assert_same(fixture);
}

static void test_only_changes_are_told(void **state)
{
	struct fixture *fixture = *state;
	struct loop_report stuck = {
		.id = {.pid = 1, .tid = 1},
		.family = WAIT_EPOLL,
		.where_syscall = -1,
		.current_busy_ns = 5,
	};
	struct summary summary = {.torn = 1};

	feed_record(fixture);
	for (int i = 0; i < 3; i++) {
		session_feed_unseen(fixture->feed, &stuck);
		assert_int_equal(session_feed_unseen_done(fixture->feed), 0);
		assert_int_equal(session_feed_summary(fixture->feed, &summary), 0);
		assert_same(fixture);
	}
	assert_int_equal(fixture->told.counts[ITEM_UNSEEN], 1);
	assert_int_equal(fixture->told.counts[ITEM_SUMMARY], 1);
	stuck.current_busy_ns++;
	session_feed_unseen(fixture->feed, &stuck);
	assert_int_equal(session_feed_unseen_done(fixture->feed), 0);
	assert_same(fixture);
	/* and that there is none any more */
	assert_int_equal(session_feed_unseen_done(fixture->feed), 0);
	assert_int_equal(session_feed_unseen_done(fixture->feed), 0);
	assert_int_equal(fixture->told.counts[ITEM_UNSEEN], 3);
	assert_same(fixture);
	summary.torn++;
	assert_int_equal(session_feed_summary(fixture->feed, &summary), 0);
	assert_int_equal(history_summary(fixture->told.replayed)->torn, 2);
}

static void hear(const struct process_key *key, void *context)
{
	*(unsigned int *)context += key->pid == (__u64)getpid();
}

/* Whose stall it is has been told before it is, so that who is told of it knows. */
static void test_a_stall(void **state)
{
	struct fixture *fixture = *state;
	struct stall_record stall = {
		.header = {RECORD_STALL_BEGUN, 0, sizeof(stall), 150 * MS},
		.id = {.pid = (__u32)getpid(), .tid = 1, .exec_id = 1},
		.start_ns = 100 * MS,
		.syscall_nr = -1,
		.cause_ns = {[CAUSE_CPU] = 50 * MS},
	};
	unsigned int nr_heard = 0;

	session_feed_on_process(fixture->feed, hear, &nr_heard);
	fixture->told.process_before_record = true;
	session_feed_record(&stall, sizeof(stall), fixture->feed);
	session_feed_record(&stall, sizeof(stall), fixture->feed);
	assert_int_equal(session_feed_error(fixture->feed), 0);
	assert_int_equal(fixture->told.counts[ITEM_PROCESS], 1);
	assert_int_equal(fixture->told.counts[ITEM_RECORD], 2);
	assert_int_equal(nr_heard, 1);
	stall.start_ns = 0;
	session_feed_record(&stall, sizeof(stall), fixture->feed);
	assert_int_equal(history_stats(session_feed_history(fixture->feed))->records_bad, 1);
}

static void test_a_listener_that_fails(void **state)
{
	struct fixture *fixture = *state;

	fixture->told.answer = -ENOSPC;
	feed_record(fixture);
	assert_int_equal(session_feed_error(fixture->feed), -ENOSPC);
	feed_record(fixture);
	assert_int_equal(session_feed_mark(fixture->feed, ITEM_WALK), -ENOSPC);
	assert_int_equal(fixture->told.counts[ITEM_RECORD], 1);
	assert_int_equal(fixture->told.counts[ITEM_WALK], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_each_process_is_told_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_only_changes_are_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_stall, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_listener_that_fails, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
