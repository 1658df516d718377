/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Frames of CPython, from an unmodified interpreter: see python_walk.h. In any context that may not
 * sleep: memory that is not resident is not read.
 *
 * python_runtimes  pid (in the observer's namespace) -> struct python_runtime. Written by user
 *                  space, deleted at exec and as the process ends. One written just after an
 *                  exec is of the program before: no thread is found by it. Full: user space is
 *                  told so, and such a process's stacks have native frames alone.
 *                  Preallocated: before 6.1 perf events may use no other.
 *
 * Kernel floor: 5.15.
 */
#include "python.bpf.h"
#include "kernel_fields.bpf.h"
#include <bpf/bpf_helpers.h>

/* 0: what all addresses begin at. clang would leave out an argument that is not used. */
#define PYTHON_CONTEXT __u64
#define PYTHON_STEP __noinline
#define PYTHON_READ(context, to, size, address) \
	bpf_probe_read_user(to, size, (const void *)((context) + (address)))

#include "python_walk.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, struct python_runtime);
} python_runtimes SEC(".maps");

#ifdef __TARGET_ARCH_arm64
/* The thread pointer is at some distance from pthread_self(), which the C library knows alone. */
static __always_inline __u64 native_thread_id(void)
{
	struct pid *pid =
		BPF_CORE_READ((struct task_struct *)bpf_get_current_task_btf(), thread_pid);
	struct upid upid = {};

	pid_upid(pid, BPF_CORE_READ(pid, level), &upid);
	return upid.nr;
}
#else
static __always_inline __u64 native_thread_id(void)
{
	return 0;
}
#endif

__noinline int python_stack(struct python_stack *stack, __u32 pid, __u64 thread_pointer)
{
	const struct python_runtime *runtime;
	__u64 thread;

	if (!stack)
		return 0;
	runtime = bpf_map_lookup_elem(&python_runtimes, &pid);
	if (!runtime || !runtime->version)
		return 0;
	thread = python_thread(runtime, 0, thread_pointer, native_thread_id());
	return thread ? python_frames(runtime, 0, thread, stack->frames) : 0;
}

__noinline int python_forget(__u32 pid)
{
	bpf_map_delete_elem(&python_runtimes, &pid);
	return 0;
}
