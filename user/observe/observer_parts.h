/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The observer as its own files see it: observer.c owns all of it. */
#ifndef LOOPSCOPE_OBSERVER_PARTS_H
#define LOOPSCOPE_OBSERVER_PARTS_H

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "observe/observer.h"
#include "observe/programs.h"

#include "loopscope.skel.h" /* after the types it uses */

struct observer {
	struct hooks hooks;
	int refusal; /* why no hooks could be chosen, and in words */
	char error[OBSERVER_ERROR_LEN];
	struct loopscope_bpf *skeleton;
	struct program_links links;
	struct bpf_link *walk;
	struct bpf_link *unseen_walk; /* NULL: no stalls are told of */
	uint64_t watch_interval_ns;
	struct ring_buffer *ring;
	pid_t *pids;
	size_t nr_pids;
	uint64_t started_ns;
	observer_record_fn callback;
	void *context;
};

DEFINE_CLEANUP(struct observer *, observer_free)

/* Runs an iterator that sends no records, from its attachment to its end. */
int observer_run_once(struct observer *observer, struct bpf_program *program);

/* Runs one to its end; the ring is drained each time that it stops for that. */
int observer_iterate(struct observer *observer, struct bpf_link *link, observer_record_fn callback,
		     void *context);

/* What stalls need: before load, and after it. */
void observer_configure_stalls(struct observer *observer, const struct observer_options *options);
int observer_prepare_watch(struct observer *observer);

/* Makes loops of those that sleep in a wait call now; from then on of threads that enter one. */
int observer_scan(struct observer *observer);

#endif
