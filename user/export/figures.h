/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The snapshot that every exporter takes: resources, each with its loops and
 * their totals. Made by the agent's collector; borrowed by the encoders, for the
 * length of a call. Nothing here owns memory.
 */
#ifndef LOOPSCOPE_FIGURES_H
#define LOOPSCOPE_FIGURES_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "identity/attributes.h"
#include "model/stall_id.h"
#include "model/totals.h"

/* Gauges of the last completed export interval, the open busy interval included. */
struct loop_gauges {
	double max_lag_ms;
	double utilization_percent; /* NaN: no interval is complete yet */
	double stall_age_ms;        /* 0: no stall under way */
};

/* Stalls that code has held the loop with; those of other code are in the totals alone. */
struct loop_culprit {
	char *function;
	enum cause cause;
	__u64 stalls;
	__u64 since;  /* what a delta reader has */
	__u64 on_way; /* the rest is the registry's */
	__u64 pending;
};

/* One stall, for histograms to point at: event_loop.stall.id joins it with its log record. */
struct loop_exemplar {
	double value_ms; /* how long it held the loop */
	__u64 time_unix_ns;
	enum cause cause;
	__u32 thread_id;
	const char *thread;
	char stall_id[STALL_ID_LEN];
};

struct loop_figures {
	const struct attribute
		*attributes; /* thread.name, event_loop.id; or otel.metric.overflow */
	size_t nr_attributes;
	__u64 start_unix_ns; /* since when the totals count */
	const struct loop_totals *totals;
	const struct loop_totals *since; /* what a delta reader has; NULL: nothing */
	__u64 since_unix_ns;             /* when it had that; start_unix_ns if it has nothing */
	const struct loop_exemplar *exemplar; /* of the last complete interval; NULL: none */
	const struct loop_culprit *culprits;  /* of blocking_calls, where they are wanted */
	size_t nr_culprits;
	struct loop_gauges gauges;
	bool has_gauges; /* not for the overflow, nor for a loop that has ended */
	bool ended;
};

/* CPU time and switches of a process, as of the last completed export interval. */
struct process_figures {
	bool valid;
	__u64 start_unix_ns; /* of the process */
	__u64 user_ns, system_ns;
	__u64 voluntary_switches, involuntary_switches;
	__u64 since_unix_ns; /* for a delta reader, as above, and what it has */
	__u64 since_user_ns, since_system_ns;
	__u64 since_voluntary, since_involuntary;
};

struct resource_figures {
	const struct attributes *attributes;
	bool nodejs; /* aliases by the conventions for Node wanted */
	struct process_figures process;
	const struct loop_figures *loops;
	size_t nr_loops;
	/* series beyond the limit, folded; NULL: none. Loop i is in it for a metric of n series a
	 * loop iff its `ordinal` >= (max_series - 1) / n: then it is not shown by itself. */
	const struct loop_figures *overflow;
	const unsigned int *ordinals; /* one a loop: stable, unique in its resource */
};

/* One BPF program; run_count 0: the kernel does not count (kernel.bpf_stats_enabled). */
struct program_figures {
	const char *name;
	__u64 run_count;
	__u64 run_time_ns;
	__u64 recursion_misses;
};

#define AGENT_MAX_PROGRAMS 32

/* What the agent says of itself. Totals since start_unix_ns. */
struct agent_figures {
	const struct attributes *attributes; /* its own resource */
	__u64 start_unix_ns;
	__u64 loops_watched; /* now */
	__u64 processes_watched;
	__u64 loops_dropped; /* wait calls of loops that are not watched, for want of room */
	__u64 records;
	__u64 records_lost;
	__u64 records_unknown;
	__u64 windows_torn;
	__u64 misses; /* edges, switches and wakings not seen */
	__u64 compat_skipped;
	__u64 pods_unresolved;       /* processes shown before it was known which pod they are in */
	__u64 containers_unresolved; /* others, whose pod was known, but not the container in it */
	__u64 pods_known;            /* now */
	__u64 kubernetes_requests;   /* for pods, of the API server or the kubelet */
	__u64 kubernetes_failures;
	__u64 series_overflown; /* loops folded into an overflow series in some metric, ever */
	__u64 threshold_crossings[3]; /* lag_p95, utilization, stall_age */
	__u64 export_attempts;        /* requests sent, retries included */
	__u64 export_requests;
	__u64 export_failures; /* exports given up */
	__u64 export_retries;
	__u64 export_rejected_points; /* partial success */
	__u64 export_bytes;           /* on the wire, bodies */
	double export_duration_s;     /* of the last one */
	__u64 stalls;                 /* that were looked at */
	__u64 stalls_held_back;       /* by ceilings: counted and timed alone */
	__u64 stacks;                 /* resolved */
	__u64 stacks_cut;             /* of those, cut short */
	__u64 stacks_missing;         /* of those, without any frame */
	__u64 stacks_held_back;       /* not taken, not resolved, or not kept */
	__u64 symbols_restarts;       /* of the program that reads symbols */
	__u64 symbols_evictions;      /* of processes whose symbols it held */
	__u64 symbols_processes;      /* now */
	__u64 symbols_cpu_ns;
	__u64 symbols_rss_bytes;
	__u64 logs_exported; /* log records */
	__u64 logs_dropped;
	__u64 logs_failures; /* exports of them given up */
	__u64 profiles_exported;
	__u64 profiles_dropped;
	__u64 scrapes;
	__u64 reloads, reload_failures;
	__u64 cpu_user_ns, cpu_system_ns;
	__u64 rss_bytes;
	const struct program_figures *programs;
	size_t nr_programs; /* AGENT_MAX_PROGRAMS at most */
};

struct figures {
	__u64 time_unix_ns;
	unsigned int max_series; /* of one metric in one resource, the overflow included */
	size_t max_blocked_syscalls;
	size_t max_culprits; /* of a loop */
	const struct resource_figures *resources;
	size_t nr_resources;
	const struct agent_figures *agent;
};

#endif
