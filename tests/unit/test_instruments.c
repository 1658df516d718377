/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The points of each instrument: which there are, what they say, since when. */
#include "unit.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "example_figures.h"
#include "export/points.h"
#include "point_list.h"

#define CUMULATIVE TEMPORALITY_CUMULATIVE
#define DELTA TEMPORALITY_DELTA

static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < nr_instruments; i++) {
		const struct instrument *instrument = &instruments[i];
		const struct point_source *source = instrument->source;
		size_t last = strlen(instrument->description) - 1;

		assert_ptr_equal(find_instrument(instrument->name), instrument);
		assert_true(*instrument->unit);
		assert_true(isupper(instrument->description[0]));
		assert_true(instrument->description[last] != '.');
		assert_int_equal(!!source->of_loop + !!source->of_process + !!source->of_agent, 1);
		assert_int_equal(source->of_loop != NULL, source->group != 0);
	}
}

static void test_time_sums_to_wall(void **state)
{
	const struct figures *figures = example_figures();
	const struct point_list *list = resource_points("event_loop.time", figures, 0, CUMULATIVE);
	double sum = 0;

	(void)state;
	assert_int_equal(list->nr, 1 + NR_CAUSES);
	for (size_t i = 0; i < list->nr; i++)
		sum += list->points[i].number;
	assert_near(sum, 60 * 1000, 1e-9);
	assert_near(named_point(list, "poll")->number, 60 * 590, 0);
	assert_near(named_point(list, "syscall")->number, 60 * 193, 0);
	assert_string_equal(list->points[0].attributes[2].key, "event_loop.state");
	assert_string_equal(list->points[0].attributes[1].text, "redis-server");
	assert_true(list->points[0].start_unix_ns == EXAMPLE_START_NS);
	assert_true(list->points[0].time_unix_ns == EXAMPLE_TIME_NS);
}

static void test_delta(void **state)
{
	const struct figures *figures = example_figures();
	const struct point_list *list = resource_points("event_loop.time", figures, 0, DELTA);

	(void)state;
	assert_int_equal(list->nr, 1 + NR_CAUSES);
	assert_near(named_point(list, "poll")->number, 30 * 590, 0);
	assert_true(list->points[0].start_unix_ns == EXAMPLE_SINCE_NS);
	list = resource_points("event_loop.iterations", figures, 0, DELTA);
	assert_int_equal(list->points[0].integer, 30 * 12);
	/* what a reader has nothing of, it gets from the start */
	list = resource_points("event_loop.iterations", figures, 1, DELTA);
	assert_int_equal(list->points[0].integer, 12);
	assert_true(list->points[0].start_unix_ns == EXAMPLE_START_NS + 1);
}

static void test_histogram(void **state)
{
	const struct figures *figures = example_figures();
	const struct point_histogram *histogram;
	__u64 count = 0;

	(void)state;
	histogram = &resource_points("event_loop.lag", figures, 0, CUMULATIVE)->points[0].histogram;
	assert_int_equal(histogram->count, 600);
	assert_near(histogram->sum, 60 * 240, 0);
	assert_int_equal(histogram->buckets[66], 180);
	histogram = &resource_points("event_loop.lag", figures, 0, DELTA)->points[0].histogram;
	assert_int_equal(histogram->count, 300);
	assert_near(histogram->sum, 30 * 240, 0);
	for (int i = 0; i < HISTOGRAM_NR_BUCKETS; i++)
		count += histogram->buckets[i];
	assert_int_equal(count, 300);
	histogram = &resource_points("event_loop.callback_queue.depth", figures, 0, CUMULATIVE)
			     ->points[0]
			     .histogram;
	assert_near(histogram->sum, 60 * 18, 0); /* events, not ms */
}

/* Without values it is there all the same, and sums to nothing. */
static void test_empty_histogram(void **state)
{
	struct figures *figures = example_figures();
	const struct point_list *list = resource_points("event_loop.lag", figures, 1, CUMULATIVE);

	(void)state;
	assert_int_equal(list->nr, 2);
	assert_int_equal(list->points[1].histogram.count, 0);
	assert_near(list->points[1].histogram.sum, 0, 0);
}

static void test_blocked_time(void **state)
{
	struct figures *figures = example_figures();
	const struct point_list *list;

	(void)state;
	list = resource_points("event_loop.blocked_time", figures, 0, CUMULATIVE);
	assert_int_equal(list->nr, 3);
	assert_near(named_point(list, "fsync")->number, 60 * 190, 0);
	assert_near(named_point(list, "write")->number, 60 * 3, 0);
	assert_near(named_point(list, "other")->number, 60, 0);
	assert_string_equal(list->points[0].attributes[2].key, "syscall.name");
	assert_near(
		named_point(resource_points("event_loop.blocked_time", figures, 0, DELTA), "other")
			->number,
		30, 0);

	figures->max_blocked_syscalls = 3;
	list = resource_points("event_loop.blocked_time", figures, 0, CUMULATIVE);
	assert_near(named_point(list, "sys_9999")->number, 60, 0);
	assert_int_equal(list->nr, 3);

	figures->max_blocked_syscalls = 0;
	list = resource_points("event_loop.blocked_time", figures, 0, CUMULATIVE);
	assert_int_equal(list->nr, 1);
	assert_near(named_point(list, "other")->number, 60 * 194, 0);
}

/* A syscall counted as `other` stays there, whatever time it comes to take. */
static void test_other_is_stable(void **state)
{
	struct figures *figures = example_figures();
	struct loop_totals *totals = (struct loop_totals *)figures->resources[0].loops[0].totals;
	const struct point_list *list;

	(void)state;
	totals->syscalls[2].time_ns = 1000000 * MS;
	totals->syscalls[3] = (struct window_syscall){RECORD_SYSCALL_OTHER, 1, 5 * MS};
	totals->nr_syscalls = 4;
	list = resource_points("event_loop.blocked_time", figures, 0, CUMULATIVE);
	assert_int_equal(list->nr, 3);
	assert_near(named_point(list, "other")->number, 1000005, 0);
	assert_near(named_point(list, "write")->number, 60 * 3, 0);
}

static void test_blocking_calls(void **state)
{
	const struct figures *figures = example_figures();
	const struct point_list *list;

	(void)state;
	list = resource_points("event_loop.blocking_calls", figures, 0, CUMULATIVE);
	assert_int_equal(list->nr, 2);
	assert_int_equal(named_point(list, "cpu")->integer, 0);
	assert_int_equal(named_point(list, "syscall")->integer, 60);
}

static void test_gauges(void **state)
{
	struct figures *figures = example_figures();
	const struct point_list *list =
		resource_points("event_loop.utilization", figures, 0, DELTA);

	(void)state;
	assert_int_equal(list->nr, 1);
	assert_near(list->points[0].number, 41, 0);
	assert_true(list->points[0].start_unix_ns == 0);
	/* node's first interval is not complete; its worker has ended */
	assert_int_equal(resource_points("event_loop.utilization", figures, 1, DELTA)->nr, 0);
	list = resource_points("event_loop.stall.age", figures, 1, CUMULATIVE);
	assert_int_equal(list->nr, 1);
	assert_near(list->points[0].number, 2500.5, 0);
}

static void test_nodejs(void **state)
{
	struct figures *figures = example_figures();
	const struct point_list *list;

	(void)state;
	assert_int_equal(resource_points("nodejs.eventloop.time", figures, 0, CUMULATIVE)->nr, 0);
	assert_int_equal(resource_points("nodejs.eventloop.utilization", figures, 0, DELTA)->nr, 0);
	list = resource_points("nodejs.eventloop.time", figures, 1, CUMULATIVE);
	assert_int_equal(list->nr, 4);
	assert_near(list->points[0].number, 0.41, 1e-12);
	assert_string_equal(list->names[0], "active");
	assert_near(list->points[1].number, 0.59, 1e-12);
	assert_string_equal(list->names[1], "idle");

	((struct loop_figures *)figures->resources[1].loops)->gauges.utilization_percent = 25;
	list = resource_points("nodejs.eventloop.utilization", figures, 1, CUMULATIVE);
	assert_near(list->points[0].number, 0.25, 0);
}

/* Its last deltas once; a delta reader then needs nothing more of it. */
static void test_ended(void **state)
{
	struct figures *figures = example_figures();
	struct loop_figures *ended = (struct loop_figures *)&figures->resources[1].loops[1];
	const struct point_list *list = resource_points("event_loop.iterations", figures, 1, DELTA);

	(void)state;
	assert_int_equal(list->nr, 2);
	ended->since = ended->totals;
	assert_int_equal(resource_points("event_loop.iterations", figures, 1, DELTA)->nr, 1);
	assert_int_equal(resource_points("event_loop.iterations", figures, 1, CUMULATIVE)->nr, 2);
	ended->ended = false;
	assert_int_equal(resource_points("event_loop.iterations", figures, 1, DELTA)->nr, 2);
}

static void test_process(void **state)
{
	const struct figures *figures = example_figures();
	const struct point_list *list = resource_points("process.cpu.time", figures, 0, CUMULATIVE);

	(void)state;
	assert_int_equal(list->nr, 2);
	assert_near(named_point(list, "user")->number, 12.345, 0);
	assert_string_equal(list->points[0].attributes[0].key, "cpu.mode");
	assert_true(list->points[0].start_unix_ns == EXAMPLE_START_NS - 1000000000);
	list = resource_points("process.context_switches", figures, 0, DELTA);
	assert_int_equal(named_point(list, "voluntary")->integer, 9);
	assert_int_equal(named_point(list, "involuntary")->integer, 0);
	assert_true(list->points[0].start_unix_ns == EXAMPLE_SINCE_NS);
	assert_int_equal(resource_points("process.cpu.time", figures, 1, CUMULATIVE)->nr, 0);
}

static void test_agent(void **state)
{
	const struct figures *figures = example_figures();
	const struct agent_figures *since = example_agent_since();
	const struct point_list *list = agent_points("up", figures, since, DELTA);

	(void)state;
	assert_int_equal(list->points[0].integer, 1);
	assert_int_equal(resource_points("up", figures, 0, DELTA)->nr, 0);
	list = agent_points("loopscope.records", figures, since, CUMULATIVE);
	assert_int_equal(list->points[0].integer, 4000);
	list = agent_points("loopscope.records", figures, since, DELTA);
	assert_int_equal(list->points[0].integer, 1000);
	assert_true(list->points[0].start_unix_ns == EXAMPLE_SINCE_NS);
	list = agent_points("loopscope.records", figures, NULL, DELTA);
	assert_int_equal(list->points[0].integer, 4000);
	assert_true(list->points[0].start_unix_ns == EXAMPLE_START_NS);
	/* what there is now has no delta */
	list = agent_points("loopscope.loops", figures, since, DELTA);
	assert_int_equal(list->points[0].integer, 3);
	assert_true(list->points[0].start_unix_ns == EXAMPLE_START_NS);
	list = agent_points("loopscope.threshold.crossings", figures, since, DELTA);
	assert_int_equal(named_point(list, "utilization")->integer, 1);
	assert_int_equal(named_point(list, "stall_age_ms")->integer, 0);
}

static void test_programs(void **state)
{
	const struct figures *figures = example_figures();
	const struct agent_figures *since = example_agent_since();
	const struct point_list *list;

	(void)state;
	list = agent_points("loopscope.program.runs", figures, since, DELTA);
	assert_int_equal(list->nr, 1);
	assert_int_equal(named_point(list, "on_switch")->integer, 600000);
	list = agent_points("loopscope.program.recursion_misses", figures, since, CUMULATIVE);
	assert_int_equal(list->nr, 2);
	assert_int_equal(named_point(list, "on_switch")->integer, 3);
}

static const struct attribute overflow_attribute =
	ATTRIBUTE_OF_BOOLEAN("otel.metric.overflow", true);

/* With 9 series at most, one loop has its 8 of event_loop.time, and 8 have their one of others. */
static void test_overflow(void **state)
{
	static const unsigned int ordinals[] = {0, 1};
	struct figures *figures = example_figures();
	struct resource_figures *node = (struct resource_figures *)&figures->resources[1];
	struct loop_totals totals = {.poll_ns = 5 * MS, .cause_ns = {2 * MS, 1 * MS}};
	const struct loop_figures overflow = {
		.attributes = &overflow_attribute,
		.nr_attributes = 1,
		.start_unix_ns = EXAMPLE_START_NS,
		.since_unix_ns = EXAMPLE_START_NS,
		.totals = &totals,
	};
	const struct point_list *list;

	(void)state;
	figures->max_series = 9;
	node->ordinals = ordinals;
	node->overflow = &overflow;
	assert_int_equal(instrument_group_limit(TOTALS_TIME, figures), 1);
	assert_int_equal(instrument_group_limit(TOTALS_PLAIN, figures), 8);
	list = resource_points("event_loop.time", figures, 1, CUMULATIVE);
	assert_int_equal(list->nr, 9);
	assert_near(list->points[8].number, 8, 0);
	assert_int_equal(list->points[8].nr_attributes, 1);
	assert_string_equal(list->points[8].attributes[0].key, "otel.metric.overflow");
	assert_int_equal(resource_points("event_loop.iterations", figures, 1, CUMULATIVE)->nr, 2);
	/* what ended loops left there stays, though no loop is in it any more */
	totals.iterations = 1;
	assert_int_equal(resource_points("event_loop.iterations", figures, 1, CUMULATIVE)->nr, 3);
	assert_int_equal(resource_points("event_loop.utilization", figures, 1, CUMULATIVE)->nr, 0);
	figures->max_series = 0;
	assert_int_equal(resource_points("event_loop.lag", figures, 1, CUMULATIVE)->nr, 1);
}

static int stop(const struct point *point, void *context)
{
	(void)point;
	++*(int *)context;
	return -EPIPE;
}

static void test_stops(void **state)
{
	const struct figures *figures = example_figures();
	int calls = 0;

	(void)state;
	assert_int_equal(instrument_points(find_instrument("event_loop.time"), figures,
					   &figures->resources[1], CUMULATIVE, stop, &calls),
			 -EPIPE);
	assert_int_equal(calls, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),           cmocka_unit_test(test_time_sums_to_wall),
		cmocka_unit_test(test_delta),           cmocka_unit_test(test_histogram),
		cmocka_unit_test(test_empty_histogram), cmocka_unit_test(test_blocked_time),
		cmocka_unit_test(test_other_is_stable), cmocka_unit_test(test_blocking_calls),
		cmocka_unit_test(test_gauges),          cmocka_unit_test(test_nodejs),
		cmocka_unit_test(test_ended),           cmocka_unit_test(test_process),
		cmocka_unit_test(test_agent),           cmocka_unit_test(test_programs),
		cmocka_unit_test(test_overflow),        cmocka_unit_test(test_stops),
	};

	return cmocka_run_group_tests_name("instruments", tests, NULL, NULL);
}
