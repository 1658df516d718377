/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The registry: a reader that is told only some of the time still gets everything
 * once, in deltas and in totals, whatever comes and goes meanwhile.
 */
#include "export/instruments.h"
#include "registry_fixture.h"

#define ROUNDS 400

static void random_report(struct watched_loop *loop, void *context)
{
	struct registry_fixture *fixture = context;

	registry_fixture_report(fixture, loop, random_below(&fixture->random, 100),
				random_below(&fixture->random, 8) == 0);
}

/* Of the loops that have series of their own, and of overflows. */
static __u64 sum_of(const struct figures *figures, bool delta)
{
	__u64 sum = 0;

	for (size_t i = 0; i < figures->nr_resources; i++) {
		const struct resource_figures *resource = &figures->resources[i];

		for (size_t j = 0; j < resource->nr_loops; j++) {
			const struct loop_figures *loop = &resource->loops[j];

			if (resource->ordinals[j] >= instrument_group_limit(TOTALS_PLAIN, figures))
				continue;
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
static void ship(struct registry_fixture *fixture, unsigned int loss_percent)
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

static void release(struct watched_process *process, void *context)
{
	struct registry_fixture *fixture = context;

	if (!fixture || random_below(&fixture->random, 8) == 0)
		watched_process_pod(process)->held = false;
}

/* Of new processes, some are held for a while. */
static void add_loop(struct registry_fixture *fixture)
{
	unsigned int pid = 100 + random_below(&fixture->random, 6);
	const struct process_key key = {.pid = pid, .start_ns = 7};
	bool is_new = !registry_process(fixture->registry, &key);
	struct watched_loop *loop = registry_fixture_add(fixture, pid);

	if (is_new && random_below(&fixture->random, 3) == 0)
		watched_process_pod(watched_loop_process(loop))->held = true;
}

static void live(struct registry_fixture *fixture, int rounds, unsigned int loss_percent)
{
	for (int i = 0; i < rounds; i++) {
		if (random_below(&fixture->random, 2))
			add_loop(fixture);
		registry_each_process(fixture->registry, release, fixture);
		registry_each_loop(fixture->registry, random_report, fixture);
		if (random_below(&fixture->random, 3))
			continue;
		registry_end_interval(fixture->registry);
		ship(fixture, loss_percent);
	}
	registry_each_process(fixture->registry, release, NULL);
}

static void test_deltas_add_up(void **state)
{
	(void)state;
	for (unsigned int seed = 1; seed <= 30; seed++) {
		struct registry_fixture fixture;
		struct registry_counts counts;

		registry_fixture_set_up(&fixture, true, true, 2000);
		fixture.random.state = seed;
		live(&fixture, ROUNDS, seed * 3 % 100);
		ship(&fixture, 0);
		assert_int_equal(fixture.given, fixture.iterations);
		registry_counts(fixture.registry, &counts);
		assert_true(counts.waiting <= MAX_WAITING + counts.loops + ROUNDS / 20);
		registry_fixture_tear_down(&fixture);
	}
}

/* Nobody to take it for a long time: what waits is bounded, and nothing is lost. */
static void test_reader_away(void **state)
{
	struct registry_fixture fixture;
	struct registry_counts counts;

	(void)state;
	registry_fixture_set_up(&fixture, true, true, 2000);
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
	registry_fixture_tear_down(&fixture);
}

/* So it is where loops are in the overflow of a process that stays, or goes with them. */
static void test_reader_away_with_overflow(void **state)
{
	(void)state;
	for (unsigned int seed = 1; seed <= 30; seed++) {
		struct registry_fixture fixture;
		struct registry_counts counts;

		registry_fixture_set_up(&fixture, true, true, 3);
		fixture.random.state = seed;
		live(&fixture, 20, 0);
		live(&fixture, 2000, 97);
		registry_counts(fixture.registry, &counts);
		assert_true(counts.departed > 100);
		ship(&fixture, 0);
		assert_int_equal(fixture.given, fixture.iterations);
		registry_fixture_tear_down(&fixture);
	}
}

/* However many end in an interval, so many are kept, and nothing is lost. */
static void test_storm(void **state)
{
	(void)state;
	for (int delta = 0; delta <= 1; delta++) {
		struct registry_fixture fixture;
		struct registry_counts counts;
		struct figures figures;

		registry_fixture_set_up(&fixture, true, delta, 10);
		registry_fixture_add(&fixture, 100);
		for (unsigned int i = 0; i < 5000; i++) {
			registry_fixture_report(
				&fixture, registry_fixture_add(&fixture, 100 + i % 3), 2, true);
			registry_relieve(fixture.registry);
			registry_counts(fixture.registry, &counts);
			assert_true(counts.waiting <= MAX_ENDED);
		}
		assert_int_equal(counts.departed, 5000 - MAX_ENDED);
		assert_int_equal(registry_figures(fixture.registry, READER_OTLP, 5, &figures), 0);
		assert_int_equal(sum_of(&figures, delta), fixture.iterations);
		registry_fixture_tear_down(&fixture);
	}
}

static size_t nr_waiting(const struct registry_fixture *fixture)
{
	struct registry_counts counts;

	registry_counts(fixture->registry, &counts);
	return counts.waiting;
}

/* A reader that the settings bring later is told of loops until it has been. */
static void test_reader_comes_later(void **state)
{
	struct registry_fixture fixture;

	(void)state;
	registry_fixture_set_up(&fixture, false, true, 2000);
	registry_fixture_report(&fixture, registry_fixture_add(&fixture, 100), 2, true);
	for (int i = 0; i < 3; i++)
		registry_end_interval(fixture.registry);
	assert_int_equal(nr_waiting(&fixture), 0);
	fixture.options.delivers = true;
	registry_set_options(fixture.registry, &fixture.options);
	registry_fixture_report(&fixture, registry_fixture_add(&fixture, 100), 2, true);
	for (int i = 0; i < 3; i++)
		registry_end_interval(fixture.registry);
	assert_int_equal(nr_waiting(&fixture), 1);
	ship(&fixture, 0);
	registry_end_interval(fixture.registry);
	assert_int_equal(nr_waiting(&fixture), 0);
	assert_int_equal(fixture.given, 2);
	registry_fixture_tear_down(&fixture);
}

/* The sum of all totals is all there was, if nothing is taken away before it has been shown. */
static void test_totals_of_departed(void **state)
{
	struct registry_fixture fixture;
	struct figures figures;

	(void)state;
	registry_fixture_set_up(&fixture, true, false, 2000);
	fixture.random.state = 9;
	for (int i = 0; i < 2000; i++) {
		if (i % 3 == 0)
			registry_fixture_add(&fixture, 100 + i % 7);
		registry_each_loop(fixture.registry, random_report, &fixture);
		if (i % 10 == 0)
			registry_end_interval(fixture.registry);
	}
	assert_int_equal(registry_figures(fixture.registry, READER_OTLP, 5, &figures), 0);
	assert_int_equal(sum_of(&figures, false), fixture.iterations);
	registry_fixture_tear_down(&fixture);
}

static size_t shown(struct registry_fixture *fixture, enum reader reader)
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
	struct registry_fixture fixture;
	struct registry_counts counts;
	struct watched_loop *loop;

	(void)state;
	registry_fixture_set_up(&fixture, true, false, 2000);
	loop = registry_fixture_add(&fixture, 100);
	registry_fixture_add(&fixture, 101);
	registry_fixture_report(&fixture, loop, 3, true);
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
	registry_fixture_tear_down(&fixture);
}

/* Not shown to scrapers any longer, but kept until it has been delivered. */
static void test_undelivered_stays(void **state)
{
	struct registry_fixture fixture;

	(void)state;
	registry_fixture_set_up(&fixture, true, false, 2000);
	registry_fixture_report(&fixture, registry_fixture_add(&fixture, 100), 3, true);
	for (int i = 0; i < 5; i++) {
		registry_end_interval(fixture.registry);
		ship(&fixture, 100);
	}
	assert_int_equal(shown(&fixture, READER_SCRAPE), 0);
	assert_int_equal(shown(&fixture, READER_OTLP), 1);
	ship(&fixture, 0);
	registry_end_interval(fixture.registry);
	assert_int_equal(shown(&fixture, READER_OTLP), 0);
	registry_fixture_tear_down(&fixture);
}

/* A loop that ends while its figures are on their way is not complete by their arrival. */
static void test_end_on_the_way(void **state)
{
	struct registry_fixture fixture;
	struct watched_loop *loop;
	struct figures figures;

	(void)state;
	registry_fixture_set_up(&fixture, true, true, 2000);
	loop = registry_fixture_add(&fixture, 100);
	registry_fixture_report(&fixture, loop, 10, false);
	assert_int_equal(registry_figures(fixture.registry, READER_OTLP, 2000, &figures), 0);
	assert_int_equal(registry_ship(fixture.registry, 0, figures.nr_resources, 1), 0);
	registry_fixture_report(&fixture, loop, 7, true);
	registry_end_interval(fixture.registry);
	registry_end_interval(fixture.registry);
	registry_shipped(fixture.registry, 1, true);
	assert_int_equal(registry_figures(fixture.registry, READER_OTLP, 3000, &figures), 0);
	assert_int_equal(figures.nr_resources, 1);
	assert_int_equal(sum_of(&figures, true), 7);
	assert_int_equal(figures.resources[0].loops[0].since_unix_ns, 2000);
	registry_fixture_tear_down(&fixture);
}

/* Excluded and included again while nothing arrives: it is watched, and nothing of it is lost. */
static void test_included_again(void **state)
{
	(void)state;
	for (int delta = 0; delta <= 1; delta++) {
		struct registry_fixture fixture;
		struct registry_counts counts;
		struct watched_loop *loop;
		struct figures figures;

		registry_fixture_set_up(&fixture, true, delta, 2000);
		loop = registry_fixture_add(&fixture, 100);
		registry_fixture_report(&fixture, loop, 10, false);
		ship(&fixture, 0);
		assert_int_equal(registry_figures(fixture.registry, READER_OTLP, 9, &figures), 0);
		registry_exclude_loop(fixture.registry, loop);
		assert_int_equal(registry_ship(fixture.registry, 0, figures.nr_resources, 3), 0);
		assert_true(watched_loop_excluded(loop));
		for (int i = 0; i < 5; i++)
			registry_end_interval(fixture.registry);
		registry_include_loop(fixture.registry, loop, 0);
		registry_shipped(fixture.registry, 3, true);
		registry_fixture_report(&fixture, loop, 5, false);
		registry_fixture_report(&fixture, loop, 2, true);
		registry_counts(fixture.registry, &counts);
		assert_int_equal(counts.waiting, 1);
		assert_int_equal(registry_figures(fixture.registry, READER_OTLP, 9, &figures), 0);
		assert_int_equal(sum_of(&figures, delta), delta ? 7 : 17);
		ship(&fixture, 0);
		for (int i = 0; i < 2; i++)
			registry_end_interval(fixture.registry);
		assert_int_equal(shown(&fixture, READER_OTLP), 0);
		registry_fixture_tear_down(&fixture);
	}
}

int main(void)
{
	const struct CMUnitTest registry[] = {
		cmocka_unit_test(test_deltas_add_up),
		cmocka_unit_test(test_reader_away),
		cmocka_unit_test(test_reader_away_with_overflow),
		cmocka_unit_test(test_storm),
		cmocka_unit_test(test_reader_comes_later),
		cmocka_unit_test(test_totals_of_departed),
		cmocka_unit_test(test_ended_loops_go),
		cmocka_unit_test(test_undelivered_stays),
		cmocka_unit_test(test_end_on_the_way),
		cmocka_unit_test(test_included_again),
	};

	return cmocka_run_group_tests(registry, NULL, NULL);
}
