/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The table of instruments: one line of what it is called and one of what makes
 * its points. Names, units and attributes are an interface: dashboards and alerts
 * are made of them. process.* and nodejs.* are by the semantic conventions 1.44.
 */
#include "export/instruments.h"

#include "export/points.h"

#define NS_PER_MS 1e6
#define NS_PER_S 1e9

#define SOURCE(...) (&(const struct point_source){__VA_ARGS__})
#define INSTRUMENT(kind_, number_, name_, unit_, description_, ...) \
	{.name = (name_),                                           \
	 .unit = (unit_),                                           \
	 .description = (description_),                             \
	 .kind = (kind_),                                           \
	 .number = (number_),                                       \
	 .source = SOURCE(__VA_ARGS__)}
#define GAUGE(...) INSTRUMENT(INSTRUMENT_GAUGE, NUMBER_DOUBLE, __VA_ARGS__)
#define HISTOGRAM(...) INSTRUMENT(INSTRUMENT_HISTOGRAM, NUMBER_DOUBLE, __VA_ARGS__)
#define COUNTER_OF_EVENTS(...) INSTRUMENT(INSTRUMENT_COUNTER, NUMBER_INTEGER, __VA_ARGS__)
#define COUNTER_OF_TIME(...) INSTRUMENT(INSTRUMENT_COUNTER, NUMBER_DOUBLE, __VA_ARGS__)
#define NUMBER_NOW(...) INSTRUMENT(INSTRUMENT_UP_DOWN_COUNTER, NUMBER_INTEGER, __VA_ARGS__)
#define AGENT_TOTAL(name_, unit_, description_, figure_)                              \
	COUNTER_OF_EVENTS(name_, unit_, description_, .of_agent = points_agent_total, \
			  .offset = offsetof(struct agent_figures, figure_))

const struct instrument instruments[] = {
	HISTOGRAM("event_loop.lag", "ms",
		  "What an event that arrives at any instant waits until the loop can look at it",
		  .of_loop = points_loop_histogram, .offset = offsetof(struct loop_totals, lag),
		  .divisor = NS_PER_MS, .group = TOTALS_PLAIN),
	HISTOGRAM("event_loop.execution_time", "ms",
		  "Busy intervals: how long callbacks ran between two waits for events",
		  .of_loop = points_loop_histogram, .offset = offsetof(struct loop_totals, busy),
		  .divisor = NS_PER_MS, .group = TOTALS_PLAIN),
	HISTOGRAM("event_loop.wake_delay", "ms",
		  "From being made runnable, asleep in the wait for events, to running",
		  .of_loop = points_loop_histogram, .offset = offsetof(struct loop_totals, wake),
		  .divisor = NS_PER_MS, .group = TOTALS_PLAIN),
	COUNTER_OF_TIME(
		"event_loop.wake_delay.time", "ms", "Wake delays in all, by what they waited for",
		.of_loop = points_loop_wake_time, .divisor = NS_PER_MS, .group = TOTALS_WAKE),
	HISTOGRAM("event_loop.callback_queue.depth", "{event}", "Events that one iteration took",
		  .of_loop = points_loop_histogram, .offset = offsetof(struct loop_totals, batch),
		  .divisor = 1, .group = TOTALS_PLAIN),
	GAUGE("event_loop.max_lag", "ms",
	      "Longest lag in the last export interval, the busy interval under way included",
	      .of_loop = points_loop_gauge, .offset = offsetof(struct loop_gauges, max_lag_ms),
	      .divisor = 1, .group = TOTALS_PLAIN),
	GAUGE("event_loop.utilization", "%",
	      "Share of the last export interval in which the loop was busy",
	      .of_loop = points_loop_gauge,
	      .offset = offsetof(struct loop_gauges, utilization_percent), .divisor = 1,
	      .group = TOTALS_PLAIN),
	COUNTER_OF_EVENTS("event_loop.iterations", "{iteration}", "Returns from waiting for events",
			  .of_loop = points_loop_total,
			  .offset = offsetof(struct loop_totals, iterations),
			  .group = TOTALS_PLAIN),
	COUNTER_OF_EVENTS("event_loop.events", "{event}", "Events that the waits returned",
			  .of_loop = points_loop_total,
			  .offset = offsetof(struct loop_totals, events), .group = TOTALS_PLAIN),
	COUNTER_OF_TIME(
		"event_loop.time", "ms",
		"Where time went: poll, or what a busy loop did; all states sum to wall time",
		.of_loop = points_loop_time, .divisor = NS_PER_MS, .group = TOTALS_TIME),
	COUNTER_OF_TIME("event_loop.blocked_time", "ms",
			"Time asleep in system calls that callbacks made",
			.of_loop = points_loop_blocked_time, .divisor = NS_PER_MS,
			.group = TOTALS_SYSCALLS),
	COUNTER_OF_EVENTS("event_loop.blocking_calls", "{call}",
			  "Busy intervals of at least the blocking threshold, by what most of "
			  "their time went on",
			  .of_loop = points_loop_blocking_calls, .group = TOTALS_STALLS),
	GAUGE("event_loop.stall.age", "ms", "Age of the stall under way; 0 if there is none",
	      .of_loop = points_loop_gauge, .offset = offsetof(struct loop_gauges, stall_age_ms),
	      .divisor = 1, .group = TOTALS_PLAIN),
	COUNTER_OF_TIME("nodejs.eventloop.time", "s",
			"Cumulative time of the event loop in each state",
			.of_loop = points_loop_nodejs_time, .divisor = NS_PER_S,
			.group = TOTALS_TIME, .nodejs = true),
	GAUGE("nodejs.eventloop.utilization", "1",
	      "Share of the last export interval in which the event loop was active",
	      .of_loop = points_loop_gauge,
	      .offset = offsetof(struct loop_gauges, utilization_percent), .divisor = 100,
	      .group = TOTALS_PLAIN, .nodejs = true),
	COUNTER_OF_TIME("process.cpu.time", "s", "CPU time of the process, by mode",
			.of_process = points_process_cpu_time, .divisor = NS_PER_S),
	COUNTER_OF_EVENTS("process.context_switches", "{context_switch}",
			  "Context switches of the process, by type",
			  .of_process = points_process_switches),
	{.name = "up",
	 .unit = "1",
	 .description = "The agent runs and exports",
	 .kind = INSTRUMENT_GAUGE,
	 .number = NUMBER_INTEGER,
	 .otlp_only = true,
	 .source = SOURCE(.of_agent = points_agent_up)},
	AGENT_TOTAL("loopscope.records", "{record}", "Records read from the kernel", records),
	AGENT_TOTAL("loopscope.records.lost", "{record}",
		    "Records that the kernel dropped: its ring buffer was full", records_lost),
	AGENT_TOTAL("loopscope.records.unknown", "{record}", "Records of a kind not known, skipped",
		    records_unknown),
	AGENT_TOTAL("loopscope.windows.torn", "{window}",
		    "Windows that could not be read whole; the one before stands", windows_torn),
	AGENT_TOTAL("loopscope.misses", "{miss}", "Edges, switches and wakings that were not seen",
		    misses),
	AGENT_TOTAL("loopscope.waits.skipped", "{wait}",
		    "Waits of 32-bit tasks, which are not watched", compat_skipped),
	NUMBER_NOW("loopscope.loops", "{loop}", "Loops watched now", .of_agent = points_agent_now,
		   .offset = offsetof(struct agent_figures, loops_watched)),
	NUMBER_NOW("loopscope.processes", "{process}", "Processes watched now",
		   .of_agent = points_agent_now,
		   .offset = offsetof(struct agent_figures, processes_watched)),
	AGENT_TOTAL("loopscope.loops.dropped", "{wait}",
		    "Wait calls and child processes not watched, one loop's many times: beyond the "
		    "limit of loops, or no memory",
		    loops_dropped),
	AGENT_TOTAL("loopscope.series.overflown", "{loop}",
		    "Loops folded into an overflow series by the limit of series",
		    series_overflown),
	NUMBER_NOW("loopscope.kubernetes.pods", "{pod}", "Pods of this node that are known now",
		   .of_agent = points_agent_now,
		   .offset = offsetof(struct agent_figures, pods_known)),
	AGENT_TOTAL("loopscope.kubernetes.unresolved", "{process}",
		    "Processes exported before it was known which pod they are in",
		    pods_unresolved),
	AGENT_TOTAL(
		"loopscope.kubernetes.containers_unresolved", "{process}",
		"Others, exported with their pod but not the container: it was not known yet, or "
		"is the pod's sandbox",
		containers_unresolved),
	AGENT_TOTAL("loopscope.kubernetes.requests", "{request}",
		    "Requests for pods, to the API server or the kubelet", kubernetes_requests),
	AGENT_TOTAL("loopscope.kubernetes.failures", "{request}",
		    "Requests for pods that ended in an error", kubernetes_failures),
	COUNTER_OF_EVENTS("loopscope.threshold.crossings", "{crossing}",
			  "Times that a loop went above a threshold",
			  .of_agent = points_agent_crossings),
	AGENT_TOTAL("loopscope.export.attempts", "{request}",
		    "Requests sent to the receiver, retries included", export_attempts),
	AGENT_TOTAL("loopscope.export.requests", "{request}",
		    "Requests that came to an end, good or bad", export_requests),
	AGENT_TOTAL("loopscope.export.failures", "{export}", "Exports given up, or refused in part",
		    export_failures),
	AGENT_TOTAL("loopscope.export.retries", "{request}", "Requests sent again", export_retries),
	AGENT_TOTAL("loopscope.export.rejected_points", "{point}",
		    "Points that the receiver refused, by partial success", export_rejected_points),
	AGENT_TOTAL("loopscope.export.bytes", "By", "Bodies of requests as sent", export_bytes),
	GAUGE("loopscope.export.duration", "s", "How long the last export took",
	      .of_agent = points_agent_gauge,
	      .offset = offsetof(struct agent_figures, export_duration_s)),
	AGENT_TOTAL("loopscope.scrapes", "{request}", "Scrapes by Prometheus", scrapes),
	AGENT_TOTAL("loopscope.config.reloads", "{reload}", "Reloads of the configuration",
		    reloads),
	AGENT_TOTAL("loopscope.config.reload_failures", "{reload}",
		    "Reloads that left the old configuration in force: the new one is bad",
		    reload_failures),
	COUNTER_OF_TIME("loopscope.cpu.time", "s", "CPU time of the agent, by mode",
			.of_agent = points_agent_cpu_time, .divisor = NS_PER_S),
	NUMBER_NOW("loopscope.memory.rss", "By", "Resident memory of the agent",
		   .of_agent = points_agent_now,
		   .offset = offsetof(struct agent_figures, rss_bytes)),
	COUNTER_OF_EVENTS("loopscope.program.runs", "{run}",
			  "Runs of a BPF program, where the kernel counts them",
			  .of_agent = points_agent_program_runs,
			  .offset = offsetof(struct program_figures, run_count)),
	COUNTER_OF_TIME("loopscope.program.run_time", "s",
			"Time in a BPF program, where the kernel counts it",
			.of_agent = points_agent_program_runs,
			.offset = offsetof(struct program_figures, run_time_ns),
			.divisor = NS_PER_S),
	COUNTER_OF_EVENTS("loopscope.program.recursion_misses", "{miss}",
			  "Runs of a BPF program that the kernel left out: it was running already",
			  .of_agent = points_agent_program,
			  .offset = offsetof(struct program_figures, recursion_misses)),
};

const size_t nr_instruments = sizeof(instruments) / sizeof(instruments[0]);
