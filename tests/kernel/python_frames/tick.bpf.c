/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* At each tick of a thread's CPU clock, its frames of Python, and what they took to read. */
#include "python.bpf.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "python_tick.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} ticks SEC(".maps");

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("perf_event")
int tick(void *context)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct python_tick *tick = bpf_ringbuf_reserve(&ticks, sizeof(*tick), 0);
	__u64 begin;

	if (!tick)
		return 0;
	begin = bpf_ktime_get_ns();
	tick->nr = python_stack((struct python_stack *)tick->frames,
				bpf_get_current_pid_tgid() >> 32, task->thread.fsbase);
	tick->reserved = 0;
	tick->took_ns = bpf_ktime_get_ns() - begin;
	bpf_ringbuf_submit(tick, 0);
	return 0;
}
