/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A switch-in that no program of ours saw. Programs are skipped while another
 * run of them is under way on the CPU, and on some hypervisors while a task
 * that is closed to BPF is the one switched from.
 */
#ifndef LOOPSCOPE_LATE_BPF_H
#define LOOPSCOPE_LATE_BPF_H

#include "kernel_fields.bpf.h"
#include "state.bpf.h"

static __always_inline void switched_in_late(struct loop *loop, struct task_struct *task, __u64 now)
{
	__u64 arrival = loop->clock_offset_ns ? task_last_arrival(task) : 0;

	count(COUNTER_MISSED_SWITCH);
	loop_switch_in_late(loop, now, arrival ? arrival + loop->clock_offset_ns : 0,
			    task_run_delay(task));
}

#endif
