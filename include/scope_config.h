/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What user space tells the kernel side before load: read-only there. The
 * defaults (all zero but the threshold) load, and watch nothing.
 */
#ifndef LOOPSCOPE_SCOPE_CONFIG_H
#define LOOPSCOPE_SCOPE_CONFIG_H

#include "types.h"
#include "comm_glob.h"

#define SCOPE_MAX_CGROUPS 8
#define SCOPE_MAX_GLOBS 4

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
	__u8 reserved[2];
	struct scope_cgroup cgroups[SCOPE_MAX_CGROUPS];
	struct comm_glob globs[SCOPE_MAX_GLOBS];
};

#endif
