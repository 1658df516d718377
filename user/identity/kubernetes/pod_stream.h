/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Bytes from an API server or kubelet into pods, as they arrive: a PodList (its items one by one,
 * so that a list of any length takes the memory of one pod), or the events of a watch.
 * Hostile: an object that is larger than POD_STREAM_MAX_OBJECT, nested more deeply than
 * POD_STREAM_MAX_DEPTH, or of more than POD_STREAM_MAX_VALUES is skipped and counted, since whoever
 * may make a pod could blind us to all others otherwise. What is no JSON, or no list of pods, ends
 * the stream with an error. Pure.
 */
#ifndef LOOPSCOPE_POD_STREAM_H
#define LOOPSCOPE_POD_STREAM_H

#include "base/cleanup.h"
#include "identity/kubernetes/pod.h"

#define POD_STREAM_MAX_OBJECT 4194304 /* bytes; etcd's own limit is 1.5 MB */
#define POD_STREAM_MAX_DEPTH 64       /* what is around the object included */
#define POD_STREAM_MAX_VALUES 65536   /* each takes some 200 bytes; real pods have a thousand */
#define POD_STREAM_MAX_CONTINUE 8192
#define POD_STREAM_VERSION_LEN 64
#define POD_STREAM_ERROR_LEN 256

enum pod_stream_kind { POD_STREAM_LIST, POD_STREAM_WATCH };

enum pod_event_type {
	POD_EVENT_ITEM,  /* of a list */
	POD_EVENT_ADDED, /* of a watch, from here on */
	POD_EVENT_MODIFIED,
	POD_EVENT_DELETED,
	POD_EVENT_BOOKMARK, /* no pod */
	POD_EVENT_ERROR,    /* no pod; a Status in place of a list is told as one, too */
};

struct pod_event {
	enum pod_event_type type;
	/* The callee's; NULL: no pod, or none that can be read (counted). Of a watch, what is too
	 * large is counted only: it cannot be told what happened. */
	struct pod *pod;
	char resource_version[POD_STREAM_VERSION_LEN]; /* "": not given, or no such */
	int code;                                      /* of an error: 410, ... */
	char message[POD_STREAM_ERROR_LEN];            /* of an error, printable */
};

/* Owns event->pod from here on. Not 0: the stream ends, and pod_stream_feed returns it. */
typedef int (*pod_event_fn)(struct pod_event *event, void *context);

struct pod_stream;

int pod_stream_new(enum pod_stream_kind kind, const struct pod_parse_options *options,
		   pod_event_fn event, void *context, struct pod_stream **ret_stream);
void pod_stream_free(struct pod_stream *stream);
DEFINE_CLEANUP(struct pod_stream *, pod_stream_free)

/*
 * -EBADMSG: no JSON, or not of the kind; -EFBIG: what is around a list's items is too large;
 * -ENOMEM; or what the callback returned. More that is fed after an error is not looked at;
 * pod_stream_error says what was wrong, as a clause without a full stop.
 */
int pod_stream_feed(struct pod_stream *stream, const void *bytes, size_t nr_bytes);
const char *pod_stream_error(const struct pod_stream *stream); /* "": nothing */

/* Of a list, once it is whole; never if it was a Status. */
bool pod_stream_complete(const struct pod_stream *stream);
const char *pod_stream_resource_version(const struct pod_stream *stream); /* metadata's; "": none */
const char *pod_stream_continue(const struct pod_stream *stream); /* metadata.continue; "": none */

/* Objects that are no pods, ever. */
unsigned long long pod_stream_bad(const struct pod_stream *stream);

#endif
