/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Rows: from a report, in order, by name. */
#include "view/row.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_S 1e9
#define SHORT_ID_LEN 12 /* as container tools show one */

/* What is known, the pod above all; of a container in no pod its name, or the first of its id. */
static void name_container(const struct entry_container *container,
			   char ret_name[ROW_CONTAINER_LEN])
{
	char whole[sizeof(*container)];
	size_t length;

	if (*container->pod)
		snprintf(whole, sizeof(whole), "%s/%s%s%s", container->namespace, container->pod,
			 *container->name ? "/" : "", container->name);
	else if (*container->name)
		snprintf(whole, sizeof(whole), "%s", container->name);
	else
		snprintf(whole, sizeof(whole), "%.*s", SHORT_ID_LEN, container->id);
	length = strnlen(whole, ROW_CONTAINER_LEN - 1);
	memcpy(ret_name, whole, length);
	ret_name[length] = '\0';
}

/* What it does now. */
static void name_culprit(const struct loop_entry *entry, char ret_culprit[ROW_CULPRIT_LEN])
{
	const struct stall_line line = {.event = STALL_EVENT_LASTS, .entry = entry};
	const struct stack *stack;
	const struct stack_frame *culprit = stall_line_culprit(&line, &stack);

	if (culprit)
		stall_culprit_text(ret_culprit, culprit);
}

void row_from_entry(const struct loop_entry *entry, __u64 blocking_ns, struct loop_row *ret_row)
{
	const struct loop_report *report = entry->report;
	double seconds = report->window_ns / NS_PER_S;

	*ret_row = (struct loop_row){
		.pid = report->id.pid,
		.tid = report->id.tid,
		.unseen = report->state == REPORT_UNSEEN,
		.ended = report->state == REPORT_ENDED,
		.lag_p50 = report->lag.p50,
		.lag_p99 = report->lag.p99,
		.lag_max = report->lag.max,
		.utilization = report->utilization,
		.iterations_per_s = seconds > 0 ? report->iterations / seconds : NAN,
		.stalls = report->stalls,
	};
	memcpy(ret_row->process, report->process, sizeof(ret_row->process));
	memcpy(ret_row->thread, report->thread, sizeof(ret_row->thread));
	snprintf(ret_row->runtime, sizeof(ret_row->runtime), "%s", entry->runtime ?: "");
	if (entry->container)
		name_container(entry->container, ret_row->container);
	if (ret_row->unseen || report->current_busy_ns >= blocking_ns)
		ret_row->stalled_ns = report->current_busy_ns;
	if (ret_row->stalled_ns && entry->stall)
		name_culprit(entry, ret_row->culprit);
	for (int i = 0; i < NR_CAUSES; i++)
		ret_row->cause_ns[i] = report->cause_ns[i];
}

static double or_least(double value)
{
	return isnan(value) ? -1 : value;
}

static double key_lag(const struct loop_row *row)
{
	return row->unseen ? row->stalled_ns : or_least(row->lag_p99);
}

static double key_max(const struct loop_row *row)
{
	return row->unseen ? row->stalled_ns : or_least(row->lag_max);
}

static double key_utilization(const struct loop_row *row)
{
	return row->unseen ? 1 : or_least(row->utilization);
}

static double key_iterations(const struct loop_row *row)
{
	return or_least(row->iterations_per_s);
}

static double key_stalls(const struct loop_row *row)
{
	return row->stalls + (row->stalled_ns ? 0.5 : 0);
}

static double key_pid(const struct loop_row *row)
{
	return -(double)row->pid;
}

static const struct {
	const char *name;
	double (*key)(const struct loop_row *row);
} orders[NR_ROW_ORDERS] = {
	[ROW_BY_LAG] = {"lag p99", key_lag},
	[ROW_BY_MAX] = {"lag max", key_max},
	[ROW_BY_UTILIZATION] = {"utilization", key_utilization},
	[ROW_BY_ITERATIONS] = {"iterations", key_iterations},
	[ROW_BY_STALLS] = {"stalls", key_stalls},
	[ROW_BY_PID] = {"pid", key_pid},
};

const char *row_order_name(enum row_order order)
{
	return orders[order].name;
}

static int row_compare(const void *a, const void *b, void *context)
{
	const struct loop_row *left = a, *right = b;
	enum row_order order = *(enum row_order *)context;
	double left_key = orders[order].key(left), right_key = orders[order].key(right);

	if (left_key != right_key)
		return left_key > right_key ? -1 : 1;
	if (left->pid != right->pid)
		return left->pid < right->pid ? -1 : 1;
	return (left->tid > right->tid) - (left->tid < right->tid);
}

void rows_sort(struct loop_row *rows, size_t nr, enum row_order order)
{
	if (nr)
		qsort_r(rows, nr, sizeof(*rows), row_compare, &order);
}

bool row_matches(const struct loop_row *row, const char *text)
{
	char numbers[32];

	if (!*text)
		return true;
	snprintf(numbers, sizeof(numbers), "%u %u", row->pid, row->tid);
	return strcasestr(row->process, text) || strcasestr(row->thread, text) ||
	       strcasestr(row->runtime, text) || strcasestr(row->container, text) ||
	       strcasestr(row->culprit, text) || strstr(numbers, text);
}
