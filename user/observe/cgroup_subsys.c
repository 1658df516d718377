/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The order of controllers is this kernel's configuration: its BTF has it. */
#include <bpf/btf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "observe/cgroup_subsys.h"

DEFINE_CLEANUP(struct btf *, btf__free)

/* True if it is mounted as v1: the unified hierarchy is number 0. */
static bool is_v1(const char *controller)
{
	_cleanup_(fclosep) FILE *file = fopen("/proc/cgroups", "re");
	char line[256], name[64];
	unsigned int hierarchy;

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%63s %u", name, &hierarchy) == 2 && !strcmp(name, controller))
			return hierarchy != 0;
	}
	return false;
}

int observer_v1_subsys(void)
{
	static const char *const controllers[] = {"pids", "memory", "cpu"};

	for (size_t i = 0; i < sizeof(controllers) / sizeof(*controllers); i++) {
		int subsys = is_v1(controllers[i]) ? observer_cgroup_subsys(controllers[i]) : -1;

		if (subsys >= 0)
			return subsys;
	}
	return -1;
}

int observer_cgroup_subsys(const char *controller)
{
	_cleanup_(btf__freep) struct btf *btf = btf__load_vmlinux_btf();
	const struct btf_type *type;
	const struct btf_enum *value;
	char name[64];
	int id;

	if (!btf)
		return -errno;
	id = btf__find_by_name_kind(btf, "cgroup_subsys_id", BTF_KIND_ENUM);
	if (id < 0)
		return id;
	/* the kernel's "io" is mounted as "blkio" on v1 */
	snprintf(name, sizeof(name), "%s_cgrp_id", strcmp(controller, "blkio") ? controller : "io");
	type = btf__type_by_id(btf, id);
	value = btf_enum(type);
	for (int i = 0; i < btf_vlen(type); i++)
		if (!strcmp(btf__name_by_offset(btf, value[i].name_off), name))
			return value[i].val;
	return -ENOENT;
}
