/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How the points of an instrument are made, for the table and its makers alone.
 * A maker finds the values, told apart by one attribute; a walk turns them into
 * points. Nothing is allocated.
 */
#ifndef LOOPSCOPE_POINTS_H
#define LOOPSCOPE_POINTS_H

#include "export/instruments.h"

struct point_walk {
	const struct instrument *instrument;
	point_fn callback;
	void *context;
	size_t nr_shared;  /* attributes that all points of the walk begin with */
	bool together;     /* the values make one point: an overflow */
	bool leave_zeroes; /* a series that has ended has nothing to add to a delta reader's */
	struct point point;
};

/* One value: a counter's or an integer gauge's; in ns where the unit is one of time. */
struct point_part {
	const char *name; /* the attribute's value */
	__u64 value;
};

/* The loop whose points are being made. */
struct loop_walk {
	struct point_walk walk;
	const struct figures *figures;
	const struct loop_figures *loop;
	const struct loop_totals *since; /* never NULL: zeroes for a cumulative reader */
};

struct agent_walk {
	struct point_walk walk;
	const struct agent_figures *agent;
	const struct agent_figures *since; /* never NULL */
};

/* One of the three functions is set. */
struct point_source {
	int (*of_loop)(struct loop_walk *walk);
	int (*of_process)(struct point_walk *walk, const struct process_figures *process,
			  bool delta);
	int (*of_agent)(struct agent_walk *walk);
	size_t offset;           /* of the figure in its struct, where it is one */
	double divisor;          /* from the figure to the unit; 0: integers */
	enum totals_group group; /* of loops: which limit applies */
	bool exemplars;          /* stalls are of what it measures */
	bool nodejs;             /* only for resources that are Node */
};

/* The attributes of all points from here on. What is beyond the maximum is left out. */
void point_walk_share(struct point_walk *walk, const struct attribute *attributes, size_t nr);

/* A point for each, with attribute `key` = its name (key NULL: without), or one for all. */
int point_walk_parts(struct point_walk *walk, const char *key, const struct point_part *parts,
		     size_t nr);
int point_walk_value(struct point_walk *walk, __u64 value);
int point_walk_number(struct point_walk *walk, double number);

/* Of loops: loop_points.c. */
int points_loop_histogram(struct loop_walk *walk);
int points_loop_total(struct loop_walk *walk);
int points_loop_gauge(struct loop_walk *walk);
int points_loop_time(struct loop_walk *walk);
int points_loop_wake_time(struct loop_walk *walk);
int points_loop_blocked_time(struct loop_walk *walk);
int points_loop_blocking_calls(struct loop_walk *walk);
int points_loop_nodejs_time(struct loop_walk *walk);

/* Of processes: process_points.c. */
int points_process_cpu_time(struct point_walk *walk, const struct process_figures *process,
			    bool delta);
int points_process_switches(struct point_walk *walk, const struct process_figures *process,
			    bool delta);

/* Of the agent: agent_points.c. */
int points_agent_up(struct agent_walk *walk);
int points_agent_total(struct agent_walk *walk);
int points_agent_gauge(struct agent_walk *walk);
int points_agent_now(struct agent_walk *walk);
int points_agent_crossings(struct agent_walk *walk);
int points_agent_cpu_time(struct agent_walk *walk);
int points_agent_program(struct agent_walk *walk);
int points_agent_program_runs(struct agent_walk *walk);

#endif
