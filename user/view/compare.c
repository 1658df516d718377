/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What of a pair of loops differs by more than noise. The rules are in compare.h. */
#include "view/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "view/names.h"

#define NS_PER_S 1e9
#define S_PER_MINUTE 60
#define MIN_ITERATIONS 20
#define MIN_ABOVE 10 /* iterations beyond a quantile */
#define STANDARD_ERRORS 3

void comparison_done(struct comparison *comparison)
{
	free(comparison->loops);
}

const char *compare_verdict_name(enum compare_verdict verdict)
{
	static const char *const names[] = {
		[COMPARE_SLOWER] = "slower",
		[COMPARE_TOO_LITTLE] = "unknown",
		[COMPARE_SAME] = "same",
		[COMPARE_FASTER] = "faster",
	};

	return names[verdict];
}

const char *compare_change_name(enum compare_change change)
{
	static const char *const names[] = {
		[CHANGE_SAME] = "same",
		[CHANGE_MORE] = "more",
		[CHANGE_LESS] = "less",
		[CHANGE_UNKNOWN] = "unknown",
	};

	return names[change];
}

const char *compare_figure_name(enum compare_figure figure)
{
	static const char *const names[NR_COMPARE_FIGURES] = {
		[COMPARE_ITERATIONS] = "iterations_per_s",
		[COMPARE_UTILIZATION] = "utilization",
		[COMPARE_LAG_P50] = "lag_p50",
		[COMPARE_LAG_P95] = "lag_p95",
		[COMPARE_LAG_P99] = "lag_p99",
		[COMPARE_LAG_MAX] = "lag_max",
		[COMPARE_STALLS] = "stalls_per_minute",
		[COMPARE_BUSY] = "busy_per_iteration",
	};

	return names[figure];
}

static double busy_ns(const struct loop_report *report)
{
	double sum = 0;

	for (int i = 0; i < NR_CAUSES; i++)
		sum += (double)report->cause_ns[i];
	return sum;
}

/* NaN where there is nothing to divide by. */
static double per(double value, double divisor)
{
	return divisor > 0 ? value / divisor : NAN;
}

static double figure_of(const struct loop_report *report, enum compare_figure figure)
{
	double seconds = (double)report->window_ns / NS_PER_S;

	switch (figure) {
	case COMPARE_ITERATIONS:
		return per((double)report->iterations, seconds);
	case COMPARE_UTILIZATION:
		return report->utilization;
	case COMPARE_LAG_P50:
		return report->lag.p50;
	case COMPARE_LAG_P95:
		return report->lag.p95;
	case COMPARE_LAG_P99:
		return report->lag.p99;
	case COMPARE_LAG_MAX:
		return report->lag.max;
	case COMPARE_STALLS:
		return per((double)report->stalls * S_PER_MINUTE, seconds);
	case COMPARE_BUSY:
		return per(busy_ns(report), (double)report->iterations);
	case NR_COMPARE_FIGURES:
		break;
	}
	return NAN;
}

/* By how much chance lets the rate of stalls differ from what it is in the long run, squared. */
static double stalls_variance(const struct loop_report *report)
{
	double minutes = (double)report->window_ns / NS_PER_S / S_PER_MINUTE;

	return per((double)report->stalls, minutes * minutes);
}

/* The same of the mean busy interval. */
static double busy_variance(const struct loop_report *report)
{
	double nr = (double)report->busy.count;
	double mean = per((double)report->busy.sum, nr);
	double variance = per(report->busy_square_ns2, nr) - mean * mean;

	return per(fmax(variance, 0), nr);
}

/* What a difference must exceed. */
struct threshold {
	double relative, absolute;
	double variance; /* of both together; 0: as it is */
	double min_iterations;
};

static struct threshold threshold_of(const struct compared_loop *loop, enum compare_figure figure)
{
	const struct loop_report *before = loop->before->report, *after = loop->after->report;

	switch (figure) {
	case COMPARE_ITERATIONS:
		return (struct threshold){0.2, 1, 0, MIN_ITERATIONS};
	case COMPARE_UTILIZATION:
		return (struct threshold){0.2, 0.02, 0, MIN_ITERATIONS};
	case COMPARE_LAG_P50:
		return (struct threshold){0.5, 1e6, 0, MIN_ABOVE / 0.5};
	case COMPARE_LAG_P95:
		return (struct threshold){0.5, 1e6, 0, MIN_ABOVE / 0.05};
	case COMPARE_LAG_P99:
		return (struct threshold){0.5, 1e6, 0, MIN_ABOVE / 0.01};
	case COMPARE_STALLS:
		return (struct threshold){0, 0, stalls_variance(before) + stalls_variance(after),
					  MIN_ITERATIONS};
	case COMPARE_BUSY:
		return (struct threshold){0.2, 1e4, busy_variance(before) + busy_variance(after),
					  MIN_ITERATIONS};
	case COMPARE_LAG_MAX:
	case NR_COMPARE_FIGURES:
		break;
	}
	return (struct threshold){.absolute = INFINITY};
}

bool compare_same_stalls(const struct compared_loop *loop)
{
	return loop->before->report->blocking_ns == loop->after->report->blocking_ns;
}

static enum compare_change change_of(const struct compared_loop *loop, enum compare_figure figure)
{
	const struct threshold threshold = threshold_of(loop, figure);
	const struct compare_pair *pair = &loop->figures[figure];
	double difference = pair->after - pair->before;
	double least = fmin(pair->before, pair->after);

	if ((double)loop->before->report->iterations < threshold.min_iterations ||
	    (double)loop->after->report->iterations < threshold.min_iterations ||
	    isnan(difference) || isnan(threshold.variance) ||
	    (figure == COMPARE_STALLS && !compare_same_stalls(loop)))
		return CHANGE_UNKNOWN;
	if (fabs(difference) <= threshold.absolute ||
	    fabs(difference) <= threshold.relative * least ||
	    fabs(difference) <= STANDARD_ERRORS * sqrt(threshold.variance))
		return CHANGE_SAME;
	return difference > 0 ? CHANGE_MORE : CHANGE_LESS;
}

static struct compare_part *part_find(struct compared_loop *loop, bool is_syscall, const char *name)
{
	struct compare_part *part = loop->parts;

	while (part < loop->parts + loop->nr_parts &&
	       (part->is_syscall != is_syscall || strcmp(part->name, name) != 0))
		part++;
	if (part == loop->parts + loop->nr_parts) {
		*part = (struct compare_part){.is_syscall = is_syscall};
		strncpy(part->name, name, sizeof(part->name) - 1);
		loop->nr_parts++;
	}
	return part;
}

/* Sleeps in system calls, futex too, are there by name; the other causes as such. */
static void add_parts(struct compared_loop *loop, const struct loop_entry *entry, bool after)
{
	const struct loop_report *report = entry->report;
	double iterations = (double)report->iterations;

	for (int i = 0; i < NR_CAUSES; i++) {
		struct compare_part *part;

		if (i == CAUSE_SYSCALL || i == CAUSE_LOCK || !report->cause_ns[i])
			continue;
		part = part_find(loop, false, cause_name(i));
		*(after ? &part->after_ns : &part->before_ns) =
			per((double)report->cause_ns[i], iterations);
	}
	for (unsigned int i = 0; i < report->nr_syscalls; i++) {
		const struct window_syscall *call = &report->syscalls[i];
		char name[SYSCALL_NAME_LEN];
		struct compare_part *part =
			part_find(loop, true, syscall_name_by(entry->syscalls, call->nr, name));

		*(after ? &part->after_ns : &part->before_ns) +=
			per((double)call->time_ns, iterations);
	}
}

static int compare_parts(const void *a, const void *b)
{
	const struct compare_part *left = a, *right = b;
	double one = left->after_ns - left->before_ns, other = right->after_ns - right->before_ns;

	return (one < other) - (one > other) ?: strcmp(left->name, right->name);
}

static enum compare_verdict verdict_of(const struct compared_loop *loop)
{
	static const enum compare_figure decisive[] = {
		COMPARE_LAG_P50, COMPARE_LAG_P95, COMPARE_LAG_P99, COMPARE_STALLS, COMPARE_BUSY,
	};
	enum compare_verdict verdict = COMPARE_TOO_LITTLE;

	for (size_t i = 0; i < sizeof(decisive) / sizeof(*decisive); i++) {
		switch (loop->figures[decisive[i]].change) {
		case CHANGE_MORE:
			return COMPARE_SLOWER;
		case CHANGE_LESS:
			verdict = COMPARE_FASTER;
			break;
		case CHANGE_SAME:
			if (verdict == COMPARE_TOO_LITTLE)
				verdict = COMPARE_SAME;
			break;
		case CHANGE_UNKNOWN:
			break;
		}
	}
	return verdict;
}

static double added(const struct compared_loop *loop, enum compare_figure figure)
{
	const struct compare_pair *pair = &loop->figures[figure];

	return fmax(pair->after - pair->before, 0); /* NaN is 0, too */
}

/* A loop that is stuck has made few iterations, too: it stalls. */
static bool saw_little(const struct loop_report *report)
{
	return report->iterations < MIN_ITERATIONS && !report->stalls &&
	       report->state != REPORT_UNSEEN;
}

void compare_judge(struct compared_loop *loop)
{
	for (int i = 0; i < NR_COMPARE_FIGURES; i++) {
		loop->figures[i] = (struct compare_pair){figure_of(loop->before->report, i),
							 figure_of(loop->after->report, i), 0};
		loop->figures[i].change = change_of(loop, i);
	}
	loop->nr_parts = 0;
	if (loop->before->report->iterations && loop->after->report->iterations) {
		add_parts(loop, loop->before, false);
		add_parts(loop, loop->after, true);
		qsort(loop->parts, loop->nr_parts, sizeof(*loop->parts), compare_parts);
	}
	loop->verdict = verdict_of(loop);
	loop->brief = saw_little(loop->before->report) && saw_little(loop->after->report);
	loop->worse_ns = added(loop, COMPARE_LAG_P99) + added(loop, COMPARE_BUSY);
}

static bool is_pair(const struct compared_loop *loop)
{
	return loop->before && loop->after;
}

static int compare_loops(const void *a, const void *b)
{
	const struct compared_loop *left = a, *right = b;
	const struct loop_report *one, *other;

	if (is_pair(left) != is_pair(right))
		return is_pair(left) ? -1 : 1;
	if (left->brief != right->brief || left->fragment != right->fragment)
		return left->brief || left->fragment ? 1 : -1;
	if (left->verdict != right->verdict)
		return left->verdict < right->verdict ? -1 : 1;
	if (left->worse_ns != right->worse_ns)
		return left->worse_ns > right->worse_ns ? -1 : 1;
	if (!left->before != !right->before)
		return left->before ? -1 : 1;
	one = left->named->report;
	other = right->named->report;
	return (one->id.tid > other->id.tid) - (one->id.tid < other->id.tid);
}

int comparison_make(const struct loop_entry *const *before, size_t nr_before,
		    const struct loop_entry *const *after, size_t nr_after, bool same_boot,
		    struct comparison *ret_comparison)
{
	struct comparison comparison;
	int r = compare_match(before, nr_before, after, nr_after, same_boot, &comparison);

	if (r)
		return r;
	for (size_t i = 0; i < comparison.nr; i++) {
		if (is_pair(&comparison.loops[i]))
			compare_judge(&comparison.loops[i]);
	}
	if (comparison.nr)
		qsort(comparison.loops, comparison.nr, sizeof(*comparison.loops), compare_loops);
	*ret_comparison = comparison;
	return 0;
}

size_t comparison_count(const struct comparison *comparison, enum compare_verdict verdict)
{
	size_t nr = 0;

	for (size_t i = 0; i < comparison->nr; i++)
		nr += is_pair(&comparison->loops[i]) && comparison->loops[i].verdict == verdict;
	return nr;
}
