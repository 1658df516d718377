/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The order of controllers is this kernel's configuration: its BTF has it. */
#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "observe/cgroup_subsys.h"

DEFINE_CLEANUP(struct btf *, btf__free)

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
