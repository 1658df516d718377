/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What each loop did between two of its records: records hold totals, timelines want shares.
 * Bounded: beyond so many loops, the longest unheard is forgotten.
 */
#ifndef LOOPSCOPE_WINDOW_SHARES_H
#define LOOPSCOPE_WINDOW_SHARES_H

#include "base/cleanup.h"
#include "record.h"

struct window_share {
	struct loop_id id;
	__u64 process_start_ns;
	char process[RECORD_COMM_LEN]; /* terminated, hostile; as the next */
	char thread[RECORD_COMM_LEN];
	__u64 from_ns, to_ns;      /* CLOCK_MONOTONIC */
	__u64 poll_ns;             /* it and all causes sum to to_ns - from_ns, */
	__u64 cause_ns[NR_CAUSES]; /* in an order that is not known */
	__u64 iterations;
};

struct window_shares;

/* -ENOMEM. window_shares_free takes NULL. */
int window_shares_new(unsigned int max_loops, struct window_shares **ret_shares);
void window_shares_free(struct window_shares *shares);
DEFINE_CLEANUP(struct window_shares *, window_shares_free)

/* 1: the record is of a window, and *ret_share is filled; 0: there is nothing to tell; -ENOMEM. */
int window_shares_take(struct window_shares *shares, const void *record, size_t size,
		       struct window_share *ret_share);

#endif
