/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Shipments: what is on its way to an OTLP reader is set aside, and becomes what
 * it has once it is told to have arrived. What does not arrive is simply forgotten:
 * the next figures hold it, since they are told from what the reader has.
 */
#include <errno.h>
#include <stdlib.h>
#include <utlist.h>

#include "agent/registry_parts.h"

static int ship_totals(struct delivery *delivery, const struct loop_totals *totals, bool delta)
{
	if (!delta)
		return 0;
	if (!delivery->on_way)
		delivery->on_way = malloc(sizeof(*delivery->on_way));
	if (!delivery->on_way)
		return -ENOMEM;
	*delivery->on_way = *totals;
	return 0;
}

static int ship(struct delivery *delivery, const struct loop_totals *totals, bool ended,
		const struct registry *registry, unsigned int shipment)
{
	int r = ship_totals(delivery, totals, registry->options.delta);

	if (r)
		return r;
	delivery->on_way_unix_ns = registry->now_unix_ns;
	delivery->on_way_ended = ended;
	delivery->shipment = shipment;
	return 0;
}

static int ship_process(struct registry *registry, struct watched_process *process,
			unsigned int shipment)
{
	struct overflow *overflow = process->overflow;
	struct watched_loop *loop;
	int r = 0;

	DL_FOREACH(process->loops, loop)
	{
		if (!watched_loop_shown(loop, READER_OTLP))
			continue;
		r = ship(&loop->delivery, &loop->totals, loop->ended, registry, shipment);
		if (r)
			return r;
		registry_ship_culprits(loop);
		loop->stalls.on_way = true;
	}
	if (overflow)
		r = ship(&overflow->delivery, &overflow->totals, false, registry, shipment);
	process->delivery.on_way = process->usage;
	process->delivery.on_way_unix_ns = registry->now_unix_ns;
	process->delivery.shipment = shipment;
	return r;
}

int registry_ship(struct registry *registry, size_t first, size_t nr, unsigned int shipment)
{
	for (size_t i = first; i < first + nr; i++) {
		int r = ship_process(registry, registry->view.processes[i], shipment);

		if (r) {
			registry_shipped(registry, shipment, false);
			return r;
		}
	}
	return 0;
}

static void arrived(struct delivery *delivery, bool delivered)
{
	struct loop_totals *since = delivery->since;

	delivery->shipment = 0;
	if (!delivered)
		return;
	delivery->since = delivery->on_way;
	delivery->on_way = since; /* its memory serves again */
	delivery->since_unix_ns = delivery->on_way_unix_ns;
	delivery->complete = delivery->on_way_ended;
	delivery->begun = true;
}

static void process_arrived(struct watched_process *process, unsigned int shipment, bool delivered)
{
	struct process_delivery *delivery = &process->delivery;
	struct watched_loop *loop;

	DL_FOREACH(process->loops, loop)
	{
		if (loop->delivery.shipment != shipment)
			continue;
		arrived(&loop->delivery, delivered);
		if (!delivered)
			continue;
		registry_culprits_arrived(loop);
		loop->stalls.given = loop->stalls.on_way;
	}
	if (process->overflow && process->overflow->delivery.shipment == shipment)
		arrived(&process->overflow->delivery, delivered);
	if (delivery->shipment != shipment)
		return;
	delivery->shipment = 0;
	if (!delivered)
		return;
	delivery->since = delivery->on_way;
	delivery->since_unix_ns = delivery->on_way_unix_ns;
}

void registry_shipped(struct registry *registry, unsigned int shipment, bool delivered)
{
	struct watched_process *process;

	DL_FOREACH(registry->order, process)
	process_arrived(process, shipment, delivered);
}
