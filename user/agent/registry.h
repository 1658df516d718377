/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the agent knows of every process and loop that it watches: who they are,
 * their totals, the gauges of the last export interval, and what a reader of
 * deltas has been given. Pure: no I/O, no clock.
 *
 * A loop that has ended stays until its last figures have been shown for one whole
 * export interval more and, where there is an OTLP reader, delivered. While the
 * reader is away only so many wait for it by name; beyond, the figures of the one
 * that ended first are folded into a resource of those departed: its name is lost,
 * its counts are not. So it is within an interval that has more of them than the limit.
 *
 * A process may be held (pod_link.h): nobody is told of it yet, and nothing of it goes.
 */
#ifndef LOOPSCOPE_REGISTRY_H
#define LOOPSCOPE_REGISTRY_H

#include "agent/pod_link.h"
#include "agent/thresholds.h"
#include "export/figures.h"
#include "identity/attributes.h"
#include "identity/identity.h"
#include "model/report.h"
#include "scope_config.h"

struct registry;

struct registry_options {
	size_t max_waiting; /* ended loops that a reader who is away is still told of by name */
	size_t max_ended;   /* that are kept at all, however short the interval was */
	bool delivers;      /* there is an OTLP reader */
	bool delta;         /* and it takes deltas */
	double check_interval_ns;
	unsigned int max_series;
	size_t max_blocked_syscalls;
	size_t max_culprits;               /* of a loop; 0: they are not wanted */
	const struct attributes *departed; /* resource of loops whose name was lost; borrowed */
};

/* A process is another one after exec, and if its pid is used again. */
struct process_key {
	__u64 pid;
	__u64 start_ns; /* CLOCK_BOOTTIME */
	__u64 exec_id;
};

struct watched_process;
struct watched_loop;

/* What a loop was doing at its last report. */
struct loop_now {
	enum report_state state;
	enum cause where; /* as in struct loop_report */
	int where_syscall;
	__u64 current_busy_ns;
	__u64 blocking_ns; /* the threshold in force */
};

/* What the agent keeps of a loop's stalls; others fill it in. */
struct loop_stalls {
	__u64 told_start_ns, told_age_ns; /* of the one that was told of while it went on */
	struct loop_exemplar longest;     /* of the export interval under way; value_ms 0: none */
	struct loop_exemplar shown; /* of the last complete one, or of those since an export */
	bool on_way, given;         /* it is in one that is under way, or has arrived */
};

int registry_new(const struct registry_options *options, struct registry **ret_registry);
void registry_free(struct registry *registry);

/* Options but `delta` and those of series may change while watching. */
void registry_set_options(struct registry *registry, const struct registry_options *options);

struct watched_process *registry_process(struct registry *registry, const struct process_key *key);

/* Takes the attributes, on success. comm: the process's name. -ENOMEM. */
int registry_add_process(struct registry *registry, const struct process_key *key, const char *comm,
			 const struct process_identity *identity, struct attributes *attributes,
			 bool nodejs, struct watched_process **ret_process);

struct watched_loop *registry_loop(struct registry *registry, const struct loop_id *id);

/* thread: its name, any bytes. -ENOMEM. */
int registry_add_loop(struct registry *registry, struct watched_process *process,
		      const struct loop_id *id, const char *thread, __u64 start_unix_ns, int group,
		      struct watched_loop **ret_loop);

/* A window that model_report_ended gave; they follow one another without a gap. */
void registry_report(struct registry *registry, struct watched_loop *loop,
		     const struct loop_report *report);

/*
 * A stall that ended then, CLOCK_MONOTONIC, was held by that code. It counts once a report has it;
 * where one had it before its code was known, it counts without.
 */
void registry_note_culprit(struct registry *registry, struct watched_loop *loop,
			   const char *function, enum cause cause, __u64 end_ns);

/* The loop is no longer watched, though nothing told of its end. */
void registry_end_loop(struct registry *registry, struct watched_loop *loop);

/*
 * The loop is not to be watched: it ends, unless it is included again before it has gone from here.
 * It must be new to the kernel side then: its windows are added to what it had.
 */
void registry_exclude_loop(struct registry *registry, struct watched_loop *loop);
void registry_include_loop(struct registry *registry, struct watched_loop *loop, int group);

/* Without a trace: of a loop that nobody has been told of, its process being held. */
void registry_drop_loop(struct registry *registry, struct watched_loop *loop);

/* An export interval is complete: its gauges stand until the next one is. Frees what has been. */
void registry_end_interval(struct registry *registry);

/* In a storm of short loops an interval may have any number: the first beyond the limit go. */
void registry_relieve(struct registry *registry);

/* One visit a loop, ended ones left out; it may end loops, but not add any. */
typedef void (*registry_loop_fn)(struct watched_loop *loop, void *context);
void registry_each_loop(struct registry *registry, registry_loop_fn callback, void *context);

/* The loops of one process, those that have ended too; it may drop the loop. */
void registry_each_loop_of(struct watched_process *process, registry_loop_fn callback,
			   void *context);

/* It may drop all loops of the process, and with the last of them the process goes. */
typedef void (*registry_process_fn)(struct watched_process *process, void *context);
void registry_each_process(struct registry *registry, registry_process_fn callback, void *context);

struct registry_counts {
	size_t processes, loops; /* that have not ended */
	size_t waiting;          /* loops ended and not yet gone from here */
	__u64 overflown;         /* loops that some metric shows in an overflow series, ever */
	__u64 departed;          /* loops whose figures were folded among the departed, ever */
};

void registry_counts(const struct registry *registry, struct registry_counts *ret_counts);

/* Who they are, and what is known of them; the registry's. */
struct watched_process *watched_loop_process(struct watched_loop *loop);
const struct loop_id *watched_loop_id(const struct watched_loop *loop);
const char *watched_loop_thread(const struct watched_loop *loop);
const struct loop_now *watched_loop_now(const struct watched_loop *loop);
struct threshold_state *watched_loop_thresholds(struct watched_loop *loop);
struct loop_stalls *watched_loop_stalls(struct watched_loop *loop);
const char *watched_loop_text(const struct watched_loop *loop); /* event_loop.id */
bool watched_loop_excluded(const struct watched_loop *loop);
bool watched_loop_ended(const struct watched_loop *loop);
int watched_loop_group(const struct watched_loop *loop);
void watched_loop_set_group(struct watched_loop *loop, int group);
void watched_loop_gauges(const struct watched_loop *loop, struct loop_gauges *ret_gauges);

/*
 * The 95th percentile of lag in the export interval that is under way, ms. Kept from when it is
 * first asked for; NaN until then, and where nothing has come yet.
 */
double watched_loop_lag_p95_ms(struct watched_loop *loop);

/* Of the export interval that is under way, percent; NaN: nothing yet. */
double watched_loop_utilization(const struct watched_loop *loop);

const struct process_key *watched_process_key(const struct watched_process *process);
const struct process_identity *watched_process_identity(const struct watched_process *process);
const char *watched_process_comm(const struct watched_process *process);
const struct attributes *watched_process_attributes(const struct watched_process *process);
void watched_process_set_attributes(struct watched_process *process, struct attributes *attributes);

/* The registry's, which lets go of what it owns; others fill it in. */
struct pod_link *watched_process_pod(struct watched_process *process);

/* Whether a loop of it has not ended. */
bool watched_process_lives(const struct watched_process *process);

/* True once: when the process's resource is to be read a second time. */
bool watched_process_refresh(struct watched_process *process);

/* Never less than before. start_unix_ns: the process's. */
void watched_process_set_usage(struct watched_process *process, const struct process_usage *usage,
			       __u64 start_unix_ns);

/*
 * Figures ------------------------------------------------------------------------
 */

enum reader {
	READER_SCRAPE, /* cumulative; ended loops for one interval */
	READER_OTLP,   /* ended loops until delivered */
};

/*
 * All resources but the agent's own (ret_figures->agent is left NULL). Valid until the registry
 * changes, or is asked again. -ENOMEM.
 */
int registry_figures(struct registry *registry, enum reader reader, __u64 now_unix_ns,
		     struct figures *ret_figures);

/*
 * Delivery, for READER_OTLP. After registry_figures: resources first .. first + nr - 1 are on
 * their way as shipment number `shipment` (from 1); what becomes of it is told once.
 * Of a shipment that failed, the next figures hold everything still. -ENOMEM: not on their way.
 */
int registry_ship(struct registry *registry, size_t first, size_t nr, unsigned int shipment);
void registry_shipped(struct registry *registry, unsigned int shipment, bool delivered);

#endif
