/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the instruments of a loop say: each reads its totals, less what a delta reader has. */
#include <math.h>
#include <string.h>

#include "base/syscall_name.h"
#include "export/points.h"
#include "view/names.h"

#define STATE "event_loop.state"

static const void *figure(const void *of, const struct loop_walk *walk)
{
	return (const char *)of + walk->walk.instrument->source->offset;
}

int points_loop_total(struct loop_walk *walk)
{
	const __u64 *now = figure(walk->loop->totals, walk), *since = figure(walk->since, walk);

	return point_walk_value(&walk->walk, *now - *since);
}

int points_loop_gauge(struct loop_walk *walk)
{
	const double *value = figure(&walk->loop->gauges, walk);

	if (!walk->loop->has_gauges || isnan(*value))
		return 0;
	return point_walk_number(&walk->walk, *value / walk->walk.instrument->source->divisor);
}

static void set_exemplar(struct point *point, const struct loop_exemplar *exemplar)
{
	point->has_exemplar = exemplar && point->histogram.count;
	if (!point->has_exemplar)
		return;
	point->exemplar = (struct point_exemplar){
		.attributes =
			{
				ATTRIBUTE_OF_INTEGER("thread.id", exemplar->thread_id),
				ATTRIBUTE_OF_TEXT("thread.name", exemplar->thread),
				ATTRIBUTE_OF_TEXT(STATE, cause_name(exemplar->cause)),
				ATTRIBUTE_OF_TEXT("event_loop.stall.id", exemplar->stall_id),
			},
		.time_unix_ns = exemplar->time_unix_ns,
		.value = exemplar->value_ms,
	};
}

int points_loop_histogram(struct loop_walk *walk)
{
	const struct totals_histogram *now = figure(walk->loop->totals, walk);
	const struct totals_histogram *since = figure(walk->since, walk);
	struct point_histogram *histogram = &walk->walk.point.histogram;

	histogram->count = now->count - since->count;
	if (!histogram->count && walk->walk.leave_zeroes)
		return 0;
	histogram->sum = (now->sum - since->sum) / walk->walk.instrument->source->divisor;
	/* OTLP wants no sum of nothing */
	if (!histogram->count || histogram->sum < 0)
		histogram->sum = 0;
	for (int i = 0; i < HISTOGRAM_NR_BUCKETS; i++)
		histogram->buckets[i] = now->buckets[i] - since->buckets[i];
	set_exemplar(&walk->walk.point,
		     walk->walk.instrument->source->exemplars ? walk->loop->exemplar : NULL);
	return walk->walk.callback(&walk->walk.point, walk->walk.context);
}

int points_loop_time(struct loop_walk *walk)
{
	const struct loop_totals *now = walk->loop->totals, *since = walk->since;
	struct point_part parts[1 + NR_CAUSES] = {{"poll", now->poll_ns - since->poll_ns}};

	for (int i = 0; i < NR_CAUSES; i++)
		parts[1 + i] =
			(struct point_part){cause_name(i), now->cause_ns[i] - since->cause_ns[i]};
	return point_walk_parts(&walk->walk, STATE, parts, 1 + NR_CAUSES);
}

int points_loop_wake_time(struct loop_walk *walk)
{
	const struct loop_totals *now = walk->loop->totals, *since = walk->since;
	const struct point_part parts[] = {
		{cause_name(CAUSE_RUNQUEUE), now->wake_runqueue_ns - since->wake_runqueue_ns},
		{cause_name(CAUSE_CPU_QUOTA), now->wake_quota_ns - since->wake_quota_ns},
	};

	return point_walk_parts(&walk->walk, STATE, parts, 2);
}

static __u64 culprit_stalls(const struct loop_walk *walk, const struct loop_culprit *culprit)
{
	return culprit->stalls - (walk->since == walk->loop->since ? culprit->since : 0);
}

/* Of those with a culprit, a series each; what the others have is what is left. */
static int walk_culprits(struct loop_walk *walk, __u64 left[NR_CAUSES])
{
	const struct loop_figures *loop = walk->loop;
	struct attribute attributes[POINT_MAX_ATTRIBUTES];
	size_t nr = loop->nr_attributes;
	int err = 0;

	if (walk->walk.together || !loop->nr_culprits || nr > POINT_MAX_ATTRIBUTES - 2)
		return 0;
	memcpy(attributes, loop->attributes, nr * sizeof(*attributes));
	for (size_t i = 0; i < loop->nr_culprits && !err; i++) {
		const struct loop_culprit *culprit = &loop->culprits[i];
		const struct point_part part = {cause_name(culprit->cause),
						culprit_stalls(walk, culprit)};

		left[culprit->cause] -= part.value;
		attributes[nr] = ATTRIBUTE_OF_TEXT("code.function.name", culprit->function);
		point_walk_share(&walk->walk, attributes, nr + 1);
		err = point_walk_parts(&walk->walk, STATE, &part, 1);
	}
	point_walk_share(&walk->walk, attributes, nr);
	return err;
}

/* Stalls are rare: a cause appears with its first one, `cpu` from the start. */
int points_loop_blocking_calls(struct loop_walk *walk)
{
	const struct loop_totals *now = walk->loop->totals, *since = walk->since;
	struct point_part parts[NR_CAUSES];
	__u64 left[NR_CAUSES];
	size_t nr = 0;
	int err;

	for (int i = 0; i < NR_CAUSES; i++)
		left[i] = now->stalls[i] - since->stalls[i];
	err = walk_culprits(walk, left);
	for (int i = 0; i < NR_CAUSES; i++) {
		if (now->stalls[i] || i == CAUSE_CPU)
			parts[nr++] = (struct point_part){cause_name(i), left[i]};
	}
	return err ?: point_walk_parts(&walk->walk, STATE, parts, nr);
}

static __u64 syscall_time_ns(const struct loop_totals *totals, int nr)
{
	for (unsigned int i = 0; i < totals->nr_syscalls; i++) {
		if (totals->syscalls[i].nr == nr)
			return totals->syscalls[i].time_ns;
	}
	return 0;
}

/* By order of appearance, not by time: a series once begun goes on, what is in `other` stays. */
int points_loop_blocked_time(struct loop_walk *walk)
{
	const struct loop_totals *now = walk->loop->totals;
	struct point_part parts[TOTALS_NR_SYSCALLS + 1], other = {.name = "other"};
	char names[TOTALS_NR_SYSCALLS][SYSCALL_NAME_LEN];
	bool has_other = false;
	size_t nr = 0;

	for (unsigned int i = 0; i < now->nr_syscalls; i++) {
		const struct window_syscall *call = &now->syscalls[i];
		__u64 time_ns = call->time_ns - syscall_time_ns(walk->since, call->nr);

		if (call->nr != RECORD_SYSCALL_OTHER && nr < walk->figures->max_blocked_syscalls) {
			parts[nr] = (struct point_part){syscall_name(call->nr, names[nr]), time_ns};
			nr++;
		} else {
			other.value += time_ns;
			has_other = true;
		}
	}
	if (has_other)
		parts[nr++] = other;
	return point_walk_parts(&walk->walk, "syscall.name", parts, nr);
}

int points_loop_nodejs_time(struct loop_walk *walk)
{
	const struct loop_totals *now = walk->loop->totals, *since = walk->since;
	struct point_part parts[] = {
		{"active", 0},
		{"idle", now->poll_ns - since->poll_ns},
	};

	for (int i = 0; i < NR_CAUSES; i++)
		parts[0].value += now->cause_ns[i] - since->cause_ns[i];
	return point_walk_parts(&walk->walk, "nodejs.eventloop.state", parts, 2);
}
