/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Calls that may never return, made in a child process: what reads a file of a hung file system
 * waits until that is back, and a thread that does cannot be ended.
 */
#ifndef LOOPSCOPE_APART_H
#define LOOPSCOPE_APART_H

#include <linux/types.h>
#include <stddef.h>

#define APART_MAX_QUESTION 16384 /* bytes */
#define APART_MAX_ANSWER 262144

struct apart;

/*
 * Called in a fork of this program: what it keeps is kept there, until that is replaced by another
 * fork. What the question points to must be older than the `struct apart`, and unchanged since, or
 * constant. The answer is all 0 at first; pointers in it must be to constants.
 */
typedef void apart_function(const void *question, void *answer);

/* The child is begun with the first call. -ENOMEM. */
int apart_new(struct apart **ret_apart);

/* Ends the child, one that waits for a file system only if that can be had at once. */
void apart_free(struct apart *apart);

/*
 * At most two seconds. -ETIMEDOUT; -EBUSY: it has been so too often of late; -EIO: the child has
 * ended; -errno. The answer is written on success only. apart: NULL: called here, without a bound.
 */
int apart_call(struct apart *apart, apart_function *function, const void *question,
	       size_t question_size, void *answer, size_t answer_size);

/* How many calls had no answer. */
__u64 apart_unanswered(const struct apart *apart);

#endif
