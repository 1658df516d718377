/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The table of stalls that go on: one a loop at most, so the loop is the key; of a thread not seen
 * to wait, which is no loop yet, its numbers. What becomes of them is in stalls.c.
 */
#ifndef LOOPSCOPE_STALL_TABLE_H
#define LOOPSCOPE_STALL_TABLE_H

#define HASH_NONFATAL_OOM 1 /* an entry not added has no table */
#include <uthash.h>

#include "model/stall_parts.h"

struct stall_key {
	struct loop_id id;
	__u64 unseen;
};

struct open_stall {
	struct stall_key key;
	struct stall stall;
	bool told;         /* that it has begun */
	bool heard;        /* of one unseen: since the last time that all of them were taken */
	__u64 awaited_ns;  /* since when its first stack is */
	__u64 doubtful_ns; /* since when a window says that it is over; 0: none does */
	UT_hash_handle hh;
};

struct stalls {
	struct stalls_options options;
	struct open_stall *open;
	unsigned int nr_unseen;
	size_t stack_bytes; /* of all of them */
	__u64 stacks_held;  /* for want of room for more */
};

/* NULL: there is none. */
struct open_stall *stall_table_find(const struct stalls *stalls, const struct loop_id *id);
struct open_stall *stall_table_find_unseen(const struct stalls *stalls, const struct loop_id *id);

/* Where there is no room, the longest unheard is lost. -ENOMEM, or what the listener returned. */
int stall_table_add(struct stalls *stalls, const struct stall *stall, struct open_stall **ret_open);

/*
 * Takes the stack over, and makes room for it: of the stall that has most of them one goes, but
 * none loses its last one to another. -ENOBUFS: there is none to be had. -ENOMEM. Then it is not
 * taken.
 */
int stall_table_add_stack(struct stalls *stalls, struct open_stall *open, struct stack *stack);

/* Each returns what the listener did. */
int stall_table_tell(struct stalls *stalls, enum stall_event event, const struct stall *stall);
int stall_table_tell_begun(struct stalls *stalls, struct open_stall *open); /* once */

/* That it goes on, or, if nobody knows yet, that it has begun. */
int stall_table_tell_on(struct stalls *stalls, struct open_stall *open);

/* Told, and forgotten. */
int stall_table_end(struct stalls *stalls, struct open_stall *open, enum stall_state state);

#endif
