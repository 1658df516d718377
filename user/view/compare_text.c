/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A comparison for people: what changed, in 80 columns, and bars of what took longer. */
#include <math.h>
#include <string.h>

#include "view/bars.h"
#include "view/compare.h"
#include "view/format.h"
#include "view/names.h"
#include "view/terminal_text.h"

#define NS_PER_MS 1e6
#define LABEL_COLUMNS 18
#define FIGURE_COLUMNS 10
#define CHANGE_COLUMNS 11
#define BAR_COLUMNS 20
#define MAX_PARTS 8
#define NOTICEABLE 0.2
#define MAX_FRAGMENTS 8
#define WORTH_SHOWING 0.02 /* of the greatest part */

struct text {
	FILE *out;
	bool unicode;
};

static const char *arrow(const struct text *text)
{
	return text->unicode ? "→" : "->";
}

static void put_figure(const struct text *text, enum compare_figure figure, double value)
{
	char buffer[FORMAT_LEN];

	switch (figure) {
	case COMPARE_UTILIZATION:
		format_percent(buffer, value);
		break;
	case COMPARE_ITERATIONS:
	case COMPARE_STALLS:
		if (value < 100)
			snprintf(buffer, sizeof(buffer), "%.1f", value);
		else
			format_count(buffer, value);
		break;
	default:
		format_duration(buffer, value, text->unicode);
	}
	terminal_put_padded(text->out, buffer, -FIGURE_COLUMNS);
}

static const char *mark(const struct text *text, enum compare_figure figure,
			const struct compared_loop *loop)
{
	const struct compare_pair *pair = &loop->figures[figure];

	switch (pair->change) {
	case CHANGE_MORE:
		return text->unicode ? "▲ more" : "+ more";
	case CHANGE_LESS:
		return text->unicode ? "▼ less" : "- less";
	case CHANGE_UNKNOWN:
		return "too few iterations to tell";
	case CHANGE_SAME:
		break;
	}
	if (figure == COMPARE_LAG_MAX ||
	    fabs(pair->after - pair->before) <= NOTICEABLE * fmin(pair->before, pair->after))
		return "";
	return "within noise";
}

/* "+23 %", or how many times as much, and what to make of it. */
static void put_change(const struct text *text, const struct compare_pair *pair, const char *mark)
{
	double ratio = pair->after / pair->before;
	char buffer[2 * FORMAT_LEN] = "", times[FORMAT_LEN];

	if (isfinite(ratio) && pair->before > 0) {
		if (ratio >= 10)
			snprintf(buffer, sizeof(buffer), "x %s", format_count(times, ratio));
		else
			snprintf(buffer, sizeof(buffer), "%+.0f %%", (ratio - 1) * 100);
	}
	if (*buffer || *mark)
		terminal_put_padded(text->out, buffer, -CHANGE_COLUMNS);
	if (*mark)
		fprintf(text->out, "  %s", mark);
}

/* That what is a stall in one may be none in the other. */
static void put_thresholds(const struct text *text, const struct compared_loop *loop)
{
	fprintf(text->out, "  stalls: %g ms before, %g ms after: not compared\n",
		(double)loop->before->report->blocking_ns / NS_PER_MS,
		(double)loop->after->report->blocking_ns / NS_PER_MS);
}

static void put_pair(const struct text *text, enum compare_figure figure,
		     const struct compared_loop *loop)
{
	const struct compare_pair *pair = &loop->figures[figure];
	static const char *const labels[NR_COMPARE_FIGURES] = {
		[COMPARE_ITERATIONS] = "iterations/s", [COMPARE_UTILIZATION] = "utilization",
		[COMPARE_LAG_P50] = "lag p50",         [COMPARE_LAG_P95] = "lag p95",
		[COMPARE_LAG_P99] = "lag p99",         [COMPARE_LAG_MAX] = "lag max",
		[COMPARE_STALLS] = "stalls/min",       [COMPARE_BUSY] = "busy/iteration",
	};

	if (figure == COMPARE_STALLS && !compare_same_stalls(loop)) {
		put_thresholds(text, loop);
		return;
	}
	fprintf(text->out, "  %-*s", LABEL_COLUMNS, labels[figure]);
	put_figure(text, figure, pair->before);
	fprintf(text->out, " %s", arrow(text));
	put_figure(text, figure, pair->after);
	put_change(text, pair, mark(text, figure, loop));
	fputc('\n', text->out);
}

static double difference_of(const struct compare_part *part)
{
	return part->after_ns - part->before_ns;
}

/* Solid where time was added, hatched where it was taken off. */
static void put_bar(const struct text *text, double fraction)
{
	const char *less = text->unicode ? "░" : "-";
	char bar[BAR_LEN];

	bar_draw(bar, fabs(fraction), BAR_COLUMNS, text->unicode && fraction > 0);
	bar[strcspn(bar, " ")] = '\0';
	if (fraction > 0)
		fputs(bar, text->out);
	for (const char *cell = bar; *cell && fraction <= 0; cell++)
		fputs(less, text->out);
}

static void put_part(const struct text *text, const struct compare_part *part, double greatest)
{
	char label[SYSCALL_NAME_LEN + 16], buffer[FORMAT_LEN];
	double difference = difference_of(part);

	snprintf(label, sizeof(label), "%s%s", part->is_syscall ? "in " : "", part->name);
	fputs("  ", text->out);
	terminal_put_padded(text->out, label, LABEL_COLUMNS);
	put_figure(text, COMPARE_BUSY, part->before_ns);
	fprintf(text->out, " %s", arrow(text));
	put_figure(text, COMPARE_BUSY, part->after_ns);
	format_duration(buffer, fabs(difference), text->unicode);
	fprintf(text->out, "  %c", difference < 0 ? '-' : '+');
	terminal_put_padded(text->out, buffer, -FIGURE_COLUMNS + 1);
	fputs("  ", text->out);
	put_bar(text, difference / greatest);
	fputc('\n', text->out);
}

/* What added most, and what was taken off most. */
static void put_parts(const struct text *text, const struct compared_loop *loop)
{
	double greatest = 0;
	int nr = 0;

	for (size_t i = 0; i < loop->nr_parts; i++)
		greatest = fmax(greatest, fabs(difference_of(&loop->parts[i])));
	if (greatest < 1)
		return;
	fputs("\n  where the busy time of an iteration went\n", text->out);
	for (size_t i = 0; i < loop->nr_parts && nr < MAX_PARTS; i++) {
		const struct compare_part *part = &loop->parts[i];

		if (fabs(difference_of(part)) < WORTH_SHOWING * greatest)
			continue;
		put_part(text, part, greatest);
		nr++;
	}
}

static void put_name(const struct text *text, const struct loop_entry *entry)
{
	const char *family = wait_family_name(entry->report->family);
	char process[TERMINAL_COMM_LEN], thread[TERMINAL_COMM_LEN];

	fprintf(text->out, "%s  thread %s",
		terminal_escape(process, sizeof(process), entry->report->process),
		terminal_escape(thread, sizeof(thread), entry->report->thread));
	if (entry->runtime)
		fprintf(text->out, "  %s", entry->runtime);
	if (family)
		fprintf(text->out, "  %s", family);
}

static void put_tids(const struct text *text, const struct compared_loop *loop)
{
	fprintf(text->out, "  %u %s %u: ", loop->before->report->id.tid, arrow(text),
		loop->after->report->id.tid);
}

static void put_brief(const struct text *text, const struct compared_loop *loop)
{
	__u64 before = loop->before->report->iterations, after = loop->after->report->iterations;

	put_name(text, loop->after);
	put_tids(text, loop);
	if (before || after)
		fprintf(text->out, "too few iterations to tell (%llu, %llu)\n", before, after);
	else
		fputs("idle before and after\n", text->out);
}

static void put_loop(const struct text *text, const struct compared_loop *loop)
{
	static const char *const verdicts[] = {
		[COMPARE_SLOWER] = "slower",
		[COMPARE_TOO_LITTLE] = "too few iterations to tell",
		[COMPARE_SAME] = "the same, but for noise",
		[COMPARE_FASTER] = "faster",
	};

	put_name(text, loop->after);
	put_tids(text, loop);
	fprintf(text->out, "%s\n", verdicts[loop->verdict]);
	for (int i = 0; i < NR_COMPARE_FIGURES; i++)
		put_pair(text, i, loop);
	if (loop->verdict == COMPARE_SLOWER || loop->verdict == COMPARE_FASTER)
		put_parts(text, loop);
	fputc('\n', text->out);
}

static void put_only(const struct text *text, const struct compared_loop *loop)
{
	fprintf(text->out, "only %s: ", loop->after ? "after" : "before");
	put_name(text, loop->named);
	fprintf(text->out, "  %u\n", loop->named->report->id.tid);
}

/* What began anew, in one line: the thread is there with the loop that made the most of it. */
static void put_fragments(const struct text *text, const struct comparison *comparison)
{
	size_t nr = 0;

	for (size_t i = 0; i < comparison->nr; i++) {
		const struct compared_loop *loop = &comparison->loops[i];

		if (!loop->fragment || ++nr > MAX_FRAGMENTS)
			continue;
		fprintf(text->out, "%s%u (%llu iterations, %s)",
			nr == 1 ? "ended fragments, not compared: " : ", ",
			loop->named->report->id.tid, loop->named->report->iterations,
			loop->after ? "after" : "before");
	}
	if (nr > MAX_FRAGMENTS)
		fprintf(text->out, " and %zu more", nr - MAX_FRAGMENTS);
	if (nr)
		fputc('\n', text->out);
}

static void put_alike(const struct text *text, const struct comparison *comparison)
{
	size_t nr = 0;

	for (size_t i = 0; i < comparison->nr; i++)
		nr += comparison->loops[i].by_order;
	if (nr)
		fprintf(text->out, "%zu loops alike: paired by order of start\n", nr);
}

void compare_write_text(FILE *out, const struct comparison *comparison, bool unicode)
{
	const struct text text = {out, unicode};

	for (size_t i = 0; i < comparison->nr; i++) {
		const struct compared_loop *loop = &comparison->loops[i];

		if (loop->brief)
			put_brief(&text, loop);
		else if (loop->before && loop->after)
			put_loop(&text, loop);
		else if (!loop->fragment)
			put_only(&text, loop);
	}
	put_fragments(&text, comparison);
	put_alike(&text, comparison);
	if (!comparison->nr) {
		fputs("nothing to compare: no loop was seen, neither before nor after\n", out);
		return;
	}
	fprintf(out, "%zu slower, %zu faster, %zu the same, %zu with too little seen\n",
		comparison_count(comparison, COMPARE_SLOWER),
		comparison_count(comparison, COMPARE_FASTER),
		comparison_count(comparison, COMPARE_SAME),
		comparison_count(comparison, COMPARE_TOO_LITTLE));
}
