/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What user space tells the kernel side before load: read-only there. The
 * defaults (all zero but the threshold) load, and watch nothing.
 */
#ifndef LOOPSCOPE_SCOPE_CONFIG_H
#define LOOPSCOPE_SCOPE_CONFIG_H

#include "types.h"
#include "comm_glob.h"
#include "record.h"

#define SCOPE_MAX_CGROUPS 8
#define SCOPE_MAX_GLOBS 4
#define SCOPE_STALLS_A_MINUTE 60 /* max_stalls, unless configured */
#define SCOPE_STACKS_A_MINUTE 600

struct scope_cgroup {
	__u64 id;     /* kernfs id: st_ino of the directory */
	__s32 subsys; /* index of a v1 controller's hierarchy; -1: the unified one */
	__u32 reserved;
};

struct scope_config {
	__u64 blocking_ns; /* a busy interval of at least this is a stall */
	__u8 all;          /* every thread of the machine */
	__u8 pids;         /* processes in the map `targets` */
	__u8 children;     /* and those they fork */
	__u8 nr_cgroups;
	__u8 nr_globs;
	__u8 entry_by_switch; /* wait edges do not see a call already entered at attach (fexit) */
	__u8 policies; /* user space tells of each loop what to do with it: see loop_policy */
	__u8 announce; /* a new loop's first record wakes user space, to look at it at once, and
			* comes after one of its place */
	__s32 place_subsys; /* index of a v1 controller whose cgroups are told too; -1: none */
	__u8 wait_family;   /* enum wait_family that alone makes a loop; 0: each thread's own */
	__u8 nr_not_globs;
	__u8 stalls; /* records of stalls: see stall.h */
	__u8 reserved;
	__u32 max_stalls; /* that are told of a loop, and */
	__u32 max_stacks; /* stacks of it, in a minute: the rest is held back, and counted */
	__u32 reserved_too;
	__s64 preempt_count_at; /* x86: bytes from a CPU's run queue to it; 0: not known */
	struct scope_cgroup cgroups[SCOPE_MAX_CGROUPS];
	struct comm_glob globs[SCOPE_MAX_GLOBS];
	struct comm_glob not_globs[SCOPE_MAX_GLOBS]; /* not watched, whatever else says so */
};

/* What is to be done with one loop: the key of the map is its struct loop_id. */
struct loop_policy {
	__u64 blocking_ns; /* its threshold */
	__u32 excluded;    /* watch it no more */
	__u32 reserved;
};

/* A thread that is no loop, of which stacks are wanted: what the map `unseen` is told. */
struct unseen_request {
	struct loop_id id;
	__u64 process_start_ns;
	__u64 since_ns; /* that it is wanted, CLOCK_MONOTONIC */
};

/* What a process has used since it started: all its threads, those that have ended too. */
struct process_usage {
	__u64 start_ns;   /* of the process, CLOCK_BOOTTIME; 0: it was not met */
	__u64 runtime_ns; /* on CPU, exact */
	__u64 user_ns;    /* of that, as ticks found it: in user and in kernel mode */
	__u64 system_ns;
	__u64 voluntary_switches;
	__u64 involuntary_switches;
};

#endif
