/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Between the two halves of a pod_stream: pod_stream.c cuts the bytes into objects,
 * pod_stream_events.c makes events of them.
 */
#ifndef LOOPSCOPE_POD_STREAM_PARTS_H
#define LOOPSCOPE_POD_STREAM_PARTS_H

#include "base/buffer.h"
#include "identity/kubernetes/pod_stream.h"

enum list_place {
	LIST_BEFORE,        /* its first brace has not come yet */
	LIST_AROUND,        /* in the envelope: what is around the items */
	LIST_ITEMS_BEGIN,   /* after the items' [ */
	LIST_AFTER_ITEM,    /* after one of them */
	LIST_ITEM_EXPECTED, /* after a comma between them */
	LIST_AFTER,         /* nothing may follow */
};

struct pod_stream {
	enum pod_stream_kind kind;
	struct pod_parse_options options;
	pod_event_fn event;
	void *context;

	/* where in the text we are */
	size_t depth;
	size_t nr_values; /* of the object, or else around it */
	bool in_string, escaped;
	enum list_place place;

	/* the object that is being cut out, if any: a list's item, or a watch's event */
	bool in_object;
	bool skipped; /* it is too large, too deep, or has too many values */
	size_t outer_depth, nr_outer_values;
	struct buffer object;
	struct buffer envelope; /* of a list, without its items and blanks */

	int result;        /* of feeding; not 0: it has ended */
	const char *error; /* static */
	bool complete;
	char resource_version[POD_STREAM_VERSION_LEN];
	char *continue_token; /* NULL: none */
	unsigned long long nr_bad;
};

/* Ends the stream: `error` is a static text. Returns the result. */
int pod_stream_end(struct pod_stream *stream, int result, const char *error);

/* One object is whole, or was skipped; the list's envelope is. Each returns the stream's result. */
int pod_stream_take_object(struct pod_stream *stream);
int pod_stream_take_envelope(struct pod_stream *stream);

#endif
