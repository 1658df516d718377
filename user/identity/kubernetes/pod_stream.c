/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Cuts the text of a list or watch into objects. It knows strings and brackets only: the objects,
 * and what a list has around its items, are for jansson to read, which refuses what is no JSON.
 */
#include "identity/kubernetes/pod_stream.h"

#include <errno.h>
#include <string.h>

#include "identity/kubernetes/pod_stream_parts.h"

#define MAX_KEPT_CAPACITY 262144 /* of the buffer of objects, from one to the next */

int pod_stream_new(enum pod_stream_kind kind, const struct pod_parse_options *options,
		   pod_event_fn event, void *context, struct pod_stream **ret_stream)
{
	struct pod_stream *stream = calloc(1, sizeof(*stream));

	if (!stream)
		return -ENOMEM;
	stream->kind = kind;
	if (options)
		stream->options = *options;
	stream->event = event;
	stream->context = context;
	stream->error = "";
	*ret_stream = stream;
	return 0;
}

void pod_stream_free(struct pod_stream *stream)
{
	if (!stream)
		return;
	buffer_done(&stream->object);
	buffer_done(&stream->envelope);
	free(stream->continue_token);
	free(stream);
}

int pod_stream_end(struct pod_stream *stream, int result, const char *error)
{
	stream->result = result;
	stream->error = error;
	return result;
}

static int end_no_json(struct pod_stream *stream)
{
	return pod_stream_end(stream, -EBADMSG, "what was received is no JSON of pods");
}

static int end_no_memory(struct pod_stream *stream)
{
	return pod_stream_end(stream, -ENOMEM, "out of memory");
}

static void track_string(struct pod_stream *stream, char c)
{
	if (stream->escaped)
		stream->escaped = false;
	else if (c == '\\')
		stream->escaped = true;
	else if (c == '"')
		stream->in_string = false;
}

/* Never called with a closing bracket at depth 0. */
static void track(struct pod_stream *stream, char c)
{
	if (stream->in_string)
		track_string(stream, c);
	else if (c == '"')
		stream->in_string = true;
	else if (c == '{' || c == '[')
		stream->depth++;
	else if (c == '}' || c == ']')
		stream->depth--;
	if (!stream->in_string && (c == ',' || c == '{' || c == '['))
		stream->nr_values++;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static int finish_object(struct pod_stream *stream)
{
	int r;

	stream->in_object = false;
	r = pod_stream_take_object(stream);
	stream->skipped = false;
	stream->nr_values = stream->nr_outer_values;
	buffer_reset(&stream->object);
	if (stream->object.capacity > MAX_KEPT_CAPACITY)
		buffer_done(&stream->object);
	return r;
}

static int keep_bytes(struct pod_stream *stream, const char *bytes, size_t nr)
{
	if (nr > POD_STREAM_MAX_OBJECT - stream->object.size)
		stream->skipped = true;
	if (stream->skipped)
		buffer_reset(&stream->object);
	else if (buffer_append(&stream->object, bytes, nr))
		return end_no_memory(stream);
	return 0;
}

/* As many of the bytes as are the object's. */
static size_t feed_object(struct pod_stream *stream, const char *bytes, size_t nr_bytes)
{
	size_t nr = 0;

	do {
		track(stream, bytes[nr++]);
		if (stream->depth > POD_STREAM_MAX_DEPTH ||
		    stream->nr_values > POD_STREAM_MAX_VALUES)
			stream->skipped = true;
	} while (nr < nr_bytes && stream->depth > stream->outer_depth);
	if (!keep_bytes(stream, bytes, nr) && stream->depth == stream->outer_depth)
		finish_object(stream);
	return nr;
}

static void begin_object(struct pod_stream *stream)
{
	stream->in_object = true;
	stream->outer_depth = stream->depth;
	stream->nr_outer_values = stream->nr_values;
	stream->nr_values = 0;
}

/* Whether the bracket that follows the envelope so far begins the items. In a text it cannot
 * look so: the quotes would be escaped. */
static bool items_begin(const struct pod_stream *stream, char c)
{
	static const char key[] = "\"items\":";
	const size_t length = sizeof(key) - 1, size = stream->envelope.size;
	const unsigned char *begin = stream->envelope.data;

	return c == '[' && stream->depth == 1 && size > length &&
	       memcmp(begin + size - length, key, length) == 0 &&
	       (begin[size - length - 1] == '{' || begin[size - length - 1] == ',');
}

static int feed_envelope(struct pod_stream *stream, char c)
{
	if (!stream->in_string && is_blank(c))
		return 0;
	if (stream->envelope.size >= POD_STREAM_MAX_OBJECT ||
	    stream->nr_values >= POD_STREAM_MAX_VALUES)
		return pod_stream_end(stream, -EFBIG, "what is around the pods is too large");
	if (items_begin(stream, c))
		stream->place = LIST_ITEMS_BEGIN;
	track(stream, c);
	if (stream->depth > POD_STREAM_MAX_DEPTH)
		return pod_stream_end(stream, -EBADMSG, "what is around the pods is too deep");
	if (buffer_append(&stream->envelope, &c, 1))
		return end_no_memory(stream);
	if (stream->depth > 0)
		return 0;
	stream->place = LIST_AFTER;
	return pod_stream_take_envelope(stream);
}

/* Between items: the object itself is fed by feed_object. */
static int feed_items(struct pod_stream *stream, char c)
{
	bool may_begin = stream->place != LIST_AFTER_ITEM;

	if (is_blank(c))
		return 0;
	if (c == ']' && stream->place != LIST_ITEM_EXPECTED) {
		stream->place = LIST_AROUND;
		return feed_envelope(stream, c);
	}
	if (c == '{' && may_begin)
		begin_object(stream);
	else if (c != ',' || may_begin)
		return end_no_json(stream);
	stream->place = c == ',' ? LIST_ITEM_EXPECTED : LIST_AFTER_ITEM;
	return 0;
}

static int feed_list(struct pod_stream *stream, char c)
{
	switch (stream->place) {
	case LIST_BEFORE:
		if (is_blank(c))
			return 0;
		if (c != '{')
			return end_no_json(stream);
		stream->place = LIST_AROUND;
		return feed_envelope(stream, c);
	case LIST_AROUND:
		return feed_envelope(stream, c);
	case LIST_ITEMS_BEGIN:
	case LIST_AFTER_ITEM:
	case LIST_ITEM_EXPECTED:
		return feed_items(stream, c);
	case LIST_AFTER:
		break;
	}
	return is_blank(c) ? 0 : end_no_json(stream);
}

static int feed_watch(struct pod_stream *stream, char c)
{
	if (is_blank(c))
		return 0;
	if (c != '{')
		return end_no_json(stream);
	begin_object(stream);
	return 0;
}

int pod_stream_feed(struct pod_stream *stream, const void *bytes, size_t nr_bytes)
{
	const char *at = bytes, *end = at + nr_bytes;

	while (at < end && !stream->result) {
		if (!stream->in_object) {
			if (stream->kind == POD_STREAM_LIST)
				feed_list(stream, *at);
			else
				feed_watch(stream, *at);
		}
		/* its first brace is the object's own */
		if (stream->in_object)
			at += feed_object(stream, at, end - at);
		else
			at++;
	}
	return stream->result;
}

const char *pod_stream_error(const struct pod_stream *stream)
{
	return stream->error;
}

bool pod_stream_complete(const struct pod_stream *stream)
{
	return stream->complete && !stream->result;
}

const char *pod_stream_resource_version(const struct pod_stream *stream)
{
	return stream->resource_version;
}

const char *pod_stream_continue(const struct pod_stream *stream)
{
	return stream->continue_token ?: "";
}

unsigned long long pod_stream_bad(const struct pod_stream *stream)
{
	return stream->nr_bad;
}
