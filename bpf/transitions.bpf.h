/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The scheduler's transitions, and what no program of ours saw. Programs are
 * skipped while another run of them is under way on the CPU, and on some
 * hypervisors while a task that is closed to BPF is the one that runs.
 */
#ifndef LOOPSCOPE_TRANSITIONS_BPF_H
#define LOOPSCOPE_TRANSITIONS_BPF_H

#include "kernel_fields.bpf.h"
#include "state.bpf.h"

extern int transition_switch_out(struct loop *loop, __u64 now, const struct switch_out *out);
extern int transition_switch_in(struct loop *loop, __u64 now, const struct switch_in *in);

/* The return of a wait call that its own edge will not tell of: see enum unseen_exit. */
extern int transition_presume_exit(struct loop *loop, __u64 now);

/* An edge of a wait call not seen: noticed as the thread goes to sleep elsewhere. */
extern int transition_heal_edge(struct loop *loop, __u64 now);

/* A switch-in not seen: noticed while the thread runs. */
static __always_inline void transition_heal_switch_in(struct loop *loop, struct task_struct *task,
						      __u64 now)
{
	__u64 arrival = loop->clock_offset_ns ? task_last_arrival(task) : 0;
	struct switch_in in;

	count(COUNTER_MISSED_SWITCH);
	if (arrival)
		arrival += loop->clock_offset_ns;
	arrival = loop_late_switch_in(loop, now, arrival, task_run_delay(task), &in);
	transition_switch_in(loop, arrival, &in);
	if (loop_exit_is_presumed(loop))
		transition_presume_exit(loop, arrival);
}

#endif
