/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "agent/stall_outlet.h"

#include <errno.h>

#include "agent/clocks.h"
#include "agent/groups.h"
#include "model/stall_id.h"
#include "export/stall_log.h"
#include "view/frame_text.h"

#define NS_PER_MS 1e6

static __u64 age_ns(const struct stall *stall)
{
	return stall->until_ns - stall->start_ns;
}

/* Of one that goes on: whether it is old enough, or twice as old as when it was told of last. */
static bool is_due(const struct stall_outlet *outlet, const struct stall *stall,
		   const struct loop_stalls *stalls)
{
	if ((double)age_ns(stall) < outlet->settings->stalls.tell_after_ms * NS_PER_MS)
		return false;
	return stalls->told_start_ns != stall->start_ns || age_ns(stall) >= 2 * stalls->told_age_ns;
}

static void log_stall(struct stall_outlet *outlet, struct watched_loop *loop,
		      const struct stall *stall)
{
	struct loop_stalls *stalls = watched_loop_stalls(loop);
	const struct stall_log_options options = {
		.unix_offset_ns = clock_unix_from_monotonic(0),
		.observed_unix_ns = clock_unix_ns(),
		.loop = watched_loop_text(loop),
		.error_factor = outlet->settings->stalls.error_factor,
		.told = stalls->told_start_ns == stall->start_ns,
	};
	struct log_record record;

	if (!log_shipper_wants(outlet->logs))
		return;
	outlet->log_records.limit = outlet->settings->stalls.logs_per_minute;
	if (!rate_limit_allow(&outlet->log_records, clock_monotonic_ns()) ||
	    stall_log_make(stall, &options, &record)) {
		log_shipper_count_dropped(outlet->logs);
		return;
	}
	log_shipper_add(outlet->logs, watched_process_key(watched_loop_process(loop)), &record);
}

static void tell_on(struct stall_outlet *outlet, struct watched_loop *loop,
		    const struct stall *stall)
{
	struct loop_stalls *stalls = watched_loop_stalls(loop);

	if (!is_due(outlet, stall, stalls))
		return;
	log_stall(outlet, loop, stall);
	stalls->told_start_ns = stall->start_ns;
	stalls->told_age_ns = age_ns(stall);
}

/* A process whose pod is not known yet is not told of; its profiles do not wait for that. */
static void profile_stall(const struct stall_outlet *outlet, struct watched_loop *loop,
			  const struct stall *stall)
{
	struct watched_process *process = watched_loop_process(loop);

	if (!watched_process_pod(process)->held)
		profile_shipper_add(outlet->profiles, stall, watched_process_attributes(process),
				    clock_unix_from_monotonic(0));
}

static void note_exemplar(const struct stall_outlet *outlet, struct watched_loop *loop,
			  const struct stall *stall)
{
	struct loop_exemplar *longest = &watched_loop_stalls(loop)->longest;
	double ms = (double)age_ns(stall) / NS_PER_MS;

	if (!outlet->settings->stalls.exemplars || ms <= longest->value_ms)
		return;
	*longest = (struct loop_exemplar){
		.value_ms = ms,
		.time_unix_ns = clock_unix_from_monotonic(stall->until_ns),
		.cause = stall->cause,
		.thread_id = stall->id.tid,
		.thread = watched_loop_thread(loop),
	};
	stall_id_text(stall, longest->stall_id);
}

static void note_culprit(const struct stall_outlet *outlet, struct watched_loop *loop,
			 const struct stall *stall)
{
	_cleanup_(buffer_done) struct buffer name = {};
	const struct stack_frame *frame = NULL;

	if (outlet->settings->stalls.culprit_attribute && stall->state == STALL_ENDED)
		frame = stall_culprit(stall, NULL);
	if (!frame || !frame_text_is_name(frame))
		return;
	frame_text_append_plain(&name, frame);
	if (!buffer_append(&name, "", 1))
		registry_note_culprit(outlet->registry, loop, (const char *)name.data, stall->cause,
				      stall->until_ns);
}

int stall_outlet_take(enum stall_event event, const struct stall *stall, void *context)
{
	struct stall_outlet *outlet = context;
	struct watched_loop *loop = registry_loop(outlet->registry, &stall->id);

	if (!loop || watched_loop_excluded(loop) || watched_loop_group(loop) == GROUP_NONE)
		return 0;
	if (event != STALL_EVENT_ENDED) {
		tell_on(outlet, loop, stall);
		return 0;
	}
	outlet->nr_stalls++;
	log_stall(outlet, loop, stall);
	profile_stall(outlet, loop, stall);
	note_exemplar(outlet, loop, stall);
	note_culprit(outlet, loop, stall);
	return 0;
}

void stall_outlet_fill(const struct stall_outlet *outlet, struct agent_figures *agent)
{
	agent->stalls = outlet->nr_stalls;
}
