/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Totals: random windows of a loop's life, against the same life in one window. */
#include "unit.h"

#include <stdbool.h>
#include <string.h>

#include "model/lag.h"
#include "model/totals.h"

#define NR_LIVES 100
#define NR_WINDOWS 40
#define NR_ROWS 12 /* distinct system calls of a life */
#define INTERVAL_NS (100.0 * MS)

/* A report being put together. */
struct window {
	struct loop_report report;
	struct histogram_part busy, wake;
};

/* A life in windows; the same in one; and its lag, not rounded. */
struct life {
	struct random random;
	struct loop_totals totals;
	struct lag_carry carry;
	struct window whole;
	double lag_ns[HISTOGRAM_NR_BUCKETS];
	uint64_t lag_total_ns; /* as integers: busy and poll time */
	double lag_sum_ns;     /* for an interval of 1 ns */
	uint64_t asleep_ns[NR_ROWS], other_ns;
};

static void window_start(struct window *window)
{
	memset(window, 0, sizeof(*window));
	window->busy.histogram = &window->report.busy.histogram;
	window->wake.histogram = &window->report.wake.histogram;
}

static void add_busy(struct window *window, uint64_t ns)
{
	histogram_add_ns(&window->busy, ns);
	window->report.busy_square_ns2 += (double)ns * (double)ns;
}

static void add_batch(struct window *window, uint64_t events)
{
	struct distribution *batch = &window->report.batch;

	batch->histogram.count[histogram_index(histogram_units_from_count(events))]++;
	batch->count++;
	batch->sum += events;
	window->report.events += events;
	window->report.iterations++;
}

static void add_syscall(struct window *window, int nr, uint64_t ns)
{
	struct loop_report *report = &window->report;
	unsigned int i;

	for (i = 0; i < report->nr_syscalls && report->syscalls[i].nr != nr; i++)
		;
	assert_true(i < REPORT_NR_SYSCALLS);
	report->syscalls[i].nr = nr;
	report->syscalls[i].count++;
	report->syscalls[i].time_ns += ns;
	report->nr_syscalls += i == report->nr_syscalls;
}

static void window_finish(struct window *window)
{
	struct loop_report *report = &window->report;

	distribution_derive(&report->busy, &window->busy, HISTOGRAM_UNIT_NS, NAN);
	distribution_derive(&report->wake, &window->wake, HISTOGRAM_UNIT_NS, NAN);
	lag_derive(&window->busy, &window->wake, report->poll_ns, NAN, &report->lag);
}

/* The same in the window and in the whole. */
static void live_intervals(struct life *life, struct window *window)
{
	for (uint64_t nr = random_below(&life->random, 30); nr; nr--) {
		uint64_t busy_ns = random_scale(&life->random, 31);
		uint64_t wake_ns = random_scale(&life->random, 24);
		uint64_t events = random_below(&life->random, 2000);

		add_busy(window, busy_ns);
		add_busy(&life->whole, busy_ns);
		histogram_add_ns(&window->wake, wake_ns);
		histogram_add_ns(&life->whole.wake, wake_ns);
		add_batch(window, events);
		add_batch(&life->whole, events);
		life->lag_total_ns += busy_ns;
		life->lag_sum_ns += (double)busy_ns * (double)busy_ns / 2;
	}
}

static void live_counters(struct life *life, struct window *window)
{
	struct loop_report *reports[] = {&window->report, &life->whole.report};
	uint64_t poll_ns = random_below(&life->random, 10000 * MS);
	int nr = (int)random_below(&life->random, NR_ROWS);
	uint64_t asleep_ns = random_scale(&life->random, 30);

	for (size_t i = 0; i < ARRAY_SIZE(reports); i++) {
		reports[i]->poll_ns += poll_ns;
		reports[i]->cause_ns[nr % NR_CAUSES] += asleep_ns;
		reports[i]->stalls_ended[nr % NR_CAUSES] += 2;
		reports[i]->wake_runqueue_ns += asleep_ns / 3;
		reports[i]->wake_quota_ns += asleep_ns / 5;
	}
	add_syscall(window, nr, asleep_ns);
	add_syscall(window, RECORD_SYSCALL_OTHER, asleep_ns / 7);
	life->asleep_ns[nr] += asleep_ns;
	life->other_ns += asleep_ns / 7;
	life->lag_total_ns += poll_ns;
}

static void live_window(struct life *life)
{
	struct loop_report *report;
	struct window window;

	window_start(&window);
	live_intervals(life, &window);
	live_counters(life, &window);
	window_finish(&window);
	report = &window.report;
	if (report->wake.count)
		life->lag_sum_ns += (double)report->poll_ns * (double)report->wake.sum /
				    (double)report->wake.count;
	for (int i = 0; i < HISTOGRAM_NR_BUCKETS; i++)
		life->lag_ns[i] += report->lag.time_ns[i];
	totals_add_report(&life->totals, &life->carry, report, INTERVAL_NS);
}

static void assert_grown(const struct totals_histogram *now, const struct totals_histogram *before)
{
	uint64_t count = 0;

	assert_true(now->sum >= before->sum);
	for (int i = 0; i < HISTOGRAM_NR_BUCKETS; i++) {
		assert_true(now->buckets[i] >= before->buckets[i]);
		count += now->buckets[i];
	}
	assert_int_equal(now->count, count);
}

/* Where `whole` is of one window, and the lag of another distribution. */
static void assert_same(const struct loop_totals *totals, const struct loop_totals *whole)
{
	assert_int_equal(totals->poll_ns, whole->poll_ns);
	assert_memory_equal(totals->cause_ns, whole->cause_ns, sizeof(totals->cause_ns));
	assert_memory_equal(totals->stalls, whole->stalls, sizeof(totals->stalls));
	assert_int_equal(totals->iterations, whole->iterations);
	assert_int_equal(totals->events, whole->events);
	assert_int_equal(totals->wake_runqueue_ns, whole->wake_runqueue_ns);
	assert_int_equal(totals->wake_quota_ns, whole->wake_quota_ns);
	assert_int_equal(totals->lag.count, whole->lag.count);
	assert_memory_equal(&totals->busy, &whole->busy, sizeof(totals->busy));
	assert_memory_equal(&totals->wake, &whole->wake, sizeof(totals->wake));
	assert_memory_equal(&totals->batch, &whole->batch, sizeof(totals->batch));
}

static void assert_lag(const struct life *life)
{
	const struct totals_histogram *lag = &life->totals.lag;

	assert_int_equal(lag->count, (uint64_t)((double)life->lag_total_ns / INTERVAL_NS));
	for (int i = 0; i < HISTOGRAM_NR_BUCKETS; i++)
		assert_near((double)lag->buckets[i], life->lag_ns[i] / INTERVAL_NS, 1.5);
	assert_near(lag->sum * INTERVAL_NS, life->lag_sum_ns, life->lag_sum_ns * 1e-12);
}

static uint64_t row_ns(const struct loop_totals *totals, int nr)
{
	for (unsigned int i = 0; i < totals->nr_syscalls; i++) {
		if (totals->syscalls[i].nr == nr)
			return totals->syscalls[i].time_ns;
	}
	return 0;
}

static void assert_syscalls(const struct life *life)
{
	const struct loop_totals *totals = &life->totals;

	for (int nr = 0; nr < NR_ROWS; nr++)
		assert_int_equal(row_ns(totals, nr), life->asleep_ns[nr]);
	assert_int_equal(totals->syscalls[totals->nr_syscalls - 1].nr, RECORD_SYSCALL_OTHER);
	assert_int_equal(row_ns(totals, RECORD_SYSCALL_OTHER), life->other_ns);
}

static void test_windows_add_up(void **state)
{
	(void)state;
	for (int i = 0; i < NR_LIVES; i++) {
		struct life life = {.random = {(uint64_t)i}};
		struct loop_totals whole = {0};
		struct lag_carry carry = {0};

		window_start(&life.whole);
		for (int window = 0; window < NR_WINDOWS; window++) {
			const struct loop_totals before = life.totals;

			live_window(&life);
			assert_grown(&life.totals.lag, &before.lag);
			assert_grown(&life.totals.busy, &before.busy);
			assert_grown(&life.totals.wake, &before.wake);
			assert_grown(&life.totals.batch, &before.batch);
			assert_lag(&life);
			assert_syscalls(&life);
		}
		window_finish(&life.whole);
		totals_add_report(&whole, &carry, &life.whole.report, INTERVAL_NS);
		assert_same(&life.totals, &whole);
	}
}

/* Windows far shorter than a check interval, as of a loop that is looked at often. */
static void test_short_windows(void **state)
{
	struct loop_totals totals = {0};
	struct lag_carry carry = {0};
	uint64_t poll_ns = 0;
	struct window window;

	(void)state;
	for (int i = 1; i <= 1000; i++) {
		window_start(&window);
		histogram_add_ns(&window.wake, (i % 4 + 1) * MS);
		window.report.poll_ns = 7 * MS;
		window_finish(&window);
		totals_add_report(&totals, &carry, &window.report, INTERVAL_NS);
		poll_ns += 7 * MS;
		assert_int_equal(totals.lag.count, poll_ns / (100 * MS));
	}
	for (int ms = 1; ms <= 4; ms++)
		assert_near((double)totals.lag
				    .buckets[histogram_index(histogram_units_from_ns(ms * MS))],
			    70.0 / 4, 1);
	assert_near(totals.lag.sum, 70 * 2.5e6, 1);
}

/* What a report cannot say of any life changes no count and ends. */
static void test_lag_beyond_belief(void **state)
{
	struct loop_totals totals = {0};
	struct lag_carry carry = {0};
	struct window window;

	(void)state;
	window_start(&window);
	window.report.busy.histogram.count[90] = UINT64_MAX / 2;
	window.report.busy.histogram.sum[90] = UINT64_MAX;
	window.busy.first = 90;
	window.busy.end = 91;
	window_finish(&window);
	totals_add_report(&totals, &carry, &window.report, INTERVAL_NS);
	assert_int_equal(totals.lag.count, 0);
	assert_near(totals.lag.sum, 0, 0);
	assert_near(carry.time_ns[5], 0, 0);
}

static void test_more_syscalls_than_rows(void **state)
{
	struct loop_totals totals = {0};
	struct lag_carry carry = {0};
	struct window window;

	(void)state;
	for (int nr = 100; nr < 140; nr++) {
		window_start(&window);
		add_syscall(&window, nr, 1000);
		if (nr == 105)
			add_syscall(&window, RECORD_SYSCALL_OTHER, 50);
		window_finish(&window);
		totals_add_report(&totals, &carry, &window.report, INTERVAL_NS);
	}
	assert_int_equal(totals.nr_syscalls, TOTALS_NR_SYSCALLS);
	for (int i = 0; i < TOTALS_NR_SYSCALLS - 1; i++)
		assert_int_equal(totals.syscalls[i].nr, 100 + i);
	assert_int_equal(row_ns(&totals, RECORD_SYSCALL_OTHER), 50 + 8 * 1000);
}

static void random_totals(struct life *life, int nr_windows)
{
	window_start(&life->whole);
	for (int i = 0; i < nr_windows; i++)
		live_window(life);
}

static void assert_equal_syscalls(const struct loop_totals *a, const struct loop_totals *b)
{
	assert_int_equal(a->nr_syscalls, b->nr_syscalls);
	for (unsigned int i = 0; i < a->nr_syscalls; i++)
		assert_int_equal(row_ns(a, b->syscalls[i].nr), b->syscalls[i].time_ns);
}

/* What was then, and what has come since: together what is now. */
static void test_differences_add_up(void **state)
{
	struct loop_totals sum = {0};
	struct life life = {.random = {77}};

	(void)state;
	random_totals(&life, 20);
	const struct loop_totals then = life.totals;

	random_totals(&life, 20);
	totals_add_difference(&sum, &then, NULL, TOTALS_ALL);
	totals_add_difference(&sum, &life.totals, &then, TOTALS_ALL);
	assert_same(&sum, &life.totals);
	assert_memory_equal(sum.lag.buckets, life.totals.lag.buckets, sizeof(sum.lag.buckets));
	assert_near(sum.lag.sum / life.totals.lag.sum, 1, 1e-12);
	assert_equal_syscalls(&sum, &life.totals);
}

/* Each group brings its figures alone, and all groups bring all. */
static void test_groups(void **state)
{
	static const struct loop_totals nothing;
	struct loop_totals sum = {0};
	struct life life = {.random = {78}};

	(void)state;
	random_totals(&life, 20);
	for (unsigned int group = TOTALS_PLAIN; group < TOTALS_ALL; group <<= 1) {
		const struct loop_totals *all = &life.totals;
		struct loop_totals one = {0}, want = {0};

		totals_add_difference(&one, all, NULL, group);
		totals_add_difference(&sum, all, NULL, group);
		assert_int_equal(one.iterations, group == TOTALS_PLAIN ? all->iterations : 0);
		assert_int_equal(one.events, group == TOTALS_PLAIN ? all->events : 0);
		assert_int_equal(one.lag.count, group == TOTALS_PLAIN ? all->lag.count : 0);
		assert_int_equal(one.batch.count, group == TOTALS_PLAIN ? all->batch.count : 0);
		assert_int_equal(one.poll_ns, group == TOTALS_TIME ? all->poll_ns : 0);
		assert_int_equal(one.wake_quota_ns, group == TOTALS_WAKE ? all->wake_quota_ns : 0);
		assert_int_equal(one.nr_syscalls, group == TOTALS_SYSCALLS ? all->nr_syscalls : 0);
		memcpy(want.stalls, group == TOTALS_STALLS ? all->stalls : nothing.stalls,
		       sizeof(want.stalls));
		assert_memory_equal(one.stalls, want.stalls, sizeof(one.stalls));
	}
	assert_same(&sum, &life.totals);
	assert_equal_syscalls(&sum, &life.totals);
}

int main(void)
{
	const struct CMUnitTest totals[] = {
		cmocka_unit_test(test_windows_add_up),
		cmocka_unit_test(test_short_windows),
		cmocka_unit_test(test_lag_beyond_belief),
		cmocka_unit_test(test_more_syscalls_than_rows),
		cmocka_unit_test(test_differences_add_up),
		cmocka_unit_test(test_groups),
	};

	return cmocka_run_group_tests(totals, NULL, NULL);
}
