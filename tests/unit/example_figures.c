/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The made-up snapshot. */
#include "example_figures.h"

#include <math.h>
#include <string.h>
#include <sys/syscall.h>

#define MS 1000000ULL
#define NR_LOOPS 3
#define ITEMS(array) (array), sizeof(array) / sizeof((array)[0])

static struct loop_totals totals[NR_LOOPS], redis_since;
static struct loop_figures loops[NR_LOOPS];
static struct resource_figures resources[2];
static struct agent_figures agent, agent_since;
static struct program_figures programs_since[2];
static struct figures figures;

static const unsigned int ordinals[] = {0, 1};

static struct attribute redis_attributes[] = {
	ATTRIBUTE_OF_TEXT("process.executable.name", "redis-server"),
	ATTRIBUTE_OF_INTEGER("process.pid", 4242),
	ATTRIBUTE_OF_TEXT("service.instance.id", "5d5e3b0e-0000-4000-8000-000000000001"),
	ATTRIBUTE_OF_TEXT("service.name", "redis"),
};
static const struct attributes redis_resource = {ITEMS(redis_attributes), 0};

static const char *const node_arguments[] = {"node", "server \"one\".js"};
static struct attribute node_attributes[] = {
	{.key = "process.command_args",
	 .type = ATTRIBUTE_TEXTS,
	 .texts = {.items = node_arguments, .nr = 2}},
	ATTRIBUTE_OF_INTEGER("process.pid", 4300),
	ATTRIBUTE_OF_TEXT("process.runtime.name", "nodejs"),
	ATTRIBUTE_OF_TEXT("service.instance.id", "5d5e3b0e-0000-4000-8000-000000000002"),
	ATTRIBUTE_OF_TEXT("service.name", "shop \xc3\xa9\\\"\n"),
};
static const struct attributes node_resource = {ITEMS(node_attributes), 3};

static struct attribute agent_attributes[] = {
	ATTRIBUTE_OF_TEXT("host.name", "node-1"),
	ATTRIBUTE_OF_TEXT("service.name", "loopscope"),
};
static const struct attributes agent_resource = {ITEMS(agent_attributes), 0};

static const struct attribute loop_attributes[NR_LOOPS][2] = {
	{ATTRIBUTE_OF_INTEGER("event_loop.id", 4242),
	 ATTRIBUTE_OF_TEXT("thread.name", "redis-server")},
	{ATTRIBUTE_OF_INTEGER("event_loop.id", 4300), ATTRIBUTE_OF_TEXT("thread.name", "node")},
	{ATTRIBUTE_OF_INTEGER("event_loop.id", 4307),
	 ATTRIBUTE_OF_TEXT("thread.name", "work\"er\\\n1")},
};

static const struct program_figures programs[] = {
	{"on_switch", 1000000, 250 * MS, 3},
	{"on_waking", 0, 0, 0},
};

static void put(struct totals_histogram *histogram, unsigned int bucket, __u64 count, double sum)
{
	histogram->buckets[bucket] += count;
	histogram->count += count;
	histogram->sum += sum;
}

/* `scale` seconds of a loop that is mostly idle, with a stall or two. */
static struct loop_totals example_totals(unsigned int scale)
{
	struct loop_totals made = {
		.poll_ns = scale * 590 * MS,
		.cause_ns = {[CAUSE_CPU] = scale * 200 * MS,
			     [CAUSE_RUNQUEUE] = scale * 7 * MS,
			     [CAUSE_SYSCALL] = scale * 193 * MS,
			     [CAUSE_LOCK] = scale * 10 * MS},
		.iterations = scale * 12,
		.events = scale * 18,
		.stalls = {[CAUSE_SYSCALL] = scale},
		.wake_runqueue_ns = scale * 750000,
		.wake_quota_ns = scale * 250000,
		.nr_syscalls = 3,
		.syscalls = {{SYS_fsync, scale * 2, scale * 190 * MS},
			     {SYS_write, scale * 40, scale * 3 * MS},
			     {9999, scale, scale * MS}},
	};

	put(&made.lag, 0, scale * 7, 0);
	put(&made.lag, 66, scale * 3, scale * 240e6);
	put(&made.busy, 30, scale * 11, scale * 2e6);
	put(&made.busy, 68, scale, scale * 110e6);
	put(&made.busy, HISTOGRAM_NR_BUCKETS - 1, 1, 70e9);
	put(&made.wake, 0, 2, 1000);
	put(&made.wake, 27, scale * 8, scale * 1e6);
	put(&made.batch, HISTOGRAM_INDEX_OF_ONE, scale * 6, scale * 6);
	put(&made.batch, HISTOGRAM_INDEX_OF_ONE + 4, scale * 6, scale * 12);
	return made;
}

static struct loop_figures example_loop(unsigned int index)
{
	return (struct loop_figures){
		.attributes = loop_attributes[index],
		.nr_attributes = 2,
		.start_unix_ns = EXAMPLE_START_NS + index,
		.totals = &totals[index],
		.since_unix_ns = EXAMPLE_START_NS + index,
	};
}

static const struct loop_exemplar exemplar = {
	.value_ms = 119.25,
	.time_unix_ns = EXAMPLE_TIME_NS - 3 * MS,
	.cause = CAUSE_SYSCALL,
	.thread_id = 1234,
	.thread = "redis-server",
	.stall_id = "1234-5f5e100",
};

static void make_loops(void)
{
	redis_since = example_totals(30);
	totals[0] = example_totals(60);
	totals[1] = example_totals(1);
	totals[2] = (struct loop_totals){.poll_ns = 5 * MS, .iterations = 1};
	for (unsigned int i = 0; i < NR_LOOPS; i++)
		loops[i] = example_loop(i);
	loops[0].since = &redis_since;
	loops[0].since_unix_ns = EXAMPLE_SINCE_NS;
	loops[0].exemplar = &exemplar;
	loops[0].has_gauges = true;
	loops[0].gauges = (struct loop_gauges){119.25, 41, 0};
	loops[1].has_gauges = true;
	loops[1].gauges = (struct loop_gauges){2500, NAN, 2500.5};
	loops[2].ended = true;
}

static void make_resources(void)
{
	resources[0] = (struct resource_figures){
		.attributes = &redis_resource,
		.process = {.valid = true,
			    .start_unix_ns = EXAMPLE_START_NS - 1000000000,
			    .user_ns = 12345 * MS,
			    .system_ns = 678 * MS,
			    .voluntary_switches = 99,
			    .involuntary_switches = 7,
			    .since_unix_ns = EXAMPLE_SINCE_NS,
			    .since_user_ns = 12000 * MS,
			    .since_system_ns = 600 * MS,
			    .since_voluntary = 90,
			    .since_involuntary = 7},
		.loops = &loops[0],
		.nr_loops = 1,
		.ordinals = ordinals,
	};
	resources[1] = (struct resource_figures){
		.attributes = &node_resource,
		.nodejs = true,
		.loops = &loops[1],
		.nr_loops = 2,
		.ordinals = ordinals,
	};
}

static void make_agent(void)
{
	agent = (struct agent_figures){
		.attributes = &agent_resource,
		.start_unix_ns = EXAMPLE_START_NS,
		.loops_watched = 3,
		.processes_watched = 2,
		.loops_dropped = 1,
		.records = 4000,
		.records_lost = 4,
		.records_unknown = 5,
		.windows_torn = 6,
		.misses = 7,
		.compat_skipped = 8,
		.series_overflown = 9,
		.pods_known = 30,
		.pods_unresolved = 31,
		.containers_unresolved = 32,
		.kubernetes_requests = 33,
		.kubernetes_failures = 34,
		.threshold_crossings = {1, 2, 3},
		.export_attempts = 10,
		.export_requests = 9,
		.export_failures = 1,
		.export_retries = 1,
		.export_rejected_points = 2,
		.export_bytes = 123456,
		.export_duration_s = 0.125,
		.stalls = 40,
		.stalls_held_back = 41,
		.stacks = 42,
		.stacks_cut = 43,
		.stacks_missing = 44,
		.stacks_held_back = 45,
		.symbols_restarts = 46,
		.symbols_evictions = 47,
		.symbols_processes = 48,
		.symbols_cpu_ns = 750 * MS,
		.symbols_rss_bytes = 24 << 20,
		.logs_exported = 49,
		.logs_dropped = 50,
		.logs_failures = 51,
		.profiles_exported = 52,
		.profiles_dropped = 53,
		.scrapes = 11,
		.reloads = 2,
		.reload_failures = 1,
		.cpu_user_ns = 1500 * MS,
		.cpu_system_ns = 500 * MS,
		.rss_bytes = 12 << 20,
		.programs = programs,
		.nr_programs = 2,
	};
	agent_since = agent;
	agent_since.records = 3000;
	agent_since.threshold_crossings[1] = 1;
	agent_since.cpu_user_ns = 1000 * MS;
	memcpy(programs_since, programs, sizeof(programs));
	programs_since[0].run_count = 400000;
	agent_since.programs = programs_since;
}

struct figures *example_figures(void)
{
	make_loops();
	make_resources();
	make_agent();
	figures = (struct figures){
		.time_unix_ns = EXAMPLE_TIME_NS,
		.max_series = 2000,
		.max_blocked_syscalls = 2,
		.resources = resources,
		.nr_resources = 2,
		.agent = &agent,
	};
	return &figures;
}

const struct agent_figures *example_agent_since(void)
{
	return &agent_since;
}
