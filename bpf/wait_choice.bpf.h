/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is rare: a wait of a thread that is no loop, or on something else than
 * its loop waited on so far. All are about the present task.
 */
#ifndef LOOPSCOPE_WAIT_CHOICE_BPF_H
#define LOOPSCOPE_WAIT_CHOICE_BPF_H

#include "state.bpf.h"
#include "wait_source.h"

/* It may make the thread a loop, or one again. */
extern int wait_of_no_loop(const struct wait_call *call);

/*
 * Returns enum wait_elsewhere: a nested wait has been noted as such, a change
 * has ended this loop and begun the next; its own goes on as any wait of it.
 */
extern int wait_elsewhere(struct loop *loop, const struct wait_call *call, __u64 now);

/*
 * What a wait on a ring brought: io_uring_enter itself returns what was submitted. How much has
 * been completed the ring tells.
 */
extern int wait_ring_result(struct loop *loop, __s64 result);

/* The thread is about to close what its loop waits on. */
extern int wait_closes(struct loop *loop);

/* loop->call waits on something new. */
extern int wait_source_begin(struct loop *loop);

#endif
