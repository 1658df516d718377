/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The figures by themselves, field by field: nothing of the encoders is used. */
#include "base/syscall_name.h"
#include "output_files.h"
#include "random_figures.h"

#define FIELD(out, of, figure) fprintf(out, "\"%s\":%llu,", #figure, (of)->figure)

static void dump_text(FILE *out, const char *key, const char *text)
{
	fprintf(out, "\"%s\":", key);
	output_text(out, text);
	fputc(',', out);
}

static void dump_number(FILE *out, const char *key, double number)
{
	fprintf(out, "\"%s\":\"%a\",", key, number);
}

static void dump_attribute(FILE *out, const struct attribute *attribute)
{
	fputc('{', out);
	dump_text(out, "key", attribute->key);
	switch (attribute->type) {
	case ATTRIBUTE_TEXT:
		dump_text(out, "text", attribute->text);
		break;
	case ATTRIBUTE_INTEGER:
		fprintf(out, "\"integer\":%lld,", attribute->integer);
		break;
	case ATTRIBUTE_DOUBLE:
		dump_number(out, "double", attribute->number);
		break;
	case ATTRIBUTE_BOOLEAN:
		fprintf(out, "\"boolean\":%d,", attribute->boolean);
		break;
	case ATTRIBUTE_TEXTS:
		fprintf(out, "\"texts\":[");
		for (size_t i = 0; i < attribute->texts.nr; i++) {
			fprintf(out, "%s{", i ? "," : "");
			dump_text(out, "text", attribute->texts.items[i]);
			fprintf(out, "\"end\":0}");
		}
		fprintf(out, "],");
		break;
	}
	fprintf(out, "\"end\":0}");
}

static void dump_attributes(FILE *out, const struct attribute *attributes, size_t nr)
{
	fprintf(out, "\"attributes\":[");
	for (size_t i = 0; i < nr; i++) {
		fputs(i ? "," : "", out);
		dump_attribute(out, &attributes[i]);
	}
	fprintf(out, "],");
}

static void dump_numbers(FILE *out, const char *key, const __u64 *numbers, size_t nr)
{
	fprintf(out, "\"%s\":[", key);
	for (size_t i = 0; i < nr; i++)
		fprintf(out, "%s%llu", i ? "," : "", numbers[i]);
	fprintf(out, "],");
}

static void dump_histogram(FILE *out, const char *key, const struct totals_histogram *histogram)
{
	fprintf(out, "\"%s\":{", key);
	FIELD(out, histogram, count);
	dump_number(out, "sum", histogram->sum);
	dump_numbers(out, "buckets", histogram->buckets, HISTOGRAM_NR_BUCKETS);
	fprintf(out, "\"end\":0},");
}

static void dump_totals(FILE *out, const char *key, const struct loop_totals *totals)
{
	char name[SYSCALL_NAME_LEN];

	if (!totals) {
		fprintf(out, "\"%s\":null,", key);
		return;
	}
	fprintf(out, "\"%s\":{", key);
	FIELD(out, totals, poll_ns);
	FIELD(out, totals, iterations);
	FIELD(out, totals, events);
	FIELD(out, totals, wake_runqueue_ns);
	FIELD(out, totals, wake_quota_ns);
	dump_numbers(out, "cause_ns", totals->cause_ns, NR_CAUSES);
	dump_numbers(out, "stalls", totals->stalls, NR_CAUSES);
	dump_histogram(out, "lag", &totals->lag);
	dump_histogram(out, "busy", &totals->busy);
	dump_histogram(out, "wake", &totals->wake);
	dump_histogram(out, "batch", &totals->batch);
	fprintf(out, "\"syscalls\":[");
	for (unsigned int i = 0; i < totals->nr_syscalls; i++)
		fprintf(out, "%s[\"%s\",%llu]", i ? "," : "",
			syscall_name(totals->syscalls[i].nr, name), totals->syscalls[i].time_ns);
	fprintf(out, "]},");
}

static void dump_exemplar(FILE *out, const struct loop_exemplar *exemplar)
{
	if (!exemplar) {
		fprintf(out, "\"exemplar\":null,");
		return;
	}
	fprintf(out, "\"exemplar\":{");
	FIELD(out, exemplar, time_unix_ns);
	dump_number(out, "value_ms", exemplar->value_ms);
	dump_text(out, "thread", exemplar->thread);
	dump_text(out, "stall_id", exemplar->stall_id);
	fprintf(out, "\"thread_id\":%u,\"cause\":%d},", exemplar->thread_id, exemplar->cause);
}

static void dump_culprits(FILE *out, const struct loop_figures *loop)
{
	fprintf(out, "\"culprits\":[");
	for (size_t i = 0; i < loop->nr_culprits; i++) {
		fprintf(out, "%s{", i ? "," : "");
		dump_text(out, "function", loop->culprits[i].function);
		FIELD(out, &loop->culprits[i], since);
		fprintf(out, "\"cause\":%d,\"stalls\":%llu}", loop->culprits[i].cause,
			loop->culprits[i].stalls);
	}
	fprintf(out, "],");
}

static void dump_loop(FILE *out, const struct loop_figures *loop, unsigned int ordinal)
{
	fputc('{', out);
	dump_attributes(out, loop->attributes, loop->nr_attributes);
	FIELD(out, loop, start_unix_ns);
	FIELD(out, loop, since_unix_ns);
	dump_totals(out, "totals", loop->totals);
	dump_totals(out, "since", loop->since);
	dump_exemplar(out, loop->exemplar);
	dump_culprits(out, loop);
	dump_number(out, "max_lag_ms", loop->gauges.max_lag_ms);
	dump_number(out, "utilization_percent", loop->gauges.utilization_percent);
	dump_number(out, "stall_age_ms", loop->gauges.stall_age_ms);
	fprintf(out, "\"has_gauges\":%d,\"ended\":%d,\"ordinal\":%u}", loop->has_gauges,
		loop->ended, ordinal);
}

static void dump_process(FILE *out, const struct process_figures *process)
{
	fprintf(out, "\"process\":{\"valid\":%d,", process->valid);
	FIELD(out, process, start_unix_ns);
	FIELD(out, process, user_ns);
	FIELD(out, process, system_ns);
	FIELD(out, process, voluntary_switches);
	FIELD(out, process, involuntary_switches);
	FIELD(out, process, since_unix_ns);
	FIELD(out, process, since_user_ns);
	FIELD(out, process, since_system_ns);
	FIELD(out, process, since_voluntary);
	FIELD(out, process, since_involuntary);
	fprintf(out, "\"end\":0},");
}

static void dump_resource(FILE *out, const struct resource_figures *resource)
{
	fputc('{', out);
	dump_attributes(out, resource->attributes->items, resource->attributes->nr);
	fprintf(out, "\"left_out\":%zu,\"nodejs\":%d,", resource->attributes->nr_left_out,
		resource->nodejs);
	dump_process(out, &resource->process);
	fprintf(out, "\"loops\":[");
	for (size_t i = 0; i < resource->nr_loops; i++) {
		fputs(i ? "," : "", out);
		dump_loop(out, &resource->loops[i], resource->ordinals[i]);
	}
	fprintf(out, "],\"overflow\":");
	if (resource->overflow)
		dump_loop(out, resource->overflow, 0);
	else
		fprintf(out, "null");
	fputc('}', out);
}

static void dump_agent(FILE *out, const char *key, const struct agent_figures *agent)
{
	fprintf(out, "\"%s\":", key);
	if (!agent) {
		fprintf(out, "null,");
		return;
	}
	fputc('{', out);
	if (agent->attributes) {
		dump_attributes(out, agent->attributes->items, agent->attributes->nr);
		fprintf(out, "\"left_out\":%zu,", agent->attributes->nr_left_out);
	}
	FIELD(out, agent, start_unix_ns);
	for (size_t i = 0; i < nr_world_agent_figures; i++)
		fprintf(out, "\"%s\":%llu,", world_agent_figures[i].name,
			*world_agent_figure(agent, i));
	dump_numbers(out, "threshold_crossings", agent->threshold_crossings, 3);
	dump_number(out, "export_duration_s", agent->export_duration_s);
	fprintf(out, "\"programs\":[");
	for (size_t i = 0; i < agent->nr_programs; i++)
		fprintf(out, "%s[\"%s\",%llu,%llu,%llu]", i ? "," : "", agent->programs[i].name,
			agent->programs[i].run_count, agent->programs[i].run_time_ns,
			agent->programs[i].recursion_misses);
	fprintf(out, "]},");
}

void world_dump(FILE *out, const struct world *world)
{
	const struct figures *figures = &world->figures;
	const struct otlp_options *options = &world->options;

	fprintf(out, "{\"delta\":%d,\"explicit\":%d,", options->temporality == TEMPORALITY_DELTA,
		options->aggregation == AGGREGATION_EXPLICIT);
	fprintf(out, "\"version\":\"%s\",", LOOPSCOPE_VERSION);
	fprintf(out, "\"max_request_bytes\":%zu,\"bounds\":[", options->max_request_bytes);
	for (size_t i = 0; i < options->nr_bounds; i++)
		fprintf(out, "%s\"%a\"", i ? "," : "", options->bounds_ms[i]);
	fprintf(out,
		"],\"max_blocked_syscalls\":%zu,\"max_series\":%u,"
		"\"max_culprits\":%zu,",
		figures->max_blocked_syscalls, figures->max_series, figures->max_culprits);
	FIELD(out, figures, time_unix_ns);
	FIELD(out, options, agent_since_unix_ns);
	dump_agent(out, "agent", figures->agent);
	dump_agent(out, "agent_since", options->agent_since);
	fprintf(out, "\"resources\":[");
	for (size_t i = 0; i < figures->nr_resources; i++) {
		fputs(i ? "," : "", out);
		dump_resource(out, &figures->resources[i]);
	}
	fprintf(out, "]}\n");
}
