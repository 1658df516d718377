/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Log records that wait: by process, bounded, none told of twice or lost unseen. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/log_queue.h"
#include "registry_fixture.h"

#define MAX_RECORDS 10
#define MAX_BYTES 100000

struct world {
	struct registry_fixture fixture;
	struct log_queue *queue;
};

static int set_up(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	registry_fixture_set_up(&world->fixture, true, false, 100);
	assert_int_equal(log_queue_new(MAX_RECORDS, MAX_BYTES, &world->queue), 0);
	*state = world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;

	log_queue_free(world->queue);
	registry_fixture_tear_down(&world->fixture);
	free(world);
	return 0;
}

static const struct process_key *add_process(struct world *world, unsigned int pid)
{
	struct watched_loop *loop = registry_fixture_add(&world->fixture, pid);

	return watched_process_key(watched_loop_process(loop));
}

static void add(struct world *world, const struct process_key *process, const char *body)
{
	struct log_record record = {.event_name = "e", .body = strdup(body)};

	assert_int_equal(log_queue_add(world->queue, process, &record), 0);
	assert_null(record.body);
}

/* Bodies of what goes out, a space after each, and | after each process. */
static void assert_batch(struct world *world, size_t max, const char *expected)
{
	const struct log_batch *batch;
	char text[256] = "";
	size_t at = 0;

	assert_int_equal(log_queue_begin(world->queue, world->fixture.registry, max, &batch), 0);
	for (size_t i = 0; i < batch->nr_groups; i++) {
		for (size_t j = 0; j < batch->groups[i].nr_records; j++)
			at += (size_t)snprintf(text + at, sizeof(text) - at, "%s ",
					       batch->groups[i].records[j]->body);
		at += (size_t)snprintf(text + at, sizeof(text) - at, "|");
	}
	assert_string_equal(text, expected);
}

static void assert_nothing(struct world *world)
{
	const struct log_batch *batch;

	assert_int_equal(log_queue_begin(world->queue, world->fixture.registry, 100, &batch),
			 -EAGAIN);
}

static void assert_stats(const struct world *world, __u64 queued, __u64 delivered, __u64 dropped)
{
	struct log_queue_stats stats;

	log_queue_stats(world->queue, &stats);
	assert_int_equal(stats.queued, queued);
	assert_int_equal(stats.delivered, delivered);
	assert_int_equal(stats.dropped, dropped);
}

static void test_by_process(void **state)
{
	struct world *world = *state;
	const struct process_key one = *add_process(world, 1), two = *add_process(world, 2);

	assert_nothing(world);
	add(world, &one, "a");
	add(world, &two, "b");
	add(world, &one, "c");
	assert_batch(world, 100, "a c |b |");
	log_queue_settle(world->queue, 3, LOG_DELIVERED);
	log_queue_end(world->queue);
	assert_stats(world, 0, 3, 0);
	assert_nothing(world);
}

/* Each request of a batch has a fate of its own. */
static void test_fates(void **state)
{
	struct world *world = *state;
	const struct process_key one = *add_process(world, 1), two = *add_process(world, 2);

	add(world, &one, "a");
	add(world, &one, "b");
	add(world, &two, "c");
	add(world, &two, "d");
	assert_batch(world, 100, "a b |c d |");
	log_queue_settle(world->queue, 1, LOG_KEPT);
	log_queue_settle(world->queue, 1, LOG_DROPPED);
	log_queue_settle(world->queue, 1, LOG_DELIVERED);
	add(world, &one, "e");
	log_queue_end(world->queue);
	assert_stats(world, 3, 1, 1);
	assert_batch(world, 2, "a e |");
	log_queue_settle(world->queue, 2, LOG_DELIVERED);
	log_queue_end(world->queue);
	assert_batch(world, 2, "d |");
	log_queue_end(world->queue);
	assert_batch(world, 2, "d |");
	log_queue_end(world->queue);
}

/* The oldest goes, but nothing of a batch that is out. */
static void test_bounds(void **state)
{
	struct world *world = *state;
	const struct process_key one = *add_process(world, 1), two = *add_process(world, 2);
	char name[] = "a";

	for (int i = 0; i < MAX_RECORDS + 2; i++, name[0]++)
		add(world, i % 2 ? &one : &two, name);
	assert_stats(world, MAX_RECORDS, 0, 2);
	assert_batch(world, 4, "c e g i |");
	for (int i = 0; i < MAX_RECORDS; i++, name[0]++)
		add(world, &one, name);
	assert_stats(world, MAX_RECORDS, 0, MAX_RECORDS + 2);
	log_queue_settle(world->queue, 4, LOG_DELIVERED);
	log_queue_end(world->queue);
	assert_batch(world, 100, "q r s t u v |");
	log_queue_end(world->queue);
}

static void test_bytes(void **state)
{
	struct world *world = *state;
	const struct process_key one = *add_process(world, 1);
	char text[MAX_BYTES / 4];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (int i = 0; i < 5; i++)
		add(world, &one, text);
	assert_stats(world, 3, 0, 2);
}

/* One whose pod is not known yet waits; one that is never shown was not to be watched. */
static void test_held(void **state)
{
	struct world *world = *state;
	struct watched_loop *loop = registry_fixture_add(&world->fixture, 1);
	struct watched_process *process = watched_loop_process(loop);
	const struct process_key key = *watched_process_key(process);
	const struct process_key other = *add_process(world, 2);

	watched_process_pod(process)->held = true;
	add(world, &key, "a");
	assert_nothing(world);
	add(world, &other, "b");
	assert_batch(world, 100, "b |");
	log_queue_settle(world->queue, 1, LOG_DELIVERED);
	log_queue_end(world->queue);
	watched_process_pod(process)->held = false;
	assert_batch(world, 100, "a |");
	log_queue_end(world->queue);
	/* known by now: it goes, though the process is gone */
	registry_drop_loop(world->fixture.registry, loop);
	assert_batch(world, 100, "a |");
	log_queue_end(world->queue);
	loop = registry_fixture_add(&world->fixture, 3);
	process = watched_loop_process(loop);
	watched_process_pod(process)->held = true;
	add(world, watched_process_key(process), "c");
	registry_drop_loop(world->fixture.registry, loop);
	assert_batch(world, 100, "a |");
	log_queue_end(world->queue);
	assert_stats(world, 1, 1, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_by_process, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_fates, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_bounds, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_bytes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_held, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("log_queue", tests, NULL, NULL);
}
