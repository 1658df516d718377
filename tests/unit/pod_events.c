/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Writes events down, so that they can be compared. */
#include "pod_events.h"

#include <errno.h>

static bool keep_all(const char *key, void *context)
{
	(void)key;
	(void)context;
	return true;
}

static void write_pod(struct buffer *out, const struct pod *pod)
{
	buffer_printf(out, " %s/%s", pod->namespace, pod->name);
	for (size_t i = 0; i < pod->nr_containers; i++)
		buffer_printf(out, " %s=%.11s:%lld", pod->containers[i].name, pod->containers[i].id,
			      pod->containers[i].restart_count);
}

static int write_event(struct pod_event *event, void *context)
{
	static const char *const types[] = {
		[POD_EVENT_ITEM] = "ITEM",         [POD_EVENT_ADDED] = "ADDED",
		[POD_EVENT_MODIFIED] = "MODIFIED", [POD_EVENT_DELETED] = "DELETED",
		[POD_EVENT_BOOKMARK] = "BOOKMARK", [POD_EVENT_ERROR] = "ERROR",
	};
	struct pod_events *events = context;
	struct buffer *out = &events->lines;

	buffer_printf(out, "%s", types[event->type]);
	if (event->pod)
		write_pod(out, event->pod);
	if (event->pod && events->look)
		events->look(event->pod);
	if (*event->resource_version)
		buffer_printf(out, " at %s", event->resource_version);
	if (event->type == POD_EVENT_ERROR)
		buffer_printf(out, " %d %s", event->code, event->message);
	buffer_append_text(out, "\n");
	pod_free(event->pod);
	return ++events->nr == events->stop_after ? -ECANCELED : 0;
}

static void write_end(struct buffer *out, const struct pod_stream *stream)
{
	const char *token = pod_stream_continue(stream);

	if (pod_stream_complete(stream))
		buffer_printf(out, "complete at %s continue%s%s\n",
			      pod_stream_resource_version(stream), *token ? " " : "", token);
	buffer_printf(out, "bad %llu %s\n", pod_stream_bad(stream), pod_stream_error(stream));
	buffer_append(out, "", 1); /* the terminator */
}

int pod_events_of(enum pod_stream_kind kind, const void *text, size_t size, pod_events_cut_fn cut,
		  void *context, struct pod_events *events)
{
	static const struct pod_parse_options options = {.wanted = keep_all};
	_cleanup_(pod_stream_freep) struct pod_stream *stream = NULL;
	const char *at = text;
	int r = pod_stream_new(kind, &options, write_event, events, &stream);

	for (size_t left = size; !r && left;) {
		size_t piece = cut ? cut(context) ?: 1 : left;

		if (piece > left)
			piece = left;
		r = pod_stream_feed(stream, at, piece);
		at += piece;
		left -= piece;
	}
	if (stream)
		write_end(&events->lines, stream);
	return r;
}

void pod_events_done(struct pod_events *events)
{
	buffer_done(&events->lines);
}
