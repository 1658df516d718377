/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Paths of cgroups as the runtimes there are make them, and what each tells. */
#ifndef LOOPSCOPE_TESTS_CGROUP_PATHS_H
#define LOOPSCOPE_TESTS_CGROUP_PATHS_H

#include "identity/container/cgroup_containers.h"

struct cgroup_path {
	const char *path;
	const char *unit;
	struct cgroup_container containers[CGROUP_MAX_CONTAINERS]; /* up to the first empty one */
};

extern const struct cgroup_path cgroup_paths[];
extern const size_t nr_cgroup_paths;

#endif
