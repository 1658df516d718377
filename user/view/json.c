/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The JSON encoder: one function for each object of a report. */
#include "view/json.h"

#include <errno.h>
#include <string.h>

#include "view/json_parts.h"
#include "view/names.h"

#define NS_PER_S 1e9

static json_t *time_object(const struct loop_report *report)
{
	json_t *object = json_object();

	json_put(&object, "poll", json_ms(report->poll_ns));
	for (int i = 0; i < NR_CAUSES; i++)
		json_put(&object, cause_name(i), json_ms(report->cause_ns[i]));
	return object;
}

static json_t *poll_object(const struct loop_report *report)
{
	json_t *object = json_object();

	json_put(&object, "sum", json_ms(report->poll_ns));
	return object;
}

static json_t *busy_object(const struct distribution *busy)
{
	json_t *object = json_object();

	json_put(&object, "count", json_integer(busy->count));
	json_put(&object, "sum", json_ms(busy->sum));
	json_put(&object, "p50", json_ms(busy->p50));
	json_put(&object, "p95", json_ms(busy->p95));
	json_put(&object, "p99", json_ms(busy->p99));
	json_put(&object, "max", json_ms(busy->max));
	return object;
}

static json_t *lag_object(const struct lag *lag)
{
	json_t *object = json_object();

	json_put(&object, "p50", json_ms(lag->p50));
	json_put(&object, "p95", json_ms(lag->p95));
	json_put(&object, "p99", json_ms(lag->p99));
	json_put(&object, "max", json_ms(lag->max));
	return object;
}

static json_t *wake_object(const struct loop_report *report)
{
	const struct distribution *wake = &report->wake;
	json_t *object = json_object();

	json_put(&object, "count", json_integer(wake->count));
	json_put(&object, "sum", json_ms(wake->sum));
	json_put(&object, "p50", json_ms(wake->p50));
	json_put(&object, "p99", json_ms(wake->p99));
	json_put(&object, "max", json_ms(wake->max));
	json_put(&object, "runqueue", json_ms(report->wake_runqueue_ns));
	json_put(&object, "cpu_quota", json_ms(report->wake_quota_ns));
	return object;
}

static json_t *syscall_array(const struct loop_entry *entry)
{
	const struct loop_report *report = entry->report;
	json_t *array = json_array();

	for (unsigned int i = 0; i < report->nr_syscalls; i++)
		json_append(&array, json_syscall(&report->syscalls[i], entry->syscalls));
	return array;
}

/* What a loop that is not in its wait call is doing; null for the others. */
static json_t *where_object(const struct loop_entry *entry)
{
	const struct loop_report *report = entry->report;

	if (report->state != REPORT_BUSY && report->state != REPORT_UNSEEN)
		return json_null();
	return json_where(report->where, report->where_syscall, entry->syscalls);
}

/* A loop ends in a busy interval: exit and exec are calls that a callback makes. */
static const char *state_name(const struct loop_report *report)
{
	return report_state_name(report->state == REPORT_ENDED ? REPORT_BUSY : report->state);
}

static json_t *identity_object(const struct loop_entry *entry)
{
	const struct loop_report *report = entry->report;
	json_t *object = json_object();

	json_put(&object, "pid", json_integer(report->id.pid));
	json_put(&object, "tid", json_integer(report->id.tid));
	json_put(&object, "process", json_text(report->process));
	json_put(&object, "thread", json_text(report->thread));
	json_put(&object, "runtime", json_text_or_null(entry->runtime));
	json_put(&object, "runtime_version", json_text_or_null(entry->runtime_version));
	json_put(&object, "loop_library", json_text_or_null(entry->loop_library));
	json_put(&object, "loop_library_version", json_text_or_null(entry->loop_library_version));
	json_put(&object, "wait_family", json_text_or_null(wait_family_name(report->family)));
	json_put(&object, "parks", json_boolean(report->parks));
	json_put(&object, "cgroup", json_text_unless_empty(entry->cgroup));
	json_put(&object, "container", json_container_of(entry->container));
	json_put(&object, "pod", json_pod_of(entry->container));
	json_put(&object, "state", json_string(state_name(report)));
	json_put(&object, "ended", json_boolean(report->state == REPORT_ENDED));
	return object;
}

static void put_figures(json_t **object, const struct loop_entry *entry)
{
	const struct loop_report *report = entry->report;

	json_put(object, "window_s", json_figure(report->window_ns / NS_PER_S));
	json_put(object, "utilization", json_figure(report->utilization));
	json_put(object, "time_ms", time_object(report));
	json_put(object, "poll_ms", poll_object(report));
	json_put(object, "iterations", json_integer(report->iterations));
	json_put(object, "events", json_integer(report->events));
	json_put(object, "busy_ms", busy_object(&report->busy));
	json_put(object, "lag_ms", lag_object(&report->lag));
	json_put(object, "wake_delay_ms", wake_object(report));
	json_put(object, "syscalls", syscall_array(entry));
	json_put(object, "stalls", json_integer(report->stalls));
	json_put(object, "current_busy_ms", json_ms(report->current_busy_ns));
	json_put(object, "where", where_object(entry));
}

int json_write_loop(FILE *out, const struct loop_entry *entry)
{
	json_auto_t *object = identity_object(entry);

	put_figures(&object, entry);
	return json_write_line(out, object);
}

int json_write_listed(FILE *out, const struct loop_entry *entry, double age_ns)
{
	json_auto_t *object = identity_object(entry);

	json_put(&object, "age_s", json_figure(age_ns / NS_PER_S));
	json_put(&object, "no_loop", json_text_or_null(entry->no_loop));
	return json_write_line(out, object);
}

static json_t *hooks_object(const struct summary *summary)
{
	json_t *object = json_object();

	for (unsigned int i = 0; i < summary->nr_hooks; i++) {
		const struct summary_hook *hook = &summary->hooks[i];

		json_put(&object, hook->point, json_text_or_null(hook->program));
	}
	return object;
}

int json_write_summary(FILE *out, const struct summary *summary)
{
	json_auto_t *object = json_object();

	json_put(&object, "summary", json_true());
	json_put(&object, "loops", json_integer(summary->loops));
	json_put(&object, "records_lost", json_integer(summary->records_lost));
	json_put(&object, "loops_lost", json_integer(summary->loops_lost));
	json_put(&object, "torn", json_integer(summary->torn));
	json_put(&object, "misses", json_integer(summary->misses));
	json_put(&object, "compat_skipped", json_integer(summary->compat_skipped));
	json_put(&object, "stalls_held", json_integer(summary->stalls_held));
	json_put(&object, "stacks_held", json_integer(summary->stacks_held));
	json_put(&object, "hooks", hooks_object(summary));
	return json_write_line(out, object);
}
