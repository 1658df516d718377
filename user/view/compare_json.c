/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A comparison as JSON: one function for each object. */
#include <errno.h>

#include "base/json_values.h"
#include "view/compare.h"
#include "view/names.h"

#define NS_PER_MS 1e6
#define DIGITS 15

static bool is_time(enum compare_figure figure)
{
	return figure == COMPARE_BUSY || (figure >= COMPARE_LAG_P50 && figure <= COMPARE_LAG_MAX);
}

static json_t *figure_object(const struct compare_pair *pair, double unit)
{
	json_t *object = json_object();

	json_put(&object, "before", json_figure(pair->before / unit));
	json_put(&object, "after", json_figure(pair->after / unit));
	json_put(&object, "change", json_string(compare_change_name(pair->change)));
	return object;
}

static json_t *figures_object(const struct compared_loop *loop)
{
	json_t *object = json_object();

	for (int i = 0; i < NR_COMPARE_FIGURES; i++) {
		char name[64];

		snprintf(name, sizeof(name), "%s%s", compare_figure_name(i),
			 is_time(i) ? "_ms" : "");
		json_put(&object, name,
			 figure_object(&loop->figures[i], is_time(i) ? NS_PER_MS : 1));
	}
	return object;
}

static json_t *share_object(const struct loop_report *report)
{
	json_t *object = json_object();
	double busy = 0;

	for (int i = 0; i < NR_CAUSES; i++)
		busy += (double)report->cause_ns[i];
	for (int i = 0; i < NR_CAUSES; i++)
		json_put(&object, cause_name(i), json_figure((double)report->cause_ns[i] / busy));
	return object;
}

static json_t *shares_object(const struct compared_loop *loop)
{
	json_t *object = json_object();

	json_put(&object, "before", share_object(loop->before->report));
	json_put(&object, "after", share_object(loop->after->report));
	return object;
}

static json_t *parts_array(const struct compared_loop *loop)
{
	json_t *array = json_array();

	for (size_t i = 0; i < loop->nr_parts; i++) {
		const struct compare_part *part = &loop->parts[i];
		json_t *object = json_object();

		json_put(&object, part->is_syscall ? "syscall" : "cause", json_string(part->name));
		json_put(&object, "before_ms", json_ms(part->before_ns));
		json_put(&object, "after_ms", json_ms(part->after_ns));
		json_append(&array, object);
	}
	return array;
}

static json_t *thread_object(const struct loop_entry *entry)
{
	json_t *object;

	if (!entry)
		return json_null();
	object = json_object();
	json_put(&object, "pid", json_integer(entry->report->id.pid));
	json_put(&object, "tid", json_integer(entry->report->id.tid));
	return object;
}

static json_t *thresholds_object(const struct compared_loop *loop)
{
	json_t *object = json_object();

	json_put(&object, "before", json_ms((double)loop->before->report->blocking_ns));
	json_put(&object, "after", json_ms((double)loop->after->report->blocking_ns));
	return object;
}

static json_t *loop_object(const struct compared_loop *loop)
{
	const struct loop_entry *entry = loop->named;
	const char *family = wait_family_name(entry->report->family);
	json_t *object = json_object();

	json_put(&object, "process", json_text(entry->report->process));
	json_put(&object, "thread", json_text(entry->report->thread));
	json_put(&object, "runtime", entry->runtime ? json_text(entry->runtime) : json_null());
	json_put(&object, "wait_family", family ? json_string(family) : json_null());
	json_put(&object, "before", thread_object(loop->before));
	json_put(&object, "after", thread_object(loop->after));
	if (loop->fragment)
		json_put(&object, "fragment", json_true());
	if (!loop->before || !loop->after)
		return object;
	json_put(&object, "paired_by_order", json_boolean(loop->by_order));
	json_put(&object, "blocking_ms", thresholds_object(loop));
	json_put(&object, "verdict", json_string(compare_verdict_name(loop->verdict)));
	json_put(&object, "figures", figures_object(loop));
	json_put(&object, "share", shares_object(loop));
	json_put(&object, "per_iteration", parts_array(loop));
	return object;
}

static int write_line(FILE *out, json_t *value)
{
	json_auto_t *object = value;

	if (!object)
		return -ENOMEM;
	json_dumpf(object, out, JSON_COMPACT | JSON_REAL_PRECISION(DIGITS));
	fputc('\n', out);
	return 0;
}

static json_t *summary_object(const struct comparison *comparison)
{
	json_t *object = json_object();

	json_put(&object, "summary", json_true());
	for (int i = COMPARE_SLOWER; i <= COMPARE_FASTER; i++)
		json_put(&object, compare_verdict_name(i),
			 json_integer((json_int_t)comparison_count(comparison, i)));
	return object;
}

int compare_write_json(FILE *out, const struct comparison *comparison)
{
	int r = 0;

	for (size_t i = 0; !r && i < comparison->nr; i++)
		r = write_line(out, loop_object(&comparison->loops[i]));
	return r ?: write_line(out, summary_object(comparison));
}
