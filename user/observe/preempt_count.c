/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * BTF tells where per-CPU variables lie in their section, even where the kernel was built to keep
 * their addresses to itself. The variable is `__preempt_count`, but a member of `pcpu_hot` from 6.2
 * to 6.14.
 */
#include "observe/preempt_count.h"

#include <string.h>

#define PER_CPU_SECTION ".data..percpu"
#define MAX_DEPTH 4 /* of anonymous structures within another */

/* -1: there is none of that name. */
static int64_t variable_at(const struct btf *btf, const char *name)
{
	int id = btf__find_by_name_kind(btf, PER_CPU_SECTION, BTF_KIND_DATASEC);
	const struct btf_type *section = id < 0 ? NULL : btf__type_by_id(btf, (__u32)id);
	const struct btf_var_secinfo *variables = section ? btf_var_secinfos(section) : NULL;

	for (int i = 0; section && i < btf_vlen(section); i++) {
		const struct btf_type *variable = btf__type_by_id(btf, variables[i].type);

		if (variable && !strcmp(btf__name_by_offset(btf, variable->name_off), name))
			return variables[i].offset;
	}
	return -1;
}

/* In bytes; -1: no such member, of the structure or of anonymous ones within it. */
static int64_t member_at(const struct btf *btf, __u32 id, const char *name, int depth)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	if (!type || !btf_is_composite(type) || depth >= MAX_DEPTH)
		return -1;
	for (int i = 0; i < btf_vlen(type); i++) {
		const struct btf_member *member = &btf_members(type)[i];
		const char *member_name = btf__name_by_offset(btf, member->name_off);
		int64_t at = btf_member_bit_offset(type, (__u32)i) / 8, within;

		if (!strcmp(member_name, name))
			return at;
		within = member_name[0] ? -1 : member_at(btf, member->type, name, depth + 1);
		if (within >= 0)
			return at + within;
	}
	return -1;
}

static int64_t in_pcpu_hot(const struct btf *btf)
{
	int id = btf__find_by_name_kind(btf, "pcpu_hot", BTF_KIND_STRUCT);
	int64_t at = variable_at(btf, "pcpu_hot");
	int64_t within = id < 0 ? -1 : member_at(btf, (__u32)id, "preempt_count", 0);

	return at < 0 || within < 0 ? -1 : at + within;
}

int64_t preempt_count_at(const struct btf *btf)
{
	int64_t queue = variable_at(btf, "runqueues");
	int64_t at = variable_at(btf, "__preempt_count");

	if (at < 0)
		at = in_pcpu_hot(btf);
	return queue < 0 || at < 0 ? 0 : at - queue;
}
