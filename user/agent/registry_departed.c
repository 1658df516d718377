/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Ended loops go when their time is up, those that too many wait before among the
 * departed: their names are lost, their counts are not.
 */
#include <errno.h>
#include <utlist.h>

#include "agent/registry_parts.h"

#define INTERVALS_SHOWN 1 /* whole export intervals for which an ended loop is still shown */

/* Whether nothing more is to be said of it. */
static bool loop_is_done(const struct registry *registry, const struct watched_loop *loop)
{
	if (!loop->ended || loop->intervals_ended <= INTERVALS_SHOWN || loop->delivery.shipment)
		return false;
	return !registry->options.delivers || loop->delivery.complete;
}

static bool may_depart(const struct registry *registry, const struct delivery *delivery)
{
	return !delivery->shipment && (registry->options.delta || !delivery->begun);
}

/*
 * Whether it may be folded among the departed. What a reader of totals has seen under the loop's
 * own name it would then see twice, and so of the overflow that goes with the last loop of its
 * process; of such loops there are no more than were watched when the reader went away.
 */
static bool loop_may_depart(const struct registry *registry, const struct watched_loop *loop)
{
	const struct watched_process *process = loop->process;

	if (!loop->ended || !may_depart(registry, &loop->delivery))
		return false;
	return process->nr_loops > 1 || !process->overflow ||
	       may_depart(registry, &process->overflow->delivery);
}

/*
 * What a reader of deltas had stays had. What has overflown is in the overflow of its process
 * already, and goes with that.
 */
static int fold(struct registry *registry, const struct watched_loop *loop)
{
	const struct overflow *own = loop->process->nr_loops > 1 ? NULL : loop->process->overflow;
	struct overflow *departed = registry_overflow(registry->departed, loop->start_unix_ns);
	unsigned int groups = TOTALS_ALL & ~registry_overflown_groups(registry, loop->ordinal);

	if (!departed)
		return -ENOMEM;
	totals_add_difference(&departed->totals, &loop->totals, loop->delivery.since, groups);
	if (own)
		totals_add_difference(&departed->totals, &own->totals, own->delivery.since,
				      TOTALS_ALL);
	return 0;
}

static int loop_depart(struct registry *registry, struct watched_loop *loop)
{
	int r = registry->options.delivers ? fold(registry, loop) : 0;

	if (r)
		return r;
	registry->nr_departed++;
	registry_forget_loop(registry, loop);
	return 0;
}

/* Uthash goes through its items in the order in which they were added. */
static void depart_beyond(struct registry *registry, size_t max, unsigned int intervals_shown)
{
	struct watched_loop *loop, *next;

	HASH_ITER(hh, registry->loops, loop, next)
	{
		if (registry->nr_ended <= max)
			break;
		if (loop->intervals_ended < intervals_shown || !loop_may_depart(registry, loop))
			continue;
		if (loop_depart(registry, loop))
			break;
	}
}

void registry_end_departures(struct registry *registry)
{
	struct watched_loop *loop, *next;

	HASH_ITER(hh, registry->loops, loop, next)
	{
		if (loop_is_done(registry, loop))
			registry_forget_loop(registry, loop);
	}
	depart_beyond(registry, registry->options.max_waiting, INTERVALS_SHOWN + 1);
}

void registry_relieve(struct registry *registry)
{
	depart_beyond(registry, registry->options.max_ended, 0);
}
