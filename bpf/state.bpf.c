/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Definitions of what all programs share.
 *
 * loops    task -> struct loop. Made at a thread's first wait call or by the
 *          scan, freed with the task, at exec, or for the thread's next loop. No
 *          memory: counted in loops_lost, tried again at the next wait call.
 * roster   tid -> tid of every loop, so that a walk visits loops and not the
 *          machine's every task. Added to with the loop, deleted with its last
 *          window. Full: no further loops, counted in loops_lost.
 * targets  pid (in the observer's namespace) -> 1. Written by user space, and by
 *          fork for children; deleted when the process ends. Full: the child
 *          is not followed, counted in loops_lost.
 * policies loop_id -> struct loop_policy. Written and deleted by user space, read by
 *          the walk, and as stalls begin. Full: user space is told so. Preallocated: before 6.1
 *          perf events may use no other.
 * excluded task -> struct exclusion. Made by the walk as a policy says, so that the
 *          thread's next wait call makes no loop of it; freed with the task or at exec.
 * usages   pid (in the observer's namespace) -> struct process_usage. Made by user space,
 *          added to by walk_usage, read and deleted by user space: it is empty in between.
 * candidates task -> struct candidate. Made at a wait of a thread that is no loop, in another
 *          call than epoll's; deleted when it becomes one, at exec, or with the task.
 * reactors what threads of a process wait on -> struct reactor. Written when a loop begins to
 *          wait on it, deleted when that loop closes it or ends. Full: the least used goes, and
 *          its loops are not seen to park.
 * stalls   task -> struct stall. Made with the loop, if stalls are told of at all; freed with
 *          the task. No memory: of that loop none is told, and each counted in stalls_held.
 * unseen   tid (in the observer's namespace) -> struct unseen_thread. Made and deleted by user
 *          space, which is told when it is full.
 * stacks   CPU -> where its timer tick puts a stack together.
 * records  the stream. Full: the record is dropped, counted in records_lost.
 * buffers  where windows are put together: claimed for that long, since programs
 *          can be preempted. All claimed: the record is dropped, in records_lost.
 */
#define STATE_EXTERN
#include "state.bpf.h"

const volatile struct scope_config scope = {
	.blocking_ns = 50000000,
	.max_stalls = SCOPE_STALLS_A_MINUTE,
	.max_stacks = SCOPE_STACKS_A_MINUTE,
};
__u64 counters[NR_COUNTERS];
__u64 observer_ns; /* struct pid_namespace of user space; written once, by the scan */
__u32 observer_ns_level;
__u32 ready;         /* set last: no thread becomes a loop before */
__u32 policy_epoch;  /* bumped by user space to have the excluded looked at anew */
__u32 nr_unseen;     /* entries of `unseen`, so that most ticks need not look there */
__u32 watching;      /* what a walk is for; by user space, around it */
__u32 watch_is_last; /* nobody looks again: all stalls that go on are told of */
__u32 windows_asked; /* loops asked to send their own window that have not yet */

char LICENSE[] SEC("license") = "Dual BSD/GPL";
