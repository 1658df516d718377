/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kernel's types, as far as loopscope reads them: written by hand, a few
 * fields of each, so that one knows at a glance what the programs depend on.
 * CO-RE relocates every access; order, size and missing fields do not matter.
 * A type with ___ in its name is a flavour: the part after it is ignored when
 * matched, so that one source can name a field as different kernels have it.
 *
 * tests/vmlinux checks this file against the running kernel's BTF.
 */
#ifndef __VMLINUX_H__
#define __VMLINUX_H__

typedef signed char __s8;
typedef unsigned char __u8;
typedef short __s16;
typedef unsigned short __u16;
typedef int __s32;
typedef unsigned int __u32;
typedef long long __s64;
typedef unsigned long long __u64;
typedef __s8 s8;
typedef __u8 u8;
typedef __s16 s16;
typedef __u16 u16;
typedef __s32 s32;
typedef __u32 u32;
typedef __s64 s64;
typedef __u64 u64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u64 __be64;
typedef __u32 __wsum;
typedef int pid_t;
typedef _Bool bool;

enum {
	false = 0,
	true = 1,
};

/* Interface constants of <linux/bpf.h>. */
enum {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_LRU_HASH = 9,
	BPF_MAP_TYPE_RINGBUF = 27,
	BPF_MAP_TYPE_TASK_STORAGE = 29,
};

enum {
	BPF_ANY = 0,
	BPF_F_NO_PREALLOC = 1,
	BPF_LOCAL_STORAGE_GET_F_CREATE = 1,
};

enum {
	BPF_RB_NO_WAKEUP = 1,
	BPF_RB_FORCE_WAKEUP = 2,
};

enum {
	BPF_RB_AVAIL_DATA = 0,
	BPF_RB_RING_SIZE = 1,
};

#ifndef BPF_NO_PRESERVE_ACCESS_INDEX
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
#endif

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
	unsigned long r15;
	unsigned long r14;
	unsigned long r13;
	unsigned long r12;
	unsigned long bp;
	unsigned long bx;
	unsigned long r11;
	unsigned long r10;
	unsigned long r9;
	unsigned long r8;
	unsigned long ax;
	unsigned long cx;
	unsigned long dx;
	unsigned long si;
	unsigned long di;
	unsigned long orig_ax;
	unsigned long ip;
	unsigned long sp;
};

struct thread_struct {
	unsigned long fsbase;
};

struct thread_info {
	u32 status;
};
#elif defined(__TARGET_ARCH_arm64)
struct pt_regs {
	u64 regs[31];
	u64 sp;
	u64 pc;
	u64 orig_x0;
	s32 syscallno;
};

struct thread_struct {
	struct {
		unsigned long tp_value;
	} uw;
};

struct thread_info {
	unsigned long flags;
	struct {
		u32 count;
	} preempt;
};
#else
#error "loopscope knows x86 and arm64"
#endif

struct mm_struct;

struct pid_namespace {
	unsigned int level;
};

struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	unsigned int level;
	struct upid numbers[];
};

struct kernfs_node {
	u64 id;
	const char *name; /* "": the root */
};

/* 6.15 and later */
struct kernfs_node___rcu {
	struct kernfs_node *__parent;
};

/* before 6.15 */
struct kernfs_node___plain {
	struct kernfs_node *parent;
};

struct cgroup;

struct cgroup_subsys_state {
	struct cgroup *cgroup;
	struct cgroup_subsys_state *parent;
};

struct cgroup {
	struct cgroup_subsys_state self;
	struct kernfs_node *kn;
};

struct css_set {
	struct cgroup_subsys_state *subsys[16];
	struct cgroup *dfl_cgrp;
};

struct cfs_rq {
	struct rq *rq;
};

struct rq {
	struct cfs_rq cfs;
	u64 clock;
	u64 clock_pelt;
	u64 lost_idle_time;
};

/* 6.6 and later: the time that this queue was throttled, its ancestors' throttling included */
struct cfs_rq___self {
	u64 throttled_clock_self;
	u64 throttled_clock_self_time;
};

/* 5.19 to 6.5 */
struct cfs_rq___pelt {
	struct rq *rq;
	int throttle_count;
	u64 throttled_clock_pelt;
	u64 throttled_clock_pelt_time;
};

/* before 5.19 */
struct cfs_rq___task {
	struct rq *rq;
	int throttle_count;
	u64 throttled_clock_task;
	u64 throttled_clock_task_time;
};

struct task_group {
	struct cfs_rq **cfs_rq; /* until 7.x: then a per-CPU pointer */
};

struct sched_entity {
	u64 sum_exec_runtime;
	struct cfs_rq *cfs_rq;
};

struct sched_info {
	unsigned long long run_delay;
	unsigned long long last_arrival;
	unsigned long long last_queued;
};

struct signal_struct {
	struct {
		int counter;
	} live;
	u64 utime; /* these: of threads that have ended */
	u64 stime;
	unsigned long nvcsw;
	unsigned long nivcsw;
	unsigned long long sum_sched_runtime;
};

struct file_operations;

struct file {
	void *private_data;
	const struct file_operations *f_op;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct io_ring_ctx {
	unsigned int cached_cq_tail;
};

struct io_uring_task {
	struct file *registered_rings[16];
};

struct task_struct {
	struct thread_info thread_info;
	unsigned int __state;
	unsigned int flags;
	struct sched_entity se;
	struct task_group *sched_task_group;
	struct sched_info sched_info;
	unsigned frozen : 1;
	pid_t pid;
	pid_t tgid;
	struct task_struct *group_leader;
	struct pid *thread_pid;
	u64 utime;
	u64 stime;
	unsigned long nvcsw;
	unsigned long nivcsw;
	u64 start_boottime;
	u64 self_exec_id;
	char comm[16];
	struct files_struct *files;
	struct io_uring_task *io_uring;
	struct signal_struct *signal;
	struct css_set *cgroups;
	struct mm_struct *mm;
	struct thread_struct thread;
};

struct seq_file;
struct bpf_map;
struct linux_binprm;

struct bpf_iter_meta {
	struct seq_file *seq;
	u64 session_id;
	u64 seq_num;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

struct bpf_iter__bpf_map_elem {
	struct bpf_iter_meta *meta;
	struct bpf_map *map;
	void *key;
	void *value;
};

struct trace_entry {
	int pid;
};

struct syscall_trace_enter {
	struct trace_entry ent;
	int nr;
	unsigned long args[];
};

struct syscall_trace_exit {
	struct trace_entry ent;
	int nr;
	long ret;
};

#ifndef BPF_NO_PRESERVE_ACCESS_INDEX
#pragma clang attribute pop
#endif

#endif
