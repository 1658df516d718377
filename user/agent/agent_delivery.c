/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copies of figures whose programs lie elsewhere. */
#include "agent/agent_delivery.h"

void agent_delivery_ship(struct agent_delivery *on_way, const struct figures *figures)
{
	if (!figures->agent)
		return;
	on_way->figures = *figures->agent;
	for (size_t i = 0; i < on_way->figures.nr_programs; i++)
		on_way->programs[i] = figures->agent->programs[i];
	on_way->unix_ns = figures->time_unix_ns;
}

void agent_delivery_arrived(struct agent_delivery *since, const struct agent_delivery *on_way)
{
	*since = *on_way;
	since->figures.programs = since->programs;
}
