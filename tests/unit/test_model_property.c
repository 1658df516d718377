/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Random lives of a loop, told to the model in random records, some of them
 * lost; each report is compared with what a log of every span and interval
 * says of the same window.
 */
#include "unit.h"

#include <stdbool.h>
#include <string.h>

#include "fake_loop.h"
#include "model/histogram.h"
#include "model/model.h"
#include "report_problem.h"

#define NR_LIVES 300
#define NR_WINDOWS 20
#define NR_SYSCALLS 6
#define POLL (-1)
#define OPEN UINT64_MAX

/* Steps of the life, counted: what was before a record and what after it, at one instant. */
struct span {
	uint64_t start_ns, end_ns;
	uint64_t end_step; /* of a sleep; else 0 */
	int what;          /* POLL or enum cause */
	int nr;
};

struct interval {
	uint64_t start_ns, end_ns;
	uint64_t start_step, end_step; /* OPEN until it ends */
	uint64_t wake_ns, events;      /* poll intervals: what ended them */
	bool busy;
};

struct life {
	struct random random;
	struct fake_loop loop;
	struct model *model;
	uint64_t step;
	struct span spans[2000];
	unsigned int nr_spans;
	struct interval intervals[2000];
	unsigned int nr_intervals;
};

struct instant {
	uint64_t ns, step;
};

static uint64_t now_ns(const struct life *life)
{
	return life->loop.window.header.time_ns;
}

static struct instant now(const struct life *life)
{
	return (struct instant){now_ns(life), life->step};
}

static void log_span(struct life *life, int what, int nr, uint64_t ns, bool ends_sleep)
{
	assert_in_range(life->nr_spans, 0, ARRAY_SIZE(life->spans) - 1);
	life->spans[life->nr_spans++] = (struct span){
		.start_ns = now_ns(life),
		.end_ns = now_ns(life) + ns,
		.end_step = ends_sleep ? life->step : 0,
		.what = what,
		.nr = nr,
	};
}

static void log_interval(struct life *life, bool busy)
{
	assert_in_range(life->nr_intervals, 0, ARRAY_SIZE(life->intervals) - 1);
	life->intervals[life->nr_intervals++] = (struct interval){
		.start_ns = now_ns(life),
		.start_step = life->step,
		.end_ns = OPEN,
		.end_step = OPEN,
		.busy = busy,
	};
}

static struct interval *log_end_of_interval(struct life *life)
{
	struct interval *last = &life->intervals[life->nr_intervals - 1];

	last->end_ns = now_ns(life);
	last->end_step = life->step;
	return last;
}

static void live_poll(struct life *life)
{
	uint64_t ns = random_scale(&life->random, 29);
	struct interval *ended;

	if (random_below(&life->random, 3)) {
		log_span(life, POLL, 0, ns, false);
		fake_loop_pass(&life->loop, ns);
		return;
	}
	ended = log_end_of_interval(life);
	ended->wake_ns = random_below(&life->random, 2) * random_scale(&life->random, 22);
	ended->events = random_below(&life->random, 5);
	fake_loop_return(&life->loop, ended->wake_ns, ended->events);
	log_interval(life, true);
}

static void live_busy(struct life *life)
{
	uint64_t ns = random_scale(&life->random, 27);
	int cause = random_below(&life->random, NR_CAUSES);
	int nr = random_below(&life->random, NR_SYSCALLS);

	if (life->loop.asleep_ns) { /* goes on where it was */
		cause = life->loop.window.cause;
		nr = life->loop.window.syscall_nr;
	}
	if (cause == CAUSE_SYSCALL || cause == CAUSE_LOCK) {
		bool ends = random_below(&life->random, 2);

		log_span(life, cause, nr, ns, ends);
		if (ends)
			fake_loop_sleep(&life->loop, nr, cause, ns);
		else
			fake_loop_doze(&life->loop, nr, cause, ns);
	} else if (random_below(&life->random, 3)) {
		log_span(life, cause, 0, ns, false);
		fake_loop_spend(&life->loop, cause, ns);
	} else {
		log_end_of_interval(life);
		fake_loop_enter(&life->loop);
		log_interval(life, false);
	}
}

static void live(struct life *life)
{
	life->step++;
	if (life->loop.window.state == LOOP_BUSY)
		live_busy(life);
	else
		live_poll(life);
}

static uint64_t overlap(const struct span *span, struct instant since, struct instant until)
{
	uint64_t start = span->start_ns > since.ns ? span->start_ns : since.ns;
	uint64_t end = span->end_ns < until.ns ? span->end_ns : until.ns;

	return end > start ? end - start : 0;
}

static bool within(uint64_t step, struct instant since, struct instant until)
{
	return step > since.step && step <= until.step;
}

static void check_time(const struct life *life, struct instant since, struct instant until,
		       const struct loop_report *report)
{
	uint64_t poll_ns = 0, cause_ns[NR_CAUSES] = {0};
	uint64_t time_ns[NR_SYSCALLS] = {0}, count[NR_SYSCALLS] = {0};

	for (unsigned int i = 0; i < life->nr_spans; i++) {
		const struct span *span = &life->spans[i];
		uint64_t ns = overlap(span, since, until);

		if (span->what == POLL)
			poll_ns += ns;
		else
			cause_ns[span->what] += ns;
		if (span->what == CAUSE_SYSCALL || span->what == CAUSE_LOCK) {
			time_ns[span->nr] += ns;
			count[span->nr] += within(span->end_step, since, until);
		}
	}
	assert_int_equal(report->window_ns, until.ns - since.ns);
	assert_int_equal(report->poll_ns, poll_ns);
	for (int i = 0; i < NR_CAUSES; i++)
		assert_int_equal(report->cause_ns[i], cause_ns[i]);
	for (unsigned int i = 0; i < report->nr_syscalls; i++) {
		int nr = report->syscalls[i].nr;

		assert_in_range(nr, 0, NR_SYSCALLS - 1);
		assert_int_equal(report->syscalls[i].time_ns, time_ns[nr]);
		assert_int_equal(report->syscalls[i].count, count[nr]);
	}
}

static bool is_stall(const struct interval *interval, struct instant at)
{
	uint64_t end = interval->end_ns < at.ns ? interval->end_ns : at.ns;

	return interval->start_step <= at.step && end - interval->start_ns >= FAKE_LOOP_BLOCKING_NS;
}

/* Count, sum and greatest value of a distribution, made from the log. */
struct truth {
	uint64_t count, sum, max;
};

static void truth_add(struct truth *truth, uint64_t value)
{
	truth->count++;
	truth->sum += value;
	truth->max = value > truth->max ? value : truth->max;
}

static void check_distribution(const struct truth *truth, const struct distribution *distribution,
			       bool maxima_known)
{
	assert_int_equal(distribution->count, truth->count);
	assert_int_equal(distribution->sum, truth->sum);
	if (truth->count && maxima_known)
		assert_near(distribution->max, truth->max, 0);
	else if (truth->count)
		assert_near(distribution->max, truth->max, 0.2 * truth->max + 1000);
}

static void check_intervals(const struct life *life, struct instant since, struct instant until,
			    bool maxima_known, const struct loop_report *report)
{
	struct truth busy = {0}, poll = {0}, wake = {0}, batch = {0};
	uint64_t stalls = 0;

	for (unsigned int i = 0; i < life->nr_intervals; i++) {
		const struct interval *interval = &life->intervals[i];
		bool ended = within(interval->end_step, since, until);

		if (interval->busy) {
			stalls += is_stall(interval, until) && !is_stall(interval, since);
			if (ended)
				truth_add(&busy, interval->end_ns - interval->start_ns);
			else if (interval->start_step <= until.step &&
				 interval->end_step > until.step)
				truth_add(&busy, until.ns - interval->start_ns);
		} else if (ended) {
			truth_add(&poll, interval->end_ns - interval->start_ns);
			truth_add(&batch, interval->events);
			if (interval->wake_ns)
				truth_add(&wake, interval->wake_ns);
		}
	}
	assert_int_equal(report->stalls, stalls);
	assert_int_equal(report->iterations, batch.count);
	assert_int_equal(report->events, batch.sum);
	check_distribution(&busy, &report->busy, maxima_known);
	check_distribution(&poll, &report->poll, maxima_known);
	check_distribution(&wake, &report->wake, maxima_known);
	check_distribution(&batch, &report->batch, false);
	assert_near(report->lag.total_ns, busy.sum + report->poll_ns, 1e-9 * busy.sum + 1);
}

static int keep_report(const struct loop_report *report, void *context)
{
	*(struct loop_report *)context = *report;
	return 0;
}

/* Some steps, with a record after each of a few of them. Whether none was lost. */
static bool live_through_window(struct life *life, struct instant *ret_until)
{
	unsigned char record[WINDOW_MAX_SIZE];
	bool all_told = true;

	for (int part = random_below(&life->random, 3); part >= 0; part--) {
		bool lost = part && !random_below(&life->random, 3);
		size_t size;

		for (int i = random_below(&life->random, 30); i > 0; i--)
			live(life);
		size = fake_loop_record(&life->loop, RECORD_LOOP_WINDOW, record);
		if (lost) {
			all_told = false;
			continue;
		}
		assert_int_equal(model_apply(life->model, record, size), 0);
		*ret_until = now(life);
	}
	return all_told;
}

static void live_a_life(struct life *life)
{
	struct instant since, until;
	struct loop_report report;

	fake_loop_start(&life->loop, 1, 1000 * MS);
	log_interval(life, false);
	since = now(life);
	for (int window = 0; window < NR_WINDOWS; window++) {
		bool maxima_known = live_through_window(life, &until);
		const char *problem;

		assert_int_equal(model_report(life->model, keep_report, &report), 0);
		problem = report_problem(&report);
		if (problem)
			fail_msg("%s", problem);
		check_time(life, since, until, &report);
		check_intervals(life, since, until, maxima_known, &report);
		model_open_window(life->model);
		since = until;
	}
}

static void test_random_lives(void **state)
{
	const struct model_options options = {1};
	static struct life life;

	(void)state;
	for (unsigned int seed = 0; seed < NR_LIVES; seed++) {
		memset(&life, 0, sizeof(life));
		life.random.state = seed;
		assert_int_equal(model_new(&options, &life.model), 0);
		live_a_life(&life);
		model_free(life.model);
	}
}

int main(void)
{
	const struct CMUnitTest model_property[] = {
		cmocka_unit_test(test_random_lives),
	};

	return cmocka_run_group_tests(model_property, NULL, NULL);
}
