/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the groups that loops belong to mean for them, as it is decided and decided anew. */
#include <math.h>
#include <stdint.h>

#include "agent/collector_parts.h"
#include "agent/groups.h"
#include "base/clock.h"
#include "observe/observer.h"

#define NS_PER_MS 1e6

__u64 collector_blocking_ns(const struct settings *settings, int group)
{
	return (__u64)llround(settings->groups[group].thresholds.blocking_ms * NS_PER_MS);
}

void collector_put_exclusion(struct collector *collector, const struct loop_id *id)
{
	policies_put(collector->policies, id, &(struct loop_policy){.excluded = true});
}

/* Its distribution is kept for a threshold only, from now on. */
static void keep_lag(const struct collector *collector, struct watched_loop *loop)
{
	if (collector->settings->groups[watched_loop_group(loop)].thresholds.lag_p95_ms > 0)
		watched_loop_lag_p95_ms(loop);
}

void collector_put_threshold(struct collector *collector, struct watched_loop *loop,
			     __u64 blocking_ns)
{
	const struct pod_link *pod = watched_process_pod(watched_loop_process(loop));
	const struct loop_policy policy = {
		.blocking_ns = pod->blocking_ns
				       ?: collector_blocking_ns(collector->settings,
								watched_loop_group(loop)),
	};

	if (policy.blocking_ns != blocking_ns)
		policies_put(collector->policies, watched_loop_id(loop), &policy);
	keep_lag(collector, loop);
}

static void leave_out(struct collector *collector, struct watched_loop *loop)
{
	collector->left_out |= admission_pods_decide(collector->admission, loop);
	collector_put_exclusion(collector, watched_loop_id(loop));
}

static void set_group(struct collector *collector, struct watched_loop *loop, int group)
{
	watched_loop_set_group(loop, group);
	if (group == GROUP_NONE) {
		leave_out(collector, loop);
		registry_exclude_loop(collector->registry, loop);
	} else {
		collector_put_threshold(collector, loop, watched_loop_now(loop)->blocking_ns);
	}
}

void collector_regroup(struct watched_loop *loop, void *context)
{
	struct collector *collector = context;

	set_group(collector, loop, admission_group(collector->admission, loop));
}

static void regroup_living(struct watched_loop *loop, void *context)
{
	if (!watched_loop_ended(loop))
		collector_regroup(loop, context);
}

/* Nobody has been told of it: if it is not to be watched, it never was. */
static void regroup_released(struct watched_loop *loop, void *context)
{
	struct collector *collector = context;
	int group = admission_group(collector->admission, loop);
	bool lives = !watched_loop_ended(loop);

	if (group == GROUP_NONE) {
		if (lives)
			leave_out(collector, loop);
		registry_drop_loop(collector->registry, loop);
	} else if (lives) {
		set_group(collector, loop, group);
	}
}

static void on_settled(struct watched_process *process, bool released, void *context)
{
	registry_each_loop_of(process, released ? regroup_released : regroup_living, context);
}

void collector_settle(struct collector *collector)
{
	__u64 now_ns = collector->releasing ? UINT64_MAX : clock_monotonic_ns();

	admission_settle(collector->admission, now_ns, on_settled, collector);
}

void collector_release(struct collector *collector)
{
	collector->releasing = true;
	collector_settle(collector);
}

static void regroup_in_pod(struct watched_process *process, void *context)
{
	const struct collector *collector = context;

	if (watched_process_pod(process)->knowledge == POD_NOT_IN_ONE)
		return;
	admission_rethreshold(collector->admission, process);
	registry_each_loop_of(process, regroup_living, context);
}

/* A process whose pod is known keeps its resource; but labels decide on groups, and thresholds. */
void collector_pods_changed(struct collector *collector)
{
	const struct settings *settings = collector->settings;

	collector->pods_changed = true;
	collector_settle(collector);
	if (groups_ask_pods(settings) || settings->kubernetes.annotated_thresholds)
		registry_each_process(collector->registry, regroup_in_pod, collector);
}

void collector_reconsider(struct collector *collector)
{
	if (!collector->left_out || !collector->pods_changed)
		return;
	policies_forget_exclusions(collector->policies);
	if (observer_reconsider(collector->observer))
		return; /* after the next interval */
	collector->left_out = collector->pods_changed = false;
}

void collector_set_pods(struct collector *collector, const struct pods *pods)
{
	admission_set_pods(collector->admission, pods);
}

bool collector_waits(const struct collector *collector)
{
	return admission_held(collector->admission) > 0;
}
