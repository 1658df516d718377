/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Each event is made as an object, and written. */
#include "view/timeline_json.h"

#include <errno.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1 /* an entry not added has no table */
#include <uthash.h>

#include "base/clock.h"
#include "base/json_values.h"
#include "view/names.h"
#include "view/timeline_stall.h"

#define NS_PER_US 1e3
#define DIGITS 15 /* nanoseconds of eleven days, exactly */
#define MAX_EVENTS 2000000
#define MAX_TRACKS 65536 /* of which it is known that they have been named */

/* Beyond any thread's number, and so that the number can be read out of it. */
#define SHARES_TID 10000000

static const char note[] = "shares of the window: the order in which it went on them is not known";

struct named_track {
	__u64 tid;
	UT_hash_handle hh;
};

struct timeline_json {
	FILE *out;
	__u64 begin_ns;
	__u64 nr_events, max_events, nr_left_out;
	struct named_track *tracks;        /* uthash: the longest known first */
	char process[RECORD_COMM_LEN + 1]; /* texts of the loop at hand */
	char thread[RECORD_COMM_LEN + 1];
	struct loop_id id;
};

static void forget(struct timeline_json *timeline, struct named_track *track)
{
	HASH_DEL(timeline->tracks, track);
	free(track);
}

void timeline_json_free(struct timeline_json *timeline)
{
	if (!timeline)
		return;
	while (timeline->tracks)
		forget(timeline, timeline->tracks);
	free(timeline);
}

static int write_object(struct timeline_json *timeline, json_t *object)
{
	int r = object ? 0 : -ENOMEM;

	if (object) {
		fputs(timeline->nr_events ? ",\n" : "\n", timeline->out);
		json_dumpf(object, timeline->out, JSON_COMPACT | JSON_REAL_PRECISION(DIGITS));
		timeline->nr_events++;
	}
	json_decref(object);
	return r;
}

/* False: there are too many already. */
static bool has_room(struct timeline_json *timeline)
{
	if (timeline->nr_events < timeline->max_events)
		return true;
	timeline->nr_left_out++;
	return false;
}

static json_t *event_object(const struct timeline_json *timeline, const char *phase, __u64 tid,
			    json_t *name)
{
	json_t *object = json_object();

	json_put(&object, "ph", json_string(phase));
	json_put(&object, "pid", json_integer(timeline->id.pid));
	json_put(&object, "tid", json_integer((json_int_t)tid));
	json_put(&object, "name", name);
	return object;
}

static json_t *json_us(const struct timeline_json *timeline, __u64 time_ns)
{
	return json_real(time_ns > timeline->begin_ns ? (time_ns - timeline->begin_ns) / NS_PER_US
						      : 0);
}

/* What began before the recording did begins with it. */
static int write_slice(struct timeline_json *timeline, __u64 tid, __u64 from_ns, __u64 to_ns,
		       const char *category, json_t *name, json_t *arguments)
{
	const __u64 begin_ns = timeline->begin_ns;
	const __u64 from = from_ns > begin_ns ? from_ns : begin_ns;
	json_t *object;

	if (to_ns < from || !has_room(timeline)) {
		json_decref(name);
		json_decref(arguments);
		return 0;
	}
	object = event_object(timeline, "X", tid, name);
	json_put(&object, "cat", json_string(category));
	json_put(&object, "ts", json_us(timeline, from));
	json_put(&object, "dur", json_real((to_ns - from) / NS_PER_US));
	if (arguments)
		json_put(&object, "args", arguments);
	return write_object(timeline, object);
}

static int write_instant(struct timeline_json *timeline, __u64 time_ns, json_t *name,
			 json_t *arguments)
{
	json_t *object;

	if (time_ns < timeline->begin_ns || !has_room(timeline)) {
		json_decref(name);
		json_decref(arguments);
		return 0;
	}
	object = event_object(timeline, "i", timeline->id.tid, name);
	json_put(&object, "s", json_string("t"));
	json_put(&object, "cat", json_string("stall"));
	json_put(&object, "ts", json_us(timeline, time_ns));
	json_put(&object, "args", arguments);
	return write_object(timeline, object);
}

static int write_metadata(struct timeline_json *timeline, __u64 tid, const char *what,
			  const char *key, json_t *value)
{
	json_t *object = event_object(timeline, "M", tid, json_string(what));
	json_t *arguments = json_object();

	json_put(&arguments, key, value);
	json_put(&object, "args", arguments);
	return write_object(timeline, object);
}

static int name_track(struct timeline_json *timeline, __u64 tid, const char *what)
{
	struct named_track *track;
	char text[2 * RECORD_COMM_LEN + 32];
	int r;

	HASH_FIND(hh, timeline->tracks, &tid, sizeof(tid), track);
	if (track)
		return 0;
	while (HASH_COUNT(timeline->tracks) >= MAX_TRACKS)
		forget(timeline, timeline->tracks);
	track = calloc(1, sizeof(*track));
	if (!track)
		return -ENOMEM;
	track->tid = tid;
	HASH_ADD(hh, timeline->tracks, tid, sizeof(tid), track);
	if (!track->hh.tbl) {
		free(track);
		return -ENOMEM;
	}
	snprintf(text, sizeof(text), "%s: %s", timeline->thread, what);
	r = write_metadata(timeline, tid, "process_name", "name", json_text(timeline->process));
	return r ?: write_metadata(timeline, tid, "thread_name", "name", json_text(text));
}

/* Whose events follow. */
static void turn_to(struct timeline_json *timeline, const struct loop_id *id,
		    const char process[RECORD_COMM_LEN], const char thread[RECORD_COMM_LEN])
{
	timeline->id = *id;
	memcpy(timeline->process, process, RECORD_COMM_LEN);
	memcpy(timeline->thread, thread, RECORD_COMM_LEN);
}

static json_t *share_arguments(const struct window_share *share)
{
	const double window_ns = share->to_ns - share->from_ns;
	json_t *object = json_object(), *times = json_object();

	json_put(&times, "poll", json_ms(share->poll_ns));
	for (int i = 0; i < NR_CAUSES; i++)
		json_put(&times, cause_name(i), json_ms(share->cause_ns[i]));
	json_put(&object, "utilization", json_figure(1 - share->poll_ns / window_ns));
	json_put(&object, "iterations", json_integer((json_int_t)share->iterations));
	json_put(&object, "time_ms", times);
	json_put(&object, "note", json_string(note));
	return object;
}

static int write_causes(struct timeline_json *timeline, const struct window_share *share,
			__u64 at_ns)
{
	const __u64 tid = share->id.tid + (__u64)SHARES_TID;
	int r = 0;

	for (int i = 0; i < NR_CAUSES && !r; i++) {
		if (share->cause_ns[i])
			r = write_slice(timeline, tid, at_ns, at_ns + share->cause_ns[i], "cause",
					json_string(cause_name(i)), NULL);
		at_ns += share->cause_ns[i];
	}
	return r;
}

int timeline_json_add_share(struct timeline_json *timeline, const struct window_share *share)
{
	const __u64 tid = share->id.tid + (__u64)SHARES_TID;
	const __u64 busy_from_ns = share->from_ns + share->poll_ns;
	int r;

	turn_to(timeline, &share->id, share->process, share->thread);
	if (timeline->nr_events >= timeline->max_events) {
		timeline->nr_left_out++;
		return 0;
	}
	r = name_track(timeline, tid, "shares of each window")
		    ?: write_slice(timeline, tid, share->from_ns, share->to_ns, "window",
				   json_string("window"), share_arguments(share));
	if (!r && share->poll_ns)
		r = write_slice(timeline, tid, share->from_ns, busy_from_ns, "poll",
				json_string("poll"), NULL);
	if (r || busy_from_ns == share->to_ns)
		return r;
	return write_slice(timeline, tid, busy_from_ns, share->to_ns, "busy", json_string("busy"),
			   NULL)
		       ?: write_causes(timeline, share, busy_from_ns);
}

/* Each from the one before it, or the stall's beginning, on; the last to the end. */
static int write_stacks(struct timeline_json *timeline, const struct stall *stall)
{
	__u64 from_ns = stall->start_ns;
	int r = 0;

	for (size_t i = 0; i < stall->nr_stacks && !r; i++) {
		const struct stall_stack *part = &stall->stacks[i];
		__u64 to_ns = from_ns + part->weight_ns;

		if (i + 1 == stall->nr_stacks || to_ns > stall->until_ns)
			to_ns = stall->until_ns;
		r = write_slice(timeline, stall->id.tid, from_ns, to_ns,
				cause_name(part->stack->cause), timeline_stack_name(part->stack),
				timeline_stack_arguments(stall, part->stack));
		from_ns = to_ns;
	}
	return r;
}

static int write_instants(struct timeline_json *timeline, const struct stall *stall)
{
	const __u64 begun_ns = stall->start_ns + stall->blocking_ns;
	int r = 0;

	if (begun_ns <= stall->until_ns)
		r = write_instant(timeline, begun_ns, json_string("stall begun"),
				  timeline_begun_arguments(stall));
	if (!r && stall->woken)
		r = write_instant(timeline, stall->until_ns, json_string("woken"),
				  timeline_woken_arguments(stall));
	return r;
}

int timeline_json_add_stall(struct timeline_json *timeline, const struct loop_entry *entry)
{
	const struct stall *stall = entry->stall;
	int r;

	turn_to(timeline, &stall->id, stall->process, stall->thread);
	r = name_track(timeline, stall->id.tid, "stalls")
		    ?: write_slice(timeline, stall->id.tid, stall->start_ns, stall->until_ns,
				   "stall", timeline_stall_name(stall),
				   timeline_stall_arguments(entry));
	return r ?: write_stacks(timeline, stall) ?: write_instants(timeline, stall);
}

int timeline_json_new(const struct timeline_json_options *options,
		      struct timeline_json **ret_timeline)
{
	struct timeline_json *timeline = calloc(1, sizeof(*timeline));
	const struct pictured_host *host = options->host;
	char begin[CLOCK_TEXT_LEN];
	json_auto_t *other = json_object();

	json_put(&other, "begin", json_string(clock_text(host->begin_unix_ns, begin)));
	json_put(&other, "host", json_text(host->hostname));
	json_put(&other, "kernel", json_text(host->kernel));
	json_put(&other, "loopscope", json_text(host->version));
	json_put(&other, "note", json_string(note));
	if (!timeline || !other) {
		free(timeline);
		return -ENOMEM;
	}
	timeline->out = options->out;
	timeline->begin_ns = host->begin_ns;
	timeline->max_events = options->max_events ?: MAX_EVENTS;
	fputs("{\"displayTimeUnit\":\"ms\",\"otherData\":", timeline->out);
	json_dumpf(other, timeline->out, JSON_COMPACT);
	fputs(",\"traceEvents\":[", timeline->out);
	*ret_timeline = timeline;
	return 0;
}

int timeline_json_finish(struct timeline_json *timeline, __u64 *ret_left_out)
{
	fprintf(timeline->out, "\n],\"eventsLeftOut\":%llu}\n", timeline->nr_left_out);
	*ret_left_out = timeline->nr_left_out;
	return 0;
}
