/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One loop's report, a function for each of its sections. */
#include "view/text.h"

#include <math.h>
#include <string.h>

#include "base/syscall_name.h"
#include "view/bars.h"
#include "view/format.h"
#include "view/names.h"
#include "view/terminal_text.h"
#include "view/text_histogram.h"
#include "view/where.h"

#define NS_PER_S 1e9
#define LABEL_COLUMNS 12
#define FIGURE_COLUMNS 9
#define BAR_COLUMNS 20
#define SYSCALL_COLUMNS 20
#define TEXT_NR_SYSCALLS 8

struct text {
	FILE *out;
	const struct text_options *options;
	const struct loop_report *report;
	const struct loop_entry *entry;
};

static void put_label(const struct text *text, const char *label)
{
	fprintf(text->out, "  %-*s", LABEL_COLUMNS, label);
}

static void put_duration(const struct text *text, double ns, int columns)
{
	char buffer[FORMAT_LEN];

	terminal_put_padded(text->out, format_duration(buffer, ns, text->options->unicode),
			    columns);
}

static void put_bar(const struct text *text, double fraction)
{
	char buffer[BAR_LEN];

	fprintf(text->out, "%s ", bar_draw(buffer, fraction, BAR_COLUMNS, text->options->unicode));
}

static void put_named_duration(const struct text *text, const char *name, double ns, int columns)
{
	fprintf(text->out, "%s ", name);
	put_duration(text, ns, columns);
}

static void put_title(const struct text *text, const struct loop_entry *entry)
{
	const struct loop_report *report = text->report;
	const char *family = wait_family_name(report->family);
	char process[TERMINAL_COMM_LEN], thread[TERMINAL_COMM_LEN], window[FORMAT_LEN];

	fprintf(text->out, "%s  pid %u  thread %s (%u)",
		terminal_escape(process, sizeof(process), report->process), report->id.pid,
		terminal_escape(thread, sizeof(thread), report->thread), report->id.tid);
	if (entry->runtime)
		fprintf(text->out, "  %s", entry->runtime);
	if (family)
		fprintf(text->out, "  %s%s", family, report->parks ? ", parks" : "");
	if (report->state == REPORT_UNSEEN)
		fputs("  not seen to wait\n", text->out);
	else
		fprintf(text->out, "  watched for %s%s\n",
			format_duration(window, report->window_ns, text->options->unicode),
			report->state == REPORT_ENDED ? ", then ended" : "");
}

static void put_container(const struct text *text, const struct entry_container *container)
{
	char name[sizeof(container->pod) * 4];

	if (*container->pod) {
		put_label(text, "pod");
		fprintf(text->out, "%s/",
			terminal_escape(name, sizeof(name), container->namespace));
		fprintf(text->out, "%s\n", terminal_escape(name, sizeof(name), container->pod));
	}
	put_label(text, "container");
	if (*container->name)
		fprintf(text->out, "%s  ", terminal_escape(name, sizeof(name), container->name));
	fprintf(text->out, "%s\n", terminal_escape(name, sizeof(name), container->id));
}

/* What it is up to now, if that is not waiting. */
static void put_now(const struct text *text)
{
	const struct loop_report *report = text->report;
	char age[FORMAT_LEN], where[WHERE_LEN];

	format_duration(age, report->current_busy_ns, text->options->unicode);
	where_text(where, text->entry);
	if (report->state == REPORT_UNSEEN) {
		put_label(text, "unseen");
		fprintf(text->out, "has not come back to its wait call for %s or more: %s\n", age,
			where);
	} else if (report->current_busy_ns) {
		put_label(text, "now");
		fprintf(text->out, "busy for %s: %s\n", age, where);
	}
}

static void put_utilization(const struct text *text)
{
	const struct loop_report *report = text->report;
	double seconds = report->window_ns / NS_PER_S;
	char percent[FORMAT_LEN], rate[FORMAT_LEN];

	put_label(text, "utilization");
	put_bar(text, report->utilization);
	fprintf(text->out, "%8s   %s iterations/s", format_percent(percent, report->utilization),
		format_count(rate, seconds > 0 ? report->iterations / seconds : NAN));
	if (report->iterations)
		fprintf(text->out, ", %.1f events each",
			(double)report->events / report->iterations);
	fputc('\n', text->out);
}

static void put_quantiles(const struct text *text)
{
	const struct loop_report *report = text->report;
	const struct {
		const char *name;
		double p50, p95, p99, max;
	} rows[] = {
		{"lag", report->lag.p50, report->lag.p95, report->lag.p99, report->lag.max},
		{"busy", report->busy.p50, report->busy.p95, report->busy.p99, report->busy.max},
		{"wake delay", report->wake.p50, report->wake.p95, report->wake.p99,
		 report->wake.max},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		put_label(text, rows[i].name);
		put_named_duration(text, "p50", rows[i].p50, FIGURE_COLUMNS);
		put_named_duration(text, "  p95", rows[i].p95, FIGURE_COLUMNS);
		put_named_duration(text, "  p99", rows[i].p99, FIGURE_COLUMNS);
		put_named_duration(text, "  max", rows[i].max, 0);
		fputc('\n', text->out);
	}
}

/* Delays of waking that are not the scheduler's usual microseconds have a reason. */
static void put_wake_causes(const struct text *text)
{
	const struct loop_report *report = text->report;
	char runqueue[FORMAT_LEN], quota[FORMAT_LEN], count[FORMAT_LEN];
	bool unicode = text->options->unicode;

	if (!report->wake.count)
		return;
	put_label(text, "");
	fprintf(text->out, "%s wake-ups; runqueue %s, cpu_quota %s in all\n",
		format_count(count, report->wake.count),
		format_duration(runqueue, report->wake_runqueue_ns, unicode),
		format_duration(quota, report->wake_quota_ns, unicode));
}

static void put_stalls(const struct text *text)
{
	char count[FORMAT_LEN], threshold[FORMAT_LEN];

	put_label(text, "stalls");
	fprintf(text->out, "%s of %s or more\n", format_count(count, text->report->stalls),
		format_duration(threshold, text->options->blocking_ns, text->options->unicode));
}

static void put_causes(const struct text *text)
{
	const struct loop_report *report = text->report;
	double busy = 0;

	for (int i = 0; i < NR_CAUSES; i++)
		busy += report->cause_ns[i];
	if (!busy)
		return;
	fputs("\n  what the busy time went on\n", text->out);
	for (int i = 0; i < NR_CAUSES; i++) {
		char percent[FORMAT_LEN];

		if (!report->cause_ns[i])
			continue;
		put_label(text, cause_name(i));
		put_bar(text, report->cause_ns[i] / busy);
		fprintf(text->out, "%8s ", format_percent(percent, report->cause_ns[i] / busy));
		put_duration(text, report->cause_ns[i], -FIGURE_COLUMNS);
		fputc('\n', text->out);
	}
}

static void put_syscalls(const struct text *text)
{
	const struct loop_report *report = text->report;

	if (!report->nr_syscalls)
		return;
	fputs("\n  blocked in\n", text->out);
	for (unsigned int i = 0; i < report->nr_syscalls && i < TEXT_NR_SYSCALLS; i++) {
		const struct window_syscall *call = &report->syscalls[i];
		char name[SYSCALL_NAME_LEN], count[FORMAT_LEN];

		fprintf(text->out, "  %-*s", SYSCALL_COLUMNS,
			syscall_name_by(text->entry->syscalls, call->nr, name));
		put_duration(text, call->time_ns, -FIGURE_COLUMNS);
		fprintf(text->out, "  in %s sleep%s", format_count(count, call->count),
			call->count == 1 ? "" : "s");
		if (call->count) {
			fputs(" of ", text->out);
			put_duration(text, (double)call->time_ns / call->count, 0);
		}
		fputc('\n', text->out);
	}
}

void text_write_loop(FILE *out, const struct loop_entry *entry, const struct text_options *options)
{
	const struct text text = {out, options, entry->report, entry};

	put_title(&text, entry);
	if (entry->container)
		put_container(&text, entry->container);
	put_now(&text);
	if (entry->report->state == REPORT_UNSEEN)
		return;
	put_utilization(&text);
	put_quantiles(&text);
	put_wake_causes(&text);
	put_stalls(&text);
	text_write_histograms(out, entry->report, options->unicode);
	put_causes(&text);
	put_syscalls(&text);
}

void text_write_notes(FILE *out, const char *of, const struct text_note *notes, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		const struct text_note *note = &notes[i];

		if (note->count)
			fprintf(out, "note: %s%llu %s %s\n", of, note->count,
				note->count == 1 ? note->one : note->many, note->meaning);
	}
}

void text_write_losses_of(FILE *out, const char *of, const struct summary *summary)
{
	const struct text_note notes[] = {
		{summary->records_lost, "record", "records", "lost: a maximum may be missing"},
		{summary->loops_lost, "wait call or child process",
		 "wait calls and child processes", "that could not be watched"},
		{summary->torn, "window", "windows", "read torn, and taken from the loop itself"},
		{summary->misses, "event", "events",
		 "missed: as many waits may be charged to another cause"},
		{summary->compat_skipped, "wait call", "wait calls",
		 "of 32-bit tasks, which are not watched"},
		{summary->stalls_held, "stall", "stalls", TEXT_STALLS_HELD},
		{summary->stacks_held, "stack", "stacks",
		 "of stalls not taken: too many of a loop in a minute, or at once"},
	};

	text_write_notes(out, of, notes, sizeof(notes) / sizeof(*notes));
}

void text_write_losses(FILE *out, const struct summary *summary)
{
	text_write_losses_of(out, "", summary);
}
