/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The maps and variables of the kernel side; state.bpf.c defines them and says
 * of each who writes it, how large it is and what happens when it is full.
 */
#ifndef LOOPSCOPE_STATE_BPF_H
#define LOOPSCOPE_STATE_BPF_H

#include <vmlinux.h>
#include <bpf/bpf_helpers.h>

#include "counters.h"
#include "loop_stall.h"
#include "python.bpf.h"
#include "scope_config.h"

#ifndef STATE_EXTERN
#define STATE_EXTERN extern
#endif

#define NR_BUFFERS 32

/* Where a window is put together, by whoever has claimed it. */
struct window_buffer {
	__u8 record[WINDOW_MAX_SIZE];
	__u32 claimed;
	__u32 reserved;
};

STATE_EXTERN struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct loop);
} loops SEC(".maps");

STATE_EXTERN struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32);
	__type(value, __u32);
} roster SEC(".maps");

STATE_EXTERN struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32);
	__type(value, __u8);
} targets SEC(".maps");

STATE_EXTERN struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, struct loop_id);
	__type(value, struct loop_policy);
} policies SEC(".maps");

STATE_EXTERN struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);
	__type(value, struct process_usage);
} usages SEC(".maps");

/* A thread that is not to be watched, as long as it keeps its name. */
struct exclusion {
	__u32 epoch; /* valid while this is policy_epoch */
	char thread[RECORD_COMM_LEN];
};

STATE_EXTERN struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct exclusion);
} excluded SEC(".maps");

STATE_EXTERN struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct stall);
} stalls SEC(".maps");

struct unseen_thread {
	struct unseen_request request; /* user space's; the rest is 0 at first */
	struct stall stall;
};

STATE_EXTERN struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, struct unseen_thread);
} unseen SEC(".maps");

/* Where a stack is put together by the tick of one CPU: it comes once at a time. */
struct stack_buffer {
	struct stack_record record;
	__u8 memory[STACK_MAX_MEMORY];
	__u8 beyond[sizeof(struct python_stack)]; /* frames of Python follow what memory there is */
	struct python_stack python;
};

STATE_EXTERN struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1); /* one for each CPU: set before load */
	__type(key, __u32);
	__type(value, struct stack_buffer);
} stacks SEC(".maps");

/* The last wait of a thread that may turn out to be a loop. */
struct candidate {
	__u64 sp;
	__s32 source;
	__u32 family;
};

STATE_EXTERN struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct candidate);
} candidates SEC(".maps");

/* What threads of one process may wait on in turn, and who did first. */
struct reactor_key {
	__u64 object; /* behind the descriptor */
	__u32 tgid;
	__u32 reserved;
};

struct reactor {
	__u32 tid;
	__u32 shared; /* by another thread, too */
};

STATE_EXTERN struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct reactor_key);
	__type(value, struct reactor);
} reactors SEC(".maps");

STATE_EXTERN struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 512 * 1024);
} records SEC(".maps");

STATE_EXTERN struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, NR_BUFFERS);
	__type(key, __u32);
	__type(value, struct window_buffer);
} buffers SEC(".maps");

extern const volatile struct scope_config scope;
extern __u64 counters[NR_COUNTERS];
extern __u64 observer_ns;
extern __u32 observer_ns_level;
extern __u32 ready;
extern __u32 windows_asked;
extern __u32 policy_epoch;
extern __u32 nr_unseen;
extern __u32 watching;
extern __u32 watch_is_last;

static __always_inline void count(enum counter counter)
{
	__sync_fetch_and_add(&counters[counter], 1);
}

static __always_inline struct loop *loop_of(struct task_struct *task)
{
	return bpf_task_storage_get(&loops, task, NULL, 0);
}

static __always_inline struct stall *stall_of(struct task_struct *task)
{
	return bpf_task_storage_get(&stalls, task, NULL, 0);
}

#endif
