/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The registry as its own files see it. */
#ifndef LOOPSCOPE_REGISTRY_PARTS_H
#define LOOPSCOPE_REGISTRY_PARTS_H

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "agent/registry.h"
#include "base/utf8.h"
#include "model/totals.h"

#define LOOP_ID_TEXT_LEN 32

/* What a reader of deltas has, and what is on its way to it. */
struct delivery {
	struct loop_totals *since; /* NULL: nothing yet; both only for a reader of deltas */
	struct loop_totals *on_way;
	__u64 since_unix_ns, on_way_unix_ns;
	unsigned int shipment; /* 0: none */
	bool on_way_ended;     /* what is on its way is the last there is */
	bool complete;         /* the last has been delivered */
	bool begun;            /* the reader has been given something */
};

struct name_use; /* of a tid, by loops of one pid: registry_names.c */

struct watched_loop {
	struct loop_id id; /* the key */
	struct watched_process *process;
	struct watched_loop *prev, *next; /* of the process */
	unsigned int ordinal;             /* unique in the process, the lowest that was free */
	int group;

	char thread[UTF8_REPAIRED_LEN(RECORD_COMM_LEN)];
	char id_text[LOOP_ID_TEXT_LEN];
	struct name_use *name;
	struct attribute attributes[2];
	__u64 start_unix_ns;

	struct loop_totals totals;
	struct lag_carry carry;
	struct delivery delivery;

	struct loop_now now;
	double *interval_lag_ns; /* by bucket, of the export interval under way; NULL: not kept */
	double interval_max_ns;
	__u64 interval_poll_ns, interval_busy_ns;
	double max_lag_ns,
		utilization; /* of the last complete one, ns and percent; NaN: none yet */
	struct threshold_state thresholds;
	struct loop_stalls stalls;
	struct loop_culprit *culprits; /* in order of appearance; NULL: none */
	size_t nr_culprits;
	__u64 first_seen_ns, reported_ns; /* by the last report, whose end the latter is */

	bool ended;
	bool excluded;                /* that is why it ended */
	unsigned int intervals_ended; /* since */
	UT_hash_handle hh;
};

struct overflow {
	struct loop_totals totals;
	struct delivery delivery;
	__u64 start_unix_ns;
};

struct process_delivery {
	struct process_usage since, on_way;
	__u64 since_unix_ns, on_way_unix_ns;
	unsigned int shipment;
};

struct watched_process {
	struct process_key key;
	struct process_identity identity;
	struct attributes attributes;
	struct pod_link pod;
	char comm[RECORD_COMM_LEN + 1];
	bool nodejs;
	bool refreshed; /* its attributes have been read a second time */
	struct watched_loop *loops;
	size_t nr_loops;
	__u64 *ordinals; /* a bit for each in use */
	size_t nr_ordinal_words;
	struct overflow *overflow; /* NULL: no loop has overflown */
	struct process_usage usage;
	__u64 start_unix_ns;
	struct process_delivery delivery;
	struct watched_process *prev, *next; /* all of them, in order of appearance */
	UT_hash_handle hh;
};

/* Arrays that figures point into. */
struct registry_view {
	struct resource_figures *resources;
	struct watched_process **processes; /* of each resource */
	struct loop_figures *loops;
	unsigned int *ordinals;
	size_t max_resources, max_loops;
};

struct registry {
	struct registry_options options;
	struct watched_process *processes; /* by key */
	struct watched_process *order;
	struct watched_loop *loops; /* by id */
	struct name_use *names;     /* by pid and tid */
	struct watched_process *departed;
	size_t nr_ended;
	__u64 overflown;
	__u64 nr_departed;
	__u64 now_unix_ns; /* of the last figures */
	struct registry_view view;
};

/*
 * Gives the loop of a process its text, "1234", or "1234-2" while a loop that had the tid before is
 * still shown. -ENOMEM.
 */
int registry_take_name(struct registry *registry, struct watched_loop *loop);
void registry_give_name(struct registry *registry, struct watched_loop *loop);

/* Culprits: registry_culprits.c. stalls: those that ended in the report, by cause. */
void registry_count_culprits(struct watched_loop *loop, const __u64 stalls[NR_CAUSES]);
void registry_ship_culprits(struct watched_loop *loop);
void registry_culprits_arrived(struct watched_loop *loop);
void registry_forget_culprits(struct watched_loop *loop);

/* Frees the loop, and its process if that was its last. */
void registry_forget_loop(struct registry *registry, struct watched_loop *loop);

/* Ended loops go whose time is up: registry_departed.c. */
void registry_end_departures(struct registry *registry);

/* The groups in which a loop of that ordinal is not shown by itself. */
unsigned int registry_overflown_groups(const struct registry *registry, unsigned int ordinal);

/* The overflow of a process, made if need be. NULL: no memory. */
struct overflow *registry_overflow(struct watched_process *process, __u64 start_unix_ns);

/* Room in the view for all there is. -ENOMEM. */
int registry_view_reserve(struct registry *registry);
void registry_view_done(struct registry_view *view);

/* Whether the reader is shown it. */
bool watched_loop_shown(const struct watched_loop *loop, enum reader reader);

void delivery_done(struct delivery *delivery);

#endif
