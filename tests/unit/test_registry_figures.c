/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the registry shows: gauges, overflow, names and ordinals. */
#include "registry_fixture.h"

static void test_gauges(void **state)
{
	struct loop_report busy = {.state = REPORT_BUSY,
				   .window_ns = 100 * MS,
				   .cause_ns[CAUSE_CPU] = 100 * MS,
				   .current_busy_ns = 200 * MS,
				   .blocking_ns = 50 * MS,
				   .lag = {.max = NAN}};
	struct registry_fixture fixture;
	struct loop_gauges gauges;
	struct watched_loop *loop;

	(void)state;
	registry_fixture_set_up(&fixture, false, false, 2000);
	loop = registry_fixture_add(&fixture, 100);
	registry_fixture_report(&fixture, loop, 1, false);
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
	registry_fixture_tear_down(&fixture);
}

static double exemplar_ms(struct registry_fixture *fixture)
{
	struct figures figures;

	assert_int_equal(registry_figures(fixture->registry, READER_OTLP, 5, &figures), 0);
	if (!figures.resources[0].loops[0].exemplar)
		return 0;
	return figures.resources[0].loops[0].exemplar->value_ms;
}

/* The longest of an interval, until an export with it has arrived. */
static void test_exemplars(void **state)
{
	struct registry_fixture fixture;
	struct loop_stalls *stalls;

	(void)state;
	registry_fixture_set_up(&fixture, true, false, 2000);
	stalls = watched_loop_stalls(registry_fixture_add(&fixture, 100));
	stalls->longest.value_ms = 70;
	assert_near(exemplar_ms(&fixture), 0, 0);
	registry_end_interval(fixture.registry);
	assert_near(exemplar_ms(&fixture), 70, 0);
	assert_int_equal(registry_ship(fixture.registry, 0, 1, 1), 0);
	registry_shipped(fixture.registry, 1, false);
	stalls->longest.value_ms = 60;
	registry_end_interval(fixture.registry);
	assert_near(exemplar_ms(&fixture), 70, 0);
	assert_int_equal(registry_ship(fixture.registry, 0, 1, 1), 0);
	registry_shipped(fixture.registry, 1, true);
	registry_end_interval(fixture.registry);
	assert_near(exemplar_ms(&fixture), 0, 0);
	registry_fixture_tear_down(&fixture);
}

static void report_stalls(struct registry_fixture *fixture, struct watched_loop *loop, __u64 cpu,
			  __u64 lock)
{
	const struct loop_report report = {
		.state = REPORT_POLL,
		.first_seen_ns = 1000 * MS,
		.window_ns = 100 * MS,
		.poll_ns = 100 * MS,
		.stalls_ended = {[CAUSE_CPU] = cpu, [CAUSE_LOCK] = lock},
	};

	registry_report(fixture->registry, loop, &report);
}

static void assert_culprit(struct registry_fixture *fixture, size_t index, const char *function,
			   enum cause cause, __u64 stalls)
{
	const struct loop_culprit *culprit;
	struct figures figures;

	assert_int_equal(registry_figures(fixture->registry, READER_SCRAPE, 5, &figures), 0);
	assert_true(figures.resources[0].loops[0].nr_culprits > index);
	culprit = &figures.resources[0].loops[0].culprits[index];
	assert_string_equal(culprit->function, function);
	assert_int_equal(culprit->cause, cause);
	assert_int_equal(culprit->stalls, stalls);
}

/* A stall counts with its code if that is known when it is counted; never more than there are. */
static void test_culprits(void **state)
{
	struct registry_fixture fixture;
	struct watched_loop *loop;
	struct figures figures;

	(void)state;
	registry_fixture_set_up(&fixture, false, false, 2000);
	fixture.options.max_culprits = 2;
	registry_set_options(fixture.registry, &fixture.options);
	loop = registry_fixture_add(&fixture, 100);
	report_stalls(&fixture, loop, 1, 0); /* up to 1100 */
	registry_note_culprit(fixture.registry, loop, "late", CAUSE_CPU, 1100 * MS);
	registry_note_culprit(fixture.registry, loop, "f", CAUSE_CPU, 1150 * MS);
	registry_note_culprit(fixture.registry, loop, "f", CAUSE_CPU, 1250 * MS);
	registry_note_culprit(fixture.registry, loop, "f", CAUSE_LOCK, 1160 * MS);
	registry_note_culprit(fixture.registry, loop, "beyond", CAUSE_CPU, 1170 * MS);
	assert_culprit(&fixture, 0, "f", CAUSE_CPU, 0);
	report_stalls(&fixture, loop, 1, 3);
	assert_culprit(&fixture, 0, "f", CAUSE_CPU, 1);
	assert_culprit(&fixture, 1, "f", CAUSE_LOCK, 1);
	report_stalls(&fixture, loop, 5, 5);
	assert_culprit(&fixture, 0, "f", CAUSE_CPU, 2);
	assert_culprit(&fixture, 1, "f", CAUSE_LOCK, 1);
	assert_int_equal(registry_figures(fixture.registry, READER_SCRAPE, 5, &figures), 0);
	assert_int_equal(figures.resources[0].loops[0].nr_culprits, 2);
	assert_int_equal(figures.max_culprits, 2);
	registry_fixture_tear_down(&fixture);
}

/* Beyond the limit loops are counted in the overflow, which goes on when they are gone. */
static void test_overflow(void **state)
{
	struct registry_fixture fixture;
	struct figures figures;
	struct watched_loop *loops[5];

	(void)state;
	registry_fixture_set_up(&fixture, false, false,
				4); /* three by themselves where one has one series */
	for (size_t i = 0; i < ARRAY_SIZE(loops); i++)
		loops[i] = registry_fixture_add(&fixture, 100);
	for (size_t i = 0; i < ARRAY_SIZE(loops); i++)
		registry_fixture_report(&fixture, loops[i], 10, i == 4);
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
	registry_fixture_tear_down(&fixture);
}

/* The lowest ordinal is used again; the tid of an ended loop that is still shown is told apart. */
static void test_names_and_ordinals(void **state)
{
	struct registry_fixture fixture;
	struct figures figures;
	struct watched_loop *first;

	(void)state;
	registry_fixture_set_up(&fixture, true, false, 2000);
	first = registry_fixture_add(&fixture, 100);
	registry_fixture_add(&fixture, 100);
	registry_fixture_report(&fixture, first, 1, true);
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
	assert_int_equal(registry_ship(fixture.registry, 0, figures.nr_resources, 1), 0);
	registry_shipped(fixture.registry, 1, true);
	registry_end_interval(fixture.registry);
	registry_end_interval(fixture.registry);
	fixture.next_tid = 50;
	registry_fixture_add(&fixture, 100);
	assert_int_equal(registry_figures(fixture.registry, READER_OTLP, 5, &figures), 0);
	assert_int_equal(figures.resources[0].ordinals[2], 0);
	registry_fixture_tear_down(&fixture);
}

static const char *add_with_tid(struct registry_fixture *fixture, unsigned int tid, __u64 start_ns)
{
	const struct process_key key = {.pid = 100, .start_ns = 7};
	const struct loop_id id = {.pid = 100, .tid = tid, .start_ns = start_ns};
	struct watched_process *process = registry_process(fixture->registry, &key);
	struct figures figures;
	struct watched_loop *loop;

	assert_int_equal(
		registry_add_loop(fixture->registry, process, &id, "", fixture->now, 0, &loop), 0);
	assert_int_equal(registry_figures(fixture->registry, READER_OTLP, 5, &figures), 0);
	return figures.resources[0].loops[figures.resources[0].nr_loops - 1].attributes[0].text;
}

/* Whichever of the loops that had a tid is gone: none gets the name of one that is shown. */
static void test_names_are_unique(void **state)
{
	struct registry_fixture fixture;
	struct watched_loop *first;

	(void)state;
	registry_fixture_set_up(&fixture, false, false, 2000);
	first = registry_fixture_add(&fixture, 100);
	registry_fixture_report(&fixture, first, 1, true);
	registry_end_interval(fixture.registry);
	assert_string_equal(add_with_tid(&fixture, 1, 98), "1-2");
	registry_end_interval(fixture.registry); /* the first one is not shown any more */
	assert_string_equal(add_with_tid(&fixture, 1, 99), "1-3");
	registry_fixture_tear_down(&fixture);
}

/* A process that is another since exec: its pid, start and thread are the same. */
static void test_names_after_exec(void **state)
{
	const struct process_key after = {.pid = 100, .start_ns = 7, .exec_id = 1};
	const struct loop_id id = {.pid = 100, .tid = 1, .exec_id = 1};
	struct attributes attributes = {};
	struct registry_fixture fixture;
	struct watched_process *process;
	struct watched_loop *loop;
	struct figures figures;

	(void)state;
	registry_fixture_set_up(&fixture, false, false, 2000);
	registry_fixture_report(&fixture, registry_fixture_add(&fixture, 100), 1, true);
	assert_int_equal(registry_add_process(fixture.registry, &after, "", NULL, &attributes,
					      false, &process),
			 0);
	assert_int_equal(
		registry_add_loop(fixture.registry, process, &id, "", fixture.now, 0, &loop), 0);
	assert_int_equal(registry_figures(fixture.registry, READER_SCRAPE, 5, &figures), 0);
	assert_int_equal(figures.nr_resources, 2);
	assert_string_equal(figures.resources[0].loops[0].attributes[0].text, "1");
	assert_string_equal(figures.resources[1].loops[0].attributes[0].text, "1-2");
	registry_fixture_tear_down(&fixture);
}

int main(void)
{
	const struct CMUnitTest registry_figures[] = {
		cmocka_unit_test(test_gauges),
		cmocka_unit_test(test_exemplars),
		cmocka_unit_test(test_culprits),
		cmocka_unit_test(test_overflow),
		cmocka_unit_test(test_names_and_ordinals),
		cmocka_unit_test(test_names_are_unique),
		cmocka_unit_test(test_names_after_exec),
	};

	return cmocka_run_group_tests(registry_figures, NULL, NULL);
}
