/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Two windows of the same loops, before and after: what became slower, and where its time went.
 *
 * Of one boot, a thread is matched with itself. The rest are matched by what survives a restart:
 * service or container, name of the process, runtime, library of the loop, name of the thread (as
 * it is, else with its numbers left out), wait family, and whether it is the main thread, first
 * within a process, then beyond; several that are alike in all of that, in the order in which they
 * started. Of a thread whose loop began anew, the loop with most iterations is compared.
 *
 * A difference counts only if it is no noise; until then a figure is the same:
 *   each side has made 20 iterations, and for a quantile as many as leave ten above it (p99: 1000);
 *   lag: by half and by 1 ms; busy time an iteration: by a fifth, 10 us and 3 standard errors;
 *   stalls: the rate by 3 standard errors, as chance would have them come, where the same counts
 *   as one; iterations/s and utilization: by a fifth, and by 1/s or 2 points. The maximum is one
 *   event: it never counts.
 *
 * Slower is what has more lag, stalls, or busy time an iteration; faster, less and nothing more.
 */
#ifndef LOOPSCOPE_COMPARE_H
#define LOOPSCOPE_COMPARE_H

#include <stddef.h>
#include <stdio.h>

#include "view/snapshot.h"

enum compare_figure {
	COMPARE_ITERATIONS,  /* a second */
	COMPARE_UTILIZATION, /* 0 .. 1 */
	COMPARE_LAG_P50,     /* ns */
	COMPARE_LAG_P95,
	COMPARE_LAG_P99,
	COMPARE_LAG_MAX,
	COMPARE_STALLS, /* a minute */
	COMPARE_BUSY,   /* ns an iteration */
	NR_COMPARE_FIGURES,
};

enum compare_change {
	CHANGE_SAME,
	CHANGE_MORE,
	CHANGE_LESS,
	CHANGE_UNKNOWN, /* too little was seen to tell, or not the same was counted */
};

struct compare_pair {
	double before, after; /* NaN: none */
	enum compare_change change;
};

/* What busy time went on: a cause, or a system call slept in; ns an iteration. */
struct compare_part {
	bool is_syscall;
	char name[SYSCALL_NAME_LEN];
	double before_ns, after_ns;
};

#define COMPARE_MAX_PARTS (NR_CAUSES + 2 * REPORT_NR_SYSCALLS)

enum compare_verdict { COMPARE_SLOWER, COMPARE_TOO_LITTLE, COMPARE_SAME, COMPARE_FASTER };

struct compared_loop {
	const struct loop_entry *before, *after; /* NULL: it is only in the other */
	const struct loop_entry *named;          /* the later that there is */
	bool fragment; /* only in one, and another loop of its thread is compared */
	bool by_order; /* a pair among several alike: nothing but their order tells them apart */
	bool brief;    /* of a pair: next to nothing was seen on either side */
	enum compare_verdict verdict; /* of a pair, as all below */
	struct compare_pair figures[NR_COMPARE_FIGURES];
	size_t nr_parts;
	struct compare_part parts[COMPARE_MAX_PARTS]; /* the most added first */
	double worse_ns;
};

struct comparison {
	struct compared_loop *loops; /* the worst first, then those only in one */
	size_t nr;
};

/* Times and pids are only of one kind if both are of the `same_boot`. -ENOMEM. Entries must outlive
 * the comparison. */
int comparison_make(const struct loop_entry *const *before, size_t nr_before,
		    const struct loop_entry *const *after, size_t nr_after, bool same_boot,
		    struct comparison *ret_comparison);
void comparison_done(struct comparison *comparison);

/* Whether the same counts as a stall in both of the pair. */
bool compare_same_stalls(const struct compared_loop *loop);

/* How many of the pairs are so. */
size_t comparison_count(const struct comparison *comparison, enum compare_verdict verdict);

/* "slower", "lag_p99". */
const char *compare_verdict_name(enum compare_verdict verdict);
const char *compare_change_name(enum compare_change change);
const char *compare_figure_name(enum compare_figure figure);

/* Fills in figures, parts and verdict of a pair. */
void compare_judge(struct compared_loop *loop);

/* Pairs, then those only in one; neither judged nor sorted. -ENOMEM. */
int compare_match(const struct loop_entry *const *before, size_t nr_before,
		  const struct loop_entry *const *after, size_t nr_after, bool same_boot,
		  struct comparison *ret_comparison);

void compare_write_text(FILE *out, const struct comparison *comparison, bool unicode);

/* One object a loop, one a line, and a summary. -ENOMEM. */
int compare_write_json(FILE *out, const struct comparison *comparison);

#endif
