/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the instruments of a watched process say. */
#include "export/points.h"

int points_process_cpu_time(struct point_walk *walk, const struct process_figures *process,
			    bool delta)
{
	const struct point_part parts[] = {
		{"user", process->user_ns - (delta ? process->since_user_ns : 0)},
		{"system", process->system_ns - (delta ? process->since_system_ns : 0)},
	};

	return point_walk_parts(walk, "cpu.mode", parts, 2);
}

int points_process_switches(struct point_walk *walk, const struct process_figures *process,
			    bool delta)
{
	const struct point_part parts[] = {
		{"voluntary", process->voluntary_switches - (delta ? process->since_voluntary : 0)},
		{"involuntary",
		 process->involuntary_switches - (delta ? process->since_involuntary : 0)},
	};

	return point_walk_parts(walk, "process.context_switch.type", parts, 2);
}
