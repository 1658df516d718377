/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the kernel side has to say of itself: its counters, and the kernel's of its programs. */
#include "observe/observer_parts.h"

/* False: not loaded. */
static bool program_info(const struct bpf_program *program, struct bpf_prog_info *info)
{
	__u32 size = sizeof(*info);

	*info = (struct bpf_prog_info){};
	return bpf_program__fd(program) >= 0 &&
	       !bpf_obj_get_info_by_fd(bpf_program__fd(program), info, &size);
}

void observer_counters(const struct observer *observer, uint64_t counters[NR_COUNTERS],
		       uint64_t *ret_recursion_misses)
{
	struct bpf_program *program;
	uint64_t misses = 0;

	for (int i = 0; i < NR_COUNTERS; i++)
		counters[i] =
			__atomic_load_n(&observer->skeleton->bss->counters[i], __ATOMIC_RELAXED);
	bpf_object__for_each_program(program, observer->skeleton->obj)
	{
		struct bpf_prog_info info;

		if (program_info(program, &info))
			misses += info.recursion_misses;
	}
	*ret_recursion_misses = misses;
}

size_t observer_programs(const struct observer *observer, struct observer_program *programs,
			 size_t max_programs)
{
	struct bpf_program *program;
	size_t nr = 0;

	bpf_object__for_each_program(program, observer->skeleton->obj)
	{
		struct bpf_prog_info info;

		if (!program_info(program, &info))
			continue;
		if (nr < max_programs)
			programs[nr] = (struct observer_program){
				.name = bpf_program__name(program),
				.run_count = info.run_cnt,
				.run_time_ns = info.run_time_ns,
				.recursion_misses = info.recursion_misses,
			};
		nr++;
	}
	return nr;
}
