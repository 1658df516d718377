/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The JSON encoder: one function for each object of a report. */
#include "view/json.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/syscall_name.h"
#include "view/names.h"
#include "base/utf8.h"

#define NS_PER_MS 1e6
#define NS_PER_S 1e9
#define DIGITS 15 /* nanoseconds of eleven days, exactly */

/* A failure leaves *object NULL, on which further calls do nothing. */
static void put(json_t **object, const char *key, json_t *value)
{
	if (!json_object_set_new(*object, key, value))
		return;
	json_decref(*object);
	*object = NULL;
}

static json_t *json_text(const char *text)
{
	_cleanup_(freep) char *repaired = malloc(UTF8_REPAIRED_LEN(strlen(text)));

	if (!repaired)
		return NULL;
	utf8_repair(repaired, text);
	return json_string_nocheck(repaired);
}

static json_t *json_text_or_null(const char *text)
{
	return text ? json_text(text) : json_null();
}

/* JSON has no NaN and no infinity. */
static json_t *json_figure(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *json_ms(double ns)
{
	return json_figure(ns / NS_PER_MS);
}

static json_t *time_object(const struct loop_report *report)
{
	json_t *object = json_object();

	put(&object, "poll", json_ms(report->poll_ns));
	for (int i = 0; i < NR_CAUSES; i++)
		put(&object, cause_name(i), json_ms(report->cause_ns[i]));
	return object;
}

static json_t *poll_object(const struct loop_report *report)
{
	json_t *object = json_object();

	put(&object, "sum", json_ms(report->poll_ns));
	return object;
}

static json_t *busy_object(const struct distribution *busy)
{
	json_t *object = json_object();

	put(&object, "count", json_integer(busy->count));
	put(&object, "sum", json_ms(busy->sum));
	put(&object, "p50", json_ms(busy->p50));
	put(&object, "p95", json_ms(busy->p95));
	put(&object, "p99", json_ms(busy->p99));
	put(&object, "max", json_ms(busy->max));
	return object;
}

static json_t *lag_object(const struct lag *lag)
{
	json_t *object = json_object();

	put(&object, "p50", json_ms(lag->p50));
	put(&object, "p95", json_ms(lag->p95));
	put(&object, "p99", json_ms(lag->p99));
	put(&object, "max", json_ms(lag->max));
	return object;
}

static json_t *wake_object(const struct loop_report *report)
{
	const struct distribution *wake = &report->wake;
	json_t *object = json_object();

	put(&object, "count", json_integer(wake->count));
	put(&object, "sum", json_ms(wake->sum));
	put(&object, "p50", json_ms(wake->p50));
	put(&object, "p99", json_ms(wake->p99));
	put(&object, "max", json_ms(wake->max));
	put(&object, "runqueue", json_ms(report->wake_runqueue_ns));
	put(&object, "cpu_quota", json_ms(report->wake_quota_ns));
	return object;
}

static json_t *syscall_object(const struct window_syscall *call)
{
	json_t *object = json_object();
	char name[SYSCALL_NAME_LEN];

	put(&object, "name", json_string(syscall_name(call->nr, name)));
	put(&object, "count", json_integer(call->count));
	put(&object, "time_ms", json_ms(call->time_ns));
	return object;
}

static json_t *syscall_array(const struct loop_report *report)
{
	json_t *array = json_array();

	for (unsigned int i = 0; i < report->nr_syscalls; i++) {
		if (!json_array_append_new(array, syscall_object(&report->syscalls[i])))
			continue;
		json_decref(array);
		return NULL;
	}
	return array;
}

/* What a loop that is not in its wait call is doing; null for the others. */
static json_t *where_object(const struct loop_report *report)
{
	int nr = report->where_syscall;
	char name[SYSCALL_NAME_LEN];
	json_t *object;

	if (report->state != REPORT_BUSY && report->state != REPORT_UNSEEN)
		return json_null();
	object = json_object();
	put(&object, "cause", json_string(cause_name(report->where)));
	put(&object, "syscall", nr < 0 ? json_null() : json_string(syscall_name(nr, name)));
	return object;
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

	put(&object, "pid", json_integer(report->id.pid));
	put(&object, "tid", json_integer(report->id.tid));
	put(&object, "process", json_text(report->process));
	put(&object, "thread", json_text(report->thread));
	put(&object, "runtime", json_text_or_null(entry->runtime));
	put(&object, "wait_family", json_text_or_null(wait_family_name(report->family)));
	put(&object, "cgroup", json_text_or_null(*entry->cgroup ? entry->cgroup : NULL));
	put(&object, "state", json_string(state_name(report)));
	put(&object, "ended", json_boolean(report->state == REPORT_ENDED));
	return object;
}

static void put_figures(json_t **object, const struct loop_report *report)
{
	put(object, "window_s", json_figure(report->window_ns / NS_PER_S));
	put(object, "utilization", json_figure(report->utilization));
	put(object, "time_ms", time_object(report));
	put(object, "poll_ms", poll_object(report));
	put(object, "iterations", json_integer(report->iterations));
	put(object, "events", json_integer(report->events));
	put(object, "busy_ms", busy_object(&report->busy));
	put(object, "lag_ms", lag_object(&report->lag));
	put(object, "wake_delay_ms", wake_object(report));
	put(object, "syscalls", syscall_array(report));
	put(object, "stalls", json_integer(report->stalls));
	put(object, "current_busy_ms", json_ms(report->current_busy_ns));
	put(object, "where", where_object(report));
}

static int write_line(FILE *out, const json_t *object)
{
	if (!object)
		return -ENOMEM;
	json_dumpf(object, out, JSON_COMPACT | JSON_REAL_PRECISION(DIGITS));
	fputc('\n', out);
	return 0;
}

int json_write_loop(FILE *out, const struct loop_entry *entry)
{
	json_auto_t *object = identity_object(entry);

	put_figures(&object, entry->report);
	return write_line(out, object);
}

int json_write_listed(FILE *out, const struct loop_entry *entry, double age_ns)
{
	json_auto_t *object = identity_object(entry);

	put(&object, "age_s", json_figure(age_ns / NS_PER_S));
	return write_line(out, object);
}

static json_t *hooks_object(const struct summary *summary)
{
	json_t *object = json_object();

	for (unsigned int i = 0; i < summary->nr_hooks; i++) {
		const struct summary_hook *hook = &summary->hooks[i];

		put(&object, hook->point, json_text_or_null(hook->program));
	}
	return object;
}

int json_write_summary(FILE *out, const struct summary *summary)
{
	json_auto_t *object = json_object();

	put(&object, "summary", json_true());
	put(&object, "loops", json_integer(summary->loops));
	put(&object, "records_lost", json_integer(summary->records_lost));
	put(&object, "loops_lost", json_integer(summary->loops_lost));
	put(&object, "torn", json_integer(summary->torn));
	put(&object, "misses", json_integer(summary->misses));
	put(&object, "compat_skipped", json_integer(summary->compat_skipped));
	put(&object, "hooks", hooks_object(summary));
	return write_line(out, object);
}
