/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Every item is bytes before it is anything else, so that the history of a session is put together
 * from the very same as that of its recording.
 */
#include "commands/session_feed.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "commands/container_names.h"
#include "identity/identity.h"
#include "model/decode.h"
#include "stall.h"

#define MAX_IDENTITIES 64 /* the history keeps what is read */

_Static_assert(SESSION_ERROR_LEN >= CONTAINER_NAMES_ERROR_LEN, "errors of names are handed on");

struct session_feed {
	const struct session_listener *listener;
	struct history *history;
	struct identity_cache *identities;
	struct container_names *names;
	struct buffer item; /* the one being made */
	struct buffer unseen, told_unseen;
	struct buffer told_summary;
	void (*heard)(const struct process_key *key, void *context);
	void *heard_context;
	int error;
};

void session_feed_free(struct session_feed *feed)
{
	if (!feed)
		return;
	container_names_free(feed->names);
	identity_cache_free(feed->identities);
	history_free(feed->history);
	buffer_done(&feed->item);
	buffer_done(&feed->unseen);
	buffer_done(&feed->told_unseen);
	buffer_done(&feed->told_summary);
	free(feed);
}

int session_feed_new(const struct pod_filter *filter, const struct session_listener *listener,
		     struct session_feed **ret_feed, char error[SESSION_ERROR_LEN])
{
	_cleanup_(session_feed_freep) struct session_feed *feed = calloc(1, sizeof(*feed));
	int r;

	snprintf(error, SESSION_ERROR_LEN, "out of memory");
	if (!feed)
		return -ENOMEM;
	feed->listener = listener;
	r = history_new(NULL, &feed->history)
		    ?: identity_cache_new(MAX_IDENTITIES, &feed->identities)
			       ?: container_names_new(filter, &feed->names, error);
	if (r)
		return r;
	*ret_feed = TAKE_PTR(feed);
	return 0;
}

int session_feed_error(const struct session_feed *feed)
{
	return feed->error;
}

struct history *session_feed_history(const struct session_feed *feed)
{
	return feed->history;
}

struct history *session_feed_take_history(struct session_feed *feed)
{
	return TAKE_PTR(feed->history);
}

/* 0, or 1 if the history counted the item and left it at that; or -errno, which is kept. */
static int tell(struct session_feed *feed, enum item_kind kind, const void *data, size_t size)
{
	const struct session_listener *listener = feed->listener;
	int taken, r;

	if (feed->error)
		return feed->error;
	taken = history_take(feed->history, kind, data, size);
	r = taken < 0 ? taken : 0;
	if (!r && listener && listener->take)
		r = listener->take(kind, data, size, listener->context);
	if (r)
		feed->error = r;
	return r ?: taken;
}

static int tell_buffer(struct session_feed *feed, enum item_kind kind, const struct buffer *buffer)
{
	if (buffer->error)
		return feed->error = buffer->error;
	return tell(feed, kind, buffer->data, buffer->size);
}

#define COPY(field, text) snprintf(field, sizeof(field), "%s", text)

/* Whether the filter lets it pass, and what is known of its container by now. */
static void look_up_container(struct session_feed *feed, struct process_facts *facts)
{
	const struct entry_container *container = container_names_of(feed->names, facts->cgroup);

	facts->in_container = container;
	facts->container = container ? *container : (struct entry_container){};
	facts->hidden = !container_names_pass(feed->names);
}

static void tell_process(struct session_feed *feed, const struct process_facts *facts)
{
	buffer_reset(&feed->item);
	item_put_process(&feed->item, facts);
	tell_buffer(feed, ITEM_PROCESS, &feed->item);
}

/* Read while the process is there, which may not be for long. */
static void learn_process(struct session_feed *feed, const struct process_key *key)
{
	struct process_facts facts = {.key = *key};
	const struct process_identity *identity;

	if (history_process(feed->history, key))
		return;
	identity = identity_of(feed->identities, key->pid, key->start_ns, key->exec_id);
	COPY(facts.runtime, identity->runtime ?: "");
	COPY(facts.runtime_version, identity->runtime_version);
	COPY(facts.loop_library, identity->loop_library ?: "");
	COPY(facts.loop_library_version, identity->loop_library_version);
	COPY(facts.executable, identity->executable);
	COPY(facts.cgroup, identity->cgroup);
	look_up_container(feed, &facts);
	tell_process(feed, &facts);
	if (feed->heard)
		feed->heard(key, feed->heard_context);
}

void session_feed_on_process(struct session_feed *feed,
			     void (*heard)(const struct process_key *key, void *context),
			     void *context)
{
	feed->heard = heard;
	feed->heard_context = context;
}

static void learn_of_record(struct session_feed *feed, const void *record, size_t size)
{
	struct loop_window window;

	if (size < sizeof(window)) /* another kind: those of loops are longer */
		return;
	memcpy(&window, record, sizeof(window));
	if (window.header.kind != RECORD_LOOP_WINDOW && window.header.kind != RECORD_LOOP_GONE)
		return;
	learn_process(feed, &(struct process_key){window.process_start_ns, window.id.exec_id,
						  window.id.pid});
}

/* Before it is told: whose stall it is shows at once. */
static void learn_of_stall(struct session_feed *feed, const void *record)
{
	struct stall_record stall;

	if (!decode_stall(record, &stall))
		learn_process(feed, &(struct process_key){stall.process_start_ns, stall.id.exec_id,
							  stall.id.pid});
}

/* A ring reserves more than it fills: only the record itself is told. */
void session_feed_record(const void *record, size_t size, void *context)
{
	struct session_feed *feed = context;
	struct record_header header;

	if (!decode_header(record, size, &header)) {
		size = header.size;
		if (record_is_stall(header.kind))
			learn_of_stall(feed, record);
	}
	if (!tell(feed, ITEM_RECORD, record, size))
		learn_of_record(feed, record, size);
}

int session_feed_stack(struct session_feed *feed, const void *data, size_t size)
{
	tell(feed, ITEM_STACK, data, size);
	return feed->error;
}

void session_feed_unseen(struct session_feed *feed, const struct loop_report *report)
{
	learn_process(feed, &(struct process_key){report->process_start_ns, report->id.exec_id,
						  report->id.pid});
	item_put_unseen(&feed->unseen, report);
}

/* Told only if it is not what was told before; `now` is empty then. */
static int tell_change(struct session_feed *feed, enum item_kind kind, struct buffer *now,
		       struct buffer *told)
{
	struct buffer kept = *told;

	if (now->size == told->size && !now->error &&
	    (!now->size || !memcmp(now->data, told->data, now->size))) {
		buffer_reset(now);
		return feed->error;
	}
	*told = *now;
	*now = kept;
	buffer_reset(now);
	return tell_buffer(feed, kind, told);
}

int session_feed_unseen_done(struct session_feed *feed)
{
	return tell_change(feed, ITEM_UNSEEN, &feed->unseen, &feed->told_unseen);
}

int session_feed_summary(struct session_feed *feed, const struct summary *summary)
{
	buffer_reset(&feed->item);
	item_put_summary(&feed->item, summary);
	return tell_change(feed, ITEM_SUMMARY, &feed->item, &feed->told_summary);
}

int session_feed_mark(struct session_feed *feed, enum item_kind kind)
{
	const struct item_mark mark = {clock_monotonic_ns(), clock_boottime_ns(), clock_unix_ns()};

	buffer_reset(&feed->item);
	item_put_mark(&feed->item, &mark);
	return tell_buffer(feed, kind, &feed->item);
}

int session_feed_names_fd(const struct session_feed *feed)
{
	return container_names_fd(feed->names);
}

bool session_feed_labels_stale(const struct session_feed *feed)
{
	return container_names_stale(feed->names);
}

__u64 session_feed_unanswered(const struct session_feed *feed)
{
	return apart_unanswered(identity_cache_apart(feed->identities));
}

static bool same_container(const struct process_facts *a, const struct process_facts *b)
{
	return a->hidden == b->hidden && a->in_container == b->in_container &&
	       !strcmp(a->container.id, b->container.id) &&
	       !strcmp(a->container.name, b->container.name) &&
	       !strcmp(a->container.pod, b->container.pod) &&
	       !strcmp(a->container.namespace, b->container.namespace);
}

static int look_again(const struct process_facts *facts, void *context)
{
	struct session_feed *feed = context;
	struct process_facts now = *facts;

	look_up_container(feed, &now);
	if (!same_container(&now, facts))
		tell_process(feed, &now);
	return feed->error;
}

int session_feed_update_names(struct session_feed *feed)
{
	if (!container_names_follows(feed->names))
		return feed->error;
	container_names_update(feed->names);
	return history_visit_processes(feed->history, look_again, feed);
}
