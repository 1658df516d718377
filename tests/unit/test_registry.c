/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The registry: a reader that is told only some of the time still gets everything
 * once, in deltas and in totals, whatever comes and goes meanwhile.
 */
#include <string.h>

#include "agent/registry.h"
#include "unit.h"

#define MAX_WAITING 40
#define ROUNDS 400

struct fixture {
	struct registry *registry;
	struct registry_options options;
	struct attributes departed;
	struct random random;
	__u64 now;
	__u64 iterations; /* ever reported */
	__u64 given; /* to the reader: of deltas, all of them; of totals, the sum of the last */
	unsigned int next_tid;
};

static void set_up(struct fixture *fixture, bool delivers, bool delta, unsigned int max_series)
{
	*fixture = (struct fixture){.now = 1000, .next_tid = 1};
	fixture->options = (struct registry_options){
		.max_waiting = MAX_WAITING,
		.delivers = delivers,
		.delta = delta,
		.check_interval_ns = 100 * MS,
		.max_series = max_series,
		.max_blocked_syscalls = 8,
		.departed = &fixture->departed,
	};
	assert_int_equal(attributes_put_text(&fixture->departed, "service.name", "departed"), 0);
	assert_int_equal(registry_new(&fixture->options, &fixture->registry), 0);
}

static void tear_down(struct fixture *fixture)
{
	registry_free(fixture->registry);
	attributes_done(&fixture->departed);
}

static struct watched_loop *add_loop(struct fixture *fixture, unsigned int pid)
{
	const struct loop_id id = {
		.pid = pid, .tid = fixture->next_tid, .start_ns = fixture->next_tid};
	const struct process_key key = {.pid = pid, .start_ns = 7};
	struct watched_process *process = registry_process(fixture->registry, &key);
	struct attributes attributes = {};
	struct watched_loop *loop;

	fixture->next_tid++;
	if (!process) {
		assert_int_equal(attributes_put_integer(&attributes, "process.pid", pid), 0);
		assert_int_equal(registry_add_process(fixture->registry, &key, "comm", NULL,
						      &attributes, false, &process),
				 0);
	}
	assert_int_equal(registry_add_loop(fixture->registry, process, &id, "thread", fixture->now,
					   0, &loop),
			 0);
	return loop;
}

static void report(struct fixture *fixture, struct watched_loop *loop, __u64 iterations, bool last)
{
	const struct loop_report report = {
		.id = *watched_loop_id(loop),
		.state = last ? REPORT_ENDED : REPORT_POLL,
		.window_ns = 100 * MS,
		.poll_ns = 75 * MS,
		.cause_ns[CAUSE_CPU] = 25 * MS,
		.iterations = iterations,
		.events = 2 * iterations,
		.lag = {.max = 3 * MS},
	};

	registry_report(fixture->registry, loop, &report);
	fixture->iterations += iterations;
}

static void random_report(struct watched_loop *loop, void *context)
{
	struct fixture *fixture = context;

	report(fixture, loop, random_below(&fixture->random, 100),
	       random_below(&fixture->random, 8) == 0);
}

static __u64 sum_of(const struct figures *figures, bool delta)
{
	__u64 sum = 0;

	for (size_t i = 0; i < figures->nr_resources; i++) {
		const struct resource_figures *resource = &figures->resources[i];

		for (size_t j = 0; j < resource->nr_loops; j++) {
			const struct loop_figures *loop = &resource->loops[j];

			sum += loop->totals->iterations;
			if (delta && loop->since)
				sum -= loop->since->iterations;
		}
		if (resource->overflow) {
			sum += resource->overflow->totals->iterations;
			if (delta && resource->overflow->since)
				sum -= resource->overflow->since->iterations;
		}
	}
	return sum;
}

/* In two shipments, each of which may be lost. */
static void ship(struct fixture *fixture, unsigned int loss_percent)
{
	struct figures figures, part;
	size_t half;

	fixture->now += 1000;
	assert_int_equal(registry_figures(fixture->registry, READER_OTLP, fixture->now, &figures),
			 0);
	half = figures.nr_resources / 2;
	for (unsigned int shipment = 1; shipment <= 2; shipment++) {
		bool delivered = random_below(&fixture->random, 100) >= loss_percent;

		part = figures;
		part.resources += shipment == 1 ? 0 : half;
		part.nr_resources = shipment == 1 ? half : figures.nr_resources - half;
		assert_int_equal(registry_ship(fixture->registry, shipment == 1 ? 0 : half,
					       part.nr_resources, shipment),
				 0);
		if (delivered)
			fixture->given += sum_of(&part, true);
		registry_shipped(fixture->registry, shipment, delivered);
	}
}

static void live(struct fixture *fixture, int rounds, unsigned int loss_percent)
{
	for (int i = 0; i < rounds; i++) {
		if (random_below(&fixture->random, 2))
			add_loop(fixture, 100 + random_below(&fixture->random, 6));
		registry_each_loop(fixture->registry, random_report, fixture);
		if (random_below(&fixture->random, 3))
			continue;
		registry_end_interval(fixture->registry);
		ship(fixture, loss_percent);
	}
}

static void test_deltas_add_up(void **state)
{
	(void)state;
	for (unsigned int seed = 1; seed <= 30; seed++) {
		struct fixture fixture;
		struct registry_counts counts;

		set_up(&fixture, true, true, 2000);
		fixture.random.state = seed;
		live(&fixture, ROUNDS, seed * 3 % 100);
		ship(&fixture, 0);
		assert_int_equal(fixture.given, fixture.iterations);
		registry_counts(fixture.registry, &counts);
		assert_true(counts.waiting <= MAX_WAITING + counts.loops + ROUNDS / 20);
		tear_down(&fixture);
	}
}

/* Nobody to take it for a long time: what waits is bounded, and nothing is lost. */
static void test_reader_away(void **state)
{
	struct fixture fixture;
	struct registry_counts counts;

	(void)state;
	set_up(&fixture, true, true, 2000);
	fixture.random.state = 5;
	live(&fixture, 20, 0);
	live(&fixture, 5000, 100);
	registry_end_interval(fixture.registry);
	registry_end_interval(fixture.registry);
	registry_counts(fixture.registry, &counts);
	assert_true(counts.departed > 1000);
	assert_true(counts.waiting <= MAX_WAITING);
	ship(&fixture, 0);
	assert_int_equal(fixture.given, fixture.iterations);
	tear_down(&fixture);
}

/* The sum of all totals is all there was, if nothing is taken away before it has been shown. */
static void test_totals_of_departed(void **state)
{
	struct fixture fixture;
	struct figures figures;

	(void)state;
	set_up(&fixture, true, false, 2000);
	fixture.random.state = 9;
	for (int i = 0; i < 2000; i++) {
		if (i % 3 == 0)
			add_loop(&fixture, 100 + i % 7);
		registry_each_loop(fixture.registry, random_report, &fixture);
		if (i % 10 == 0)
			registry_end_interval(fixture.registry);
	}
	assert_int_equal(registry_figures(fixture.registry, READER_OTLP, 5, &figures), 0);
	assert_int_equal(sum_of(&figures, false), fixture.iterations);
	tear_down(&fixture);
}

static size_t shown(struct fixture *fixture, enum reader reader)
{
	struct figures figures;
	size_t nr = 0;

	assert_int_equal(registry_figures(fixture->registry, reader, fixture->now, &figures), 0);
	for (size_t i = 0; i < figures.nr_resources; i++)
		nr += figures.resources[i].nr_loops;
	return nr;
}

static void test_ended_loops_go(void **state)
{
	struct fixture fixture;
	struct registry_counts counts;
	struct watched_loop *loop;

	(void)state;
	set_up(&fixture, true, false, 2000);
	loop = add_loop(&fixture, 100);
	add_loop(&fixture, 101);
	report(&fixture, loop, 3, true);
	registry_end_interval(fixture.registry);
	assert_int_equal(shown(&fixture, READER_SCRAPE), 2);
	assert_int_equal(shown(&fixture, READER_OTLP), 2);
	ship(&fixture, 0);
	assert_int_equal(shown(&fixture, READER_OTLP), 1);
	assert_int_equal(shown(&fixture, READER_SCRAPE), 2);
	registry_end_interval(fixture.registry);
	assert_int_equal(shown(&fixture, READER_SCRAPE), 1);
	registry_counts(fixture.registry, &counts);
	assert_int_equal(counts.loops, 1);
	assert_int_equal(counts.processes, 1);
	assert_int_equal(counts.waiting, 0);
	tear_down(&fixture);
}

/* Not shown to scrapers any longer, but kept until it has been delivered. */
static void test_undelivered_stays(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture, true, false, 2000);
	report(&fixture, add_loop(&fixture, 100), 3, true);
	for (int i = 0; i < 5; i++) {
		registry_end_interval(fixture.registry);
		ship(&fixture, 100);
	}
	assert_int_equal(shown(&fixture, READER_SCRAPE), 0);
	assert_int_equal(shown(&fixture, READER_OTLP), 1);
	ship(&fixture, 0);
	registry_end_interval(fixture.registry);
	assert_int_equal(shown(&fixture, READER_OTLP), 0);
	tear_down(&fixture);
}

/* A loop that ends while its figures are on their way is not complete by their arrival. */
static void test_end_on_the_way(void **state)
{
	struct fixture fixture;
	struct watched_loop *loop;
	struct figures figures;

	(void)state;
	set_up(&fixture, true, true, 2000);
	loop = add_loop(&fixture, 100);
	report(&fixture, loop, 10, false);
	assert_int_equal(registry_figures(fixture.registry, READER_OTLP, 2000, &figures), 0);
	assert_int_equal(registry_ship(fixture.registry, 0, figures.nr_resources, 1), 0);
	report(&fixture, loop, 7, true);
	registry_end_interval(fixture.registry);
	registry_end_interval(fixture.registry);
	registry_shipped(fixture.registry, 1, true);
	assert_int_equal(registry_figures(fixture.registry, READER_OTLP, 3000, &figures), 0);
	assert_int_equal(figures.nr_resources, 1);
	assert_int_equal(sum_of(&figures, true), 7);
	assert_int_equal(figures.resources[0].loops[0].since_unix_ns, 2000);
	tear_down(&fixture);
}

static void test_gauges(void **state)
{
	struct loop_report busy = {.state = REPORT_BUSY,
				   .window_ns = 100 * MS,
				   .cause_ns[CAUSE_CPU] = 100 * MS,
				   .current_busy_ns = 200 * MS,
				   .blocking_ns = 50 * MS,
				   .lag = {.max = NAN}};
	struct fixture fixture;
	struct loop_gauges gauges;
	struct watched_loop *loop;

	(void)state;
	set_up(&fixture, false, false, 2000);
	loop = add_loop(&fixture, 100);
	report(&fixture, loop, 1, false);
	watched_loop_gauges(loop, &gauges);
	assert_nan(gauges.utilization_percent);
	assert_nan(gauges.max_lag_ms);
	registry_end_interval(fixture.registry);
	watched_loop_gauges(loop, &gauges);
	assert_near(gauges.utilization_percent, 25, 1e-9);
	assert_near(gauges.max_lag_ms, 3, 1e-9);
	assert_near(gauges.stall_age_ms, 0, 0);

	/* stuck: its age shows at once, its utilization when the interval is complete */
	registry_report(fixture.registry, loop, &busy);
	watched_loop_gauges(loop, &gauges);
	assert_near(gauges.utilization_percent, 25, 1e-9);
	assert_near(gauges.max_lag_ms, 200, 1e-9);
	assert_near(gauges.stall_age_ms, 200, 1e-9);
	registry_end_interval(fixture.registry);
	watched_loop_gauges(loop, &gauges);
	assert_near(gauges.utilization_percent, 100, 1e-9);
	tear_down(&fixture);
}

/* Beyond the limit loops are counted in the overflow, which goes on when they are gone. */
static void test_overflow(void **state)
{
	struct fixture fixture;
	struct figures figures;
	struct watched_loop *loops[5];

	(void)state;
	set_up(&fixture, false, false, 4); /* three by themselves where one has one series */
	for (size_t i = 0; i < ARRAY_SIZE(loops); i++)
		loops[i] = add_loop(&fixture, 100);
	for (size_t i = 0; i < ARRAY_SIZE(loops); i++)
		report(&fixture, loops[i], 10, i == 4);
	for (int i = 0; i < 3; i++)
		registry_end_interval(fixture.registry);
	assert_int_equal(registry_figures(fixture.registry, READER_SCRAPE, 5, &figures), 0);
	assert_int_equal(figures.nr_resources, 1);
	assert_int_equal(figures.resources[0].nr_loops, 4);
	assert_non_null(figures.resources[0].overflow);
	assert_int_equal(figures.resources[0].overflow->totals->iterations, 20);
	/* of eight states each, none has room: all five are in it */
	assert_int_equal(figures.resources[0].overflow->totals->poll_ns, 5 * 75 * MS);
	assert_int_equal(figures.resources[0].overflow->totals->nr_syscalls, 0);
	tear_down(&fixture);
}

/* The lowest ordinal is used again; the tid of an ended loop that is still shown is told apart. */
static void test_names_and_ordinals(void **state)
{
	struct fixture fixture;
	struct figures figures;
	struct watched_loop *first;

	(void)state;
	set_up(&fixture, true, false, 2000);
	first = add_loop(&fixture, 100);
	add_loop(&fixture, 100);
	report(&fixture, first, 1, true);
	fixture.next_tid = 1;
	{
		const struct loop_id again = {.pid = 100, .tid = 1, .start_ns = 99};
		const struct process_key key = {.pid = 100, .start_ns = 7};
		struct watched_loop *loop;

		assert_int_equal(registry_add_loop(fixture.registry,
						   registry_process(fixture.registry, &key), &again,
						   "\xff\n", fixture.now, 0, &loop),
				 0);
	}
	assert_int_equal(registry_figures(fixture.registry, READER_OTLP, 5, &figures), 0);
	assert_int_equal(figures.resources[0].nr_loops, 3);
	assert_string_equal(figures.resources[0].loops[0].attributes[0].text, "1");
	assert_string_equal(figures.resources[0].loops[1].attributes[0].text, "2");
	assert_string_equal(figures.resources[0].loops[2].attributes[0].text, "1-2");
	assert_string_equal(figures.resources[0].loops[2].attributes[1].text, "\xef\xbf\xbd\n");
	assert_int_equal(figures.resources[0].ordinals[2], 2);
	ship(&fixture, 0);
	registry_end_interval(fixture.registry);
	registry_end_interval(fixture.registry);
	fixture.next_tid = 50;
	add_loop(&fixture, 100);
	assert_int_equal(registry_figures(fixture.registry, READER_OTLP, 5, &figures), 0);
	assert_int_equal(figures.resources[0].ordinals[2], 0);
	tear_down(&fixture);
}

int main(void)
{
	const struct CMUnitTest registry[] = {
		cmocka_unit_test(test_deltas_add_up),
		cmocka_unit_test(test_reader_away),
		cmocka_unit_test(test_totals_of_departed),
		cmocka_unit_test(test_ended_loops_go),
		cmocka_unit_test(test_undelivered_stays),
		cmocka_unit_test(test_end_on_the_way),
		cmocka_unit_test(test_gauges),
		cmocka_unit_test(test_overflow),
		cmocka_unit_test(test_names_and_ordinals),
	};

	return cmocka_run_group_tests(registry, NULL, NULL);
}
