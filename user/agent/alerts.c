/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Each loop by its group; a line says who, what, how much, and where the time goes. */
#include "agent/alerts.h"

#include <stdio.h>

#include "agent/clocks.h"
#include "agent/groups.h"
#include "base/log.h"
#include "base/syscall_name.h"
#include "view/names.h"

#define WHERE_LEN 96
#define WHO_LEN 640

struct check {
	struct alerts *alerts;
	const struct settings *settings;
};

static bool is_wanted(const struct settings *settings, enum threshold threshold)
{
	for (size_t i = 0; i < settings->nr_groups; i++) {
		if (threshold_limit(&settings->groups[i].thresholds, threshold) > 0)
			return true;
	}
	return false;
}

double alerts_min_stall_age_ms(const struct settings *settings)
{
	double least = 0;

	for (size_t i = 0; i < settings->nr_groups; i++) {
		double age = settings->groups[i].thresholds.stall_age_ms;

		if (age > 0 && (!(least > 0) || age < least))
			least = age;
	}
	return least;
}

/* ": blocked in futex", for a loop that is busy now. */
static const char *where_text(const struct watched_loop *loop, char text[WHERE_LEN])
{
	const struct loop_now *now = watched_loop_now(loop);
	char name[SYSCALL_NAME_LEN];

	text[0] = '\0';
	if (now->state != REPORT_BUSY)
		return text;
	if (now->where_syscall >= 0)
		snprintf(text, WHERE_LEN, ": blocked in %s",
			 syscall_name(now->where_syscall, name));
	else
		snprintf(text, WHERE_LEN, ": %s", cause_name(now->where));
	return text;
}

/* "checkout, pod shop/checkout-7d4b9, container server", as much of it as is known. */
static const char *who_text(const struct attributes *resource, char text[WHO_LEN])
{
	const char *service = attributes_get_text(resource, "service.name");
	const char *namespace = attributes_get_text(resource, "k8s.namespace.name");
	const char *pod = attributes_get_text(resource, "k8s.pod.name");
	const char *container = attributes_get_text(resource, "k8s.container.name");
	int length = snprintf(text, WHO_LEN, "%.127s", service ?: "?");

	if (pod)
		length += snprintf(text + length, WHO_LEN - (size_t)length, ", pod %.63s%s%.253s",
				   namespace ?: "", namespace ? "/" : "", pod);
	if (container)
		snprintf(text + length, WHO_LEN - (size_t)length, ", container %.63s", container);
	return text;
}

static void tell(struct alerts *alerts, struct watched_loop *loop,
		 const struct threshold_crossing *crossing)
{
	const struct attributes *resource = watched_process_attributes(watched_loop_process(loop));
	const struct loop_id *id = watched_loop_id(loop);
	char who[WHO_LEN], where[WHERE_LEN];

	if (!rate_limit_allow(&alerts->lines, clock_monotonic_ns()))
		return;
	if (alerts->lines.held_back != alerts->told_held_back)
		log_warning("%llu lines on thresholds held back before this one",
			    (unsigned long long)(alerts->lines.held_back - alerts->told_held_back));
	alerts->told_held_back = alerts->lines.held_back;
	if (crossing->above)
		log_warning("%s, pid %u, thread %s (%u): %s is %.4g, above %.4g%s",
			    who_text(resource, who), id->pid, watched_loop_thread(loop), id->tid,
			    threshold_name(crossing->threshold), crossing->value, crossing->limit,
			    where_text(loop, where));
	else
		log_info("%s, pid %u, thread %s (%u): %s is back to %.4g, not above %.4g",
			 who_text(resource, who), id->pid, watched_loop_thread(loop), id->tid,
			 threshold_name(crossing->threshold), crossing->value, crossing->limit);
}

static void check(const struct check *check, struct watched_loop *loop, enum threshold threshold,
		  double value)
{
	const struct target_group *group = &check->settings->groups[watched_loop_group(loop)];
	struct threshold_crossing crossing;

	if (!threshold_check(&group->thresholds, threshold, value, watched_loop_thresholds(loop),
			     &crossing))
		return;
	check->alerts->crossings[threshold] += crossing.above;
	tell(check->alerts, loop, &crossing);
}

static void check_stall(struct watched_loop *loop, void *context)
{
	struct loop_gauges gauges;

	if (watched_loop_group(loop) == GROUP_NONE)
		return;
	watched_loop_gauges(loop, &gauges);
	check(context, loop, THRESHOLD_STALL_AGE, gauges.stall_age_ms);
}

void alerts_check_now(struct alerts *alerts, const struct settings *settings,
		      struct registry *registry)
{
	struct check context = {alerts, settings};

	if (is_wanted(settings, THRESHOLD_STALL_AGE))
		registry_each_loop(registry, check_stall, &context);
}

static void check_lag(struct watched_loop *loop, void *context)
{
	const struct check *interval = context;
	int group = watched_loop_group(loop);

	if (group != GROUP_NONE && interval->settings->groups[group].thresholds.lag_p95_ms > 0)
		check(interval, loop, THRESHOLD_LAG_P95, watched_loop_lag_p95_ms(loop));
}

static void check_utilization(struct watched_loop *loop, void *context)
{
	if (watched_loop_group(loop) != GROUP_NONE)
		check(context, loop, THRESHOLD_UTILIZATION, watched_loop_utilization(loop));
}

void alerts_check_interval(struct alerts *alerts, const struct settings *settings,
			   struct registry *registry)
{
	struct check context = {alerts, settings};

	if (is_wanted(settings, THRESHOLD_LAG_P95))
		registry_each_loop(registry, check_lag, &context);
	if (is_wanted(settings, THRESHOLD_UTILIZATION))
		registry_each_loop(registry, check_utilization, &context);
}
