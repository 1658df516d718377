/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Events out of objects: a list's items, a watch's events, a Status in place of either; and what
 * a list tells of itself.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/utf8.h"
#include "identity/kubernetes/pod_stream_parts.h"

#define CHARACTERS_OF_VERSIONS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
#define FIRST_C1 "\xc2\x80" /* control characters beyond ASCII */
#define LAST_C1 "\xc2\x9f"

/* A duplicate key is refused, since two readers could take it for two things. A NUL in a text
 * is not: annotations may have it, and would hide their pod. */
static int load(struct pod_stream *stream, const struct buffer *text, json_t **ret_value)
{
	json_error_t error = {};
	json_t *value = json_loadb((const char *)text->data, text->size,
				   JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);

	if (!value && !*error.text) /* jansson has nothing to say when it has no memory */
		return pod_stream_end(stream, -ENOMEM, "out of memory");
	if (!value)
		return pod_stream_end(stream, -EBADMSG, "an object in it is no valid JSON");
	*ret_value = value;
	return 0;
}

/* "" for none. Texts with a NUL in them are as good as cut there: none of them is compared. */
static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "";
}

static void read_version(const json_t *metadata, char ret_version[POD_STREAM_VERSION_LEN])
{
	const char *text = text_of(metadata, "resourceVersion");
	size_t length = strspn(text, CHARACTERS_OF_VERSIONS);

	if (length < POD_STREAM_VERSION_LEN && !text[length])
		memcpy(ret_version, text, length + 1);
}

static void make_printable(char *text)
{
	for (char *c = text; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f) {
			*c = ' ';
		} else if (strncmp(c, FIRST_C1, 2) >= 0 && strncmp(c, LAST_C1, 2) <= 0) {
			c[0] = ' ';
			c[1] = ' ';
		}
	}
}

static void read_status(const json_t *status, struct pod_event *event)
{
	const char *message = text_of(status, "message");
	long long code = json_integer_value(json_object_get(status, "code"));
	size_t length;

	if (!*message)
		message = text_of(status, "reason");
	length = utf8_cut(message, strlen(message), sizeof(event->message) - 1);
	memcpy(event->message, message, length);
	make_printable(event->message);
	event->type = POD_EVENT_ERROR;
	event->code = code > 0 && code <= INT_MAX ? (int)code : 0;
}

static bool is_status(const json_t *object)
{
	return strcmp(text_of(object, "kind"), "Status") == 0;
}

static int deliver(struct pod_stream *stream, struct pod_event *event)
{
	int r = stream->event(event, stream->context);

	return r ? pod_stream_end(stream, r, "who receives the pods has ended it") : 0;
}

/* Items of a list do not tell their kind. */
static int read_pod(struct pod_stream *stream, const json_t *object, struct pod_event *event)
{
	const char *kind = text_of(object, "kind");
	int r = *kind && strcmp(kind, "Pod") != 0
			? -EINVAL
			: pod_from_json(object, &stream->options, &event->pod);

	if (r == -ENOMEM)
		return pod_stream_end(stream, r, "out of memory");
	if (r)
		stream->nr_bad++;
	return 0;
}

static int take_item(struct pod_stream *stream, const json_t *object)
{
	struct pod_event event = {.type = POD_EVENT_ITEM};

	read_version(json_object_get(object, "metadata"), event.resource_version);
	return read_pod(stream, object, &event) ?: deliver(stream, &event);
}

static bool find_type(const json_t *object, enum pod_event_type *ret_type)
{
	static const struct {
		const char *name;
		enum pod_event_type type;
	} types[] = {
		{"ADDED", POD_EVENT_ADDED},     {"MODIFIED", POD_EVENT_MODIFIED},
		{"DELETED", POD_EVENT_DELETED}, {"BOOKMARK", POD_EVENT_BOOKMARK},
		{"ERROR", POD_EVENT_ERROR},
	};
	const char *name = text_of(object, "type");

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (strcmp(types[i].name, name) == 0) {
			*ret_type = types[i].type;
			return true;
		}
	}
	return false;
}

static int take_watch_event(struct pod_stream *stream, const json_t *outer)
{
	const json_t *object = json_object_get(outer, "object");
	struct pod_event event = {};
	int r = 0;

	if (is_status(outer)) {
		read_status(outer, &event);
		return deliver(stream, &event);
	}
	if (!find_type(outer, &event.type)) {
		stream->nr_bad++;
		return 0;
	}
	if (event.type == POD_EVENT_ERROR) {
		read_status(object, &event);
		return deliver(stream, &event);
	}
	read_version(json_object_get(object, "metadata"), event.resource_version);
	if (event.type != POD_EVENT_BOOKMARK)
		r = read_pod(stream, object, &event);
	return r ?: deliver(stream, &event);
}

static int take_skipped(struct pod_stream *stream)
{
	struct pod_event event = {.type = POD_EVENT_ITEM};

	stream->nr_bad++;
	return stream->kind == POD_STREAM_LIST ? deliver(stream, &event) : 0;
}

int pod_stream_take_object(struct pod_stream *stream)
{
	_cleanup_(json_decrefp) json_t *object = NULL;
	int r;

	if (stream->skipped)
		return take_skipped(stream);
	r = load(stream, &stream->object, &object);
	if (r)
		return r;
	return stream->kind == POD_STREAM_LIST ? take_item(stream, object)
					       : take_watch_event(stream, object);
}

/* The items were cut out: an array that has any is one whose key was written in another way. */
static bool has_no_items(const json_t *list)
{
	const json_t *items = json_object_get(list, "items");

	return !items || json_is_null(items) || (json_is_array(items) && !json_array_size(items));
}

static bool is_token(const char *text)
{
	for (size_t i = 0; text[i]; i++) {
		if (text[i] <= ' ' || text[i] >= 0x7f || i >= POD_STREAM_MAX_CONTINUE)
			return false;
	}
	return true;
}

/* A token that cannot be asked with must not pass for the end of the list. */
static int take_list(struct pod_stream *stream, const json_t *list)
{
	const json_t *metadata = json_object_get(list, "metadata");
	const char *token = text_of(metadata, "continue");

	if (strcmp(text_of(list, "kind"), "PodList") != 0 || !has_no_items(list))
		return pod_stream_end(stream, -EBADMSG, "what was received is no list of pods");
	if (!is_token(token))
		return pod_stream_end(stream, -EBADMSG, "the list's continue token cannot be used");
	if (*token) {
		stream->continue_token = strdup(token);
		if (!stream->continue_token)
			return pod_stream_end(stream, -ENOMEM, "out of memory");
	}
	read_version(metadata, stream->resource_version);
	stream->complete = true;
	return 0;
}

int pod_stream_take_envelope(struct pod_stream *stream)
{
	_cleanup_(json_decrefp) json_t *envelope = NULL;
	struct pod_event event = {};
	int r = load(stream, &stream->envelope, &envelope);

	buffer_done(&stream->envelope);
	if (r)
		return r;
	if (!is_status(envelope))
		return take_list(stream, envelope);
	read_status(envelope, &event);
	return deliver(stream, &event);
}
