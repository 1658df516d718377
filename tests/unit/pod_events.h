/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The events of a pod_stream as text, a line each; for tests, and for fuzzing. */
#ifndef LOOPSCOPE_TESTS_POD_EVENTS_H
#define LOOPSCOPE_TESTS_POD_EVENTS_H

#include "base/buffer.h"
#include "identity/kubernetes/pod_stream.h"

struct pod_events {
	struct buffer lines; /* "ADDED web/a 7 main=ID:3\n"; what it comes to at the end */
	size_t nr;
	size_t stop_after; /* that many events, with -ECANCELED; 0: never */
	void (*look)(
		const struct pod *pod); /* at each pod; all annotations are kept. NULL: no need */
};

/* Feeds the text in pieces whose sizes `cut` tells of; 0 counts as 1. The stream's result. */
typedef size_t (*pod_events_cut_fn)(void *context);
int pod_events_of(enum pod_stream_kind kind, const void *text, size_t size, pod_events_cut_fn cut,
		  void *context, struct pod_events *events);
void pod_events_done(struct pod_events *events);

#endif
