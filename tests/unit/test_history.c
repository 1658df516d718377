/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is put together of a recording's items, and what becomes of malformed ones. */
#include "recording_fixture.h"

#include <errno.h>
#include <string.h>

#include "commands/history.h"
#include "fake_loop.h"
#include "model/model.h"

struct seen {
	unsigned int loops, unseen;
	struct loop_report reports[8];
	char cgroup[64], pod[254], runtime[32];
};

static int keep(const struct loop_entry *entry, void *context)
{
	struct seen *seen = context;
	bool unseen = entry->report->state == REPORT_UNSEEN;

	assert_in_range(seen->loops + seen->unseen, 0, ARRAY_SIZE(seen->reports) - 1);
	seen->reports[seen->loops + seen->unseen] = *entry->report;
	seen->loops += !unseen;
	seen->unseen += unseen;
	if (!unseen) {
		snprintf(seen->cgroup, sizeof(seen->cgroup), "%s", entry->cgroup);
		snprintf(seen->runtime, sizeof(seen->runtime), "%s", entry->runtime ?: "");
		snprintf(seen->pod, sizeof(seen->pod), "%s",
			 entry->container ? entry->container->pod : "");
	}
	return 0;
}

static struct seen visit(struct history *history)
{
	struct seen seen = {};

	assert_int_equal(history_visit(history, keep, &seen), 0);
	return seen;
}

static struct history *replay(const struct recording_fixture *fixture)
{
	struct history *history;

	assert_int_equal(history_new(NULL, &history), 0);
	for (size_t i = 0; i < fixture->nr_items; i++) {
		const struct recorded_item *item = &fixture->items[i];

		assert_int_equal(history_take(history, item->kind, item->data, item->size), 0);
	}
	return history;
}

static void test_replay(void **state)
{
	struct history *history = replay(*state);
	const struct summary *summary = history_summary(history);
	struct seen seen = visit(history);

	assert_true(history_ended(history));
	assert_int_equal(history_mark(history).monotonic_ns, 1300 * MS);
	assert_int_equal(seen.loops, 2);
	assert_int_equal(seen.unseen, 1);
	/* what came before the window was opened is not in it */
	assert_int_equal(seen.reports[0].iterations, 3);
	assert_int_equal(seen.reports[1].iterations, 2);
	assert_int_equal(seen.reports[1].state, REPORT_ENDED);
	assert_string_equal(seen.cgroup, "/a/b.service");
	assert_string_equal(seen.runtime, "node");
	assert_string_equal(seen.pod, "web-1");
	assert_int_equal(summary->torn, 3);
	assert_int_equal(summary->stalls_held, 5);
	assert_int_equal(summary->stacks_held, 6);
	assert_int_equal(summary->nr_hooks, 2);
	assert_string_equal(summary->hooks[0].program, "fentry");
	assert_null(summary->hooks[1].program);
	history_free(history);
}

static void test_nothing_after_the_end(void **state)
{
	struct recording_fixture *fixture = *state;
	struct history *history = replay(fixture);

	assert_int_equal(
		history_take(history, ITEM_RECORD, fixture->items[0].data, fixture->items[0].size),
		-EBADMSG);
	history_free(history);
}

static void take_process(struct history *history, struct process_facts facts)
{
	_cleanup_(buffer_done) struct buffer buffer = {};

	item_put_process(&buffer, &facts);
	assert_int_equal(history_take(history, ITEM_PROCESS, buffer.data, buffer.size), 0);
}

static void take_record(struct history *history, struct fake_loop *loop)
{
	unsigned char record[WINDOW_MAX_SIZE];
	size_t size = fake_loop_record(loop, RECORD_LOOP_WINDOW, record);

	assert_int_equal(history_take(history, ITEM_RECORD, record, size), 0);
}

static void open_window(struct history *history)
{
	const struct item_mark mark = {1, 1, 1};

	assert_int_equal(history_take(history, ITEM_WINDOW, &mark, sizeof(mark)), 0);
}

static void test_later_facts_replace_earlier_ones(void **state)
{
	struct process_facts facts = {.key = {.exec_id = 1, .pid = 100}, .runtime = "redis"};
	struct history *history;
	struct fake_loop loop;

	(void)state;
	assert_int_equal(history_new(NULL, &history), 0);
	fake_loop_start(&loop, 1, 1000 * MS);
	take_record(history, &loop);
	take_process(history, facts);
	assert_string_equal(visit(history).runtime, "redis");
	facts.hidden = true;
	take_process(history, facts);
	assert_int_equal(visit(history).loops, 0);
	history_free(history);
}

/* A history that goes on for months keeps only processes that are heard of. */
static void test_processes_are_forgotten(void **state)
{
	const struct process_key quiet = {.pid = 5}, loud = {.exec_id = 1, .pid = 100};
	struct history *history;
	struct fake_loop loop;

	(void)state;
	assert_int_equal(history_new(NULL, &history), 0);
	fake_loop_start(&loop, 1, 1000 * MS);
	take_process(history, (struct process_facts){.key = loud});
	take_process(history, (struct process_facts){.key = quiet});
	for (int i = 0; i < 10; i++) {
		assert_int_equal(history_process(history, &quiet) != NULL, i <= 4);
		assert_non_null(history_process(history, &loud));
		fake_loop_pass(&loop, MS);
		take_record(history, &loop);
		open_window(history);
	}
	history_free(history);
}

static void test_unknown_and_bad_items(void **state)
{
	struct history *history;

	(void)state;
	assert_int_equal(history_new(NULL, &history), 0);
	assert_int_equal(history_take(history, 99, "x", 1), 1);
	assert_int_equal(history_take(history, ITEM_RECORD, "x", 1), 1);
	assert_int_equal(history_stats(history)->records_bad, 1);
	assert_int_equal(history_take(history, ITEM_PROCESS, "x", 1), -EBADMSG);
	assert_int_equal(history_take(history, ITEM_UNSEEN, "x", 1), -EBADMSG);
	assert_int_equal(history_take(history, ITEM_WALK, "x", 1), -EBADMSG);
	assert_int_equal(history_take(history, ITEM_SUMMARY, "x", 1), -EBADMSG);
	assert_int_equal(visit(history).loops, 0);
	history_free(history);
}

#define HELD_BYTES 16 /* what ceilings held back, at the end of a summary */

/* Recordings of earlier versions have no such counts. */
static void test_summary_without_held(void **state)
{
	const struct summary summary = {.torn = 3, .stalls_held = 5, .stacks_held = 6};
	_cleanup_(buffer_done) struct buffer buffer = {};
	struct item_hooks hooks;
	struct summary read;

	(void)state;
	item_put_summary(&buffer, &summary);
	assert_int_equal(item_get_summary(buffer.data, buffer.size, &read, &hooks), 0);
	assert_int_equal(read.stacks_held, 6);
	assert_int_equal(item_get_summary(buffer.data, buffer.size - HELD_BYTES, &read, &hooks), 0);
	assert_int_equal(read.torn, 3);
	assert_int_equal(read.stalls_held, 0);
	memset((char *)buffer.data + buffer.size - HELD_BYTES, 0xff, HELD_BYTES);
	assert_int_equal(item_get_summary(buffer.data, buffer.size, &read, &hooks), -EBADMSG);
}

/* No part of an item but a record is taken for the whole. */
static void test_every_truncated_item(void **state)
{
	struct recording_fixture *fixture = *state;
	struct history *history;

	assert_int_equal(history_new(NULL, &history), 0);
	for (size_t i = 0; i < fixture->nr_items; i++) {
		const struct recorded_item *item = &fixture->items[i];

		if (item->kind == ITEM_RECORD)
			continue;
		for (size_t size = item->kind == ITEM_UNSEEN; size < item->size; size++) {
			if (item->kind == ITEM_SUMMARY && size == item->size - HELD_BYTES)
				continue;
			assert_int_equal(history_take(history, item->kind, item->data, size),
					 -EBADMSG);
		}
	}
	history_free(history);
}

static void test_words_that_do_not_print(void **state)
{
	struct process_facts facts = {.runtime = "\x1b[2J"}, read;
	_cleanup_(buffer_done) struct buffer buffer = {};

	(void)state;
	item_put_process(&buffer, &facts);
	assert_int_equal(item_get_process(buffer.data, buffer.size, &read), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		recording_test(test_replay),
		recording_test(test_nothing_after_the_end),
		cmocka_unit_test(test_later_facts_replace_earlier_ones),
		cmocka_unit_test(test_processes_are_forgotten),
		cmocka_unit_test(test_unknown_and_bad_items),
		cmocka_unit_test(test_summary_without_held),
		recording_test(test_every_truncated_item),
		cmocka_unit_test(test_words_that_do_not_print),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
