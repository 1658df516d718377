/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where the kernel keeps a cgroup v1 controller: its index in `enum cgroup_subsys_id`. */
#ifndef LOOPSCOPE_CGROUP_SUBSYS_H
#define LOOPSCOPE_CGROUP_SUBSYS_H

/*
 * The index for a controller as named in mount options ("cpu", "memory", "pids");
 * -ENOENT if this kernel has no such controller, another -errno if its BTF
 * cannot be read.
 */
int observer_cgroup_subsys(const char *controller);

/* A controller of a v1 hierarchy, one that container runtimes use; -1: there is none. */
int observer_v1_subsys(void);

#endif
