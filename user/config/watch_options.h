/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What to watch: the options that every watching command has in common. */
#ifndef LOOPSCOPE_WATCH_OPTIONS_H
#define LOOPSCOPE_WATCH_OPTIONS_H

#include <argp.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "config/label_selector.h"
#include "scope_config.h"

/* Which pods and containers are asked for; NULL: any. */
struct pod_filter {
	const char *namespace, *pod,
		*container; /* globs; a container's name, or its id's beginning */
	struct label_selector *labels;
};

struct watch_options {
	bool all_by_default; /* set before parsing: no target means the whole machine */
	bool no_target;      /* and none was given */
	bool stalls;         /* set before watching: they are told of as they come, with stacks */

	struct scope_config scope;
	pid_t *pids; /* each once */
	size_t nr_pids;
	char *cgroups[SCOPE_MAX_CGROUPS];   /* directories of scope.cgroups */
	const char *edges;                  /* NULL: the best that loads */
	const char *comms[SCOPE_MAX_GLOBS]; /* the texts of scope.globs */
	const char *wait;                   /* as given; NULL: it was not */
	struct pod_filter pods;             /* of those above, only loops in such pods */
};

/* A child parser; its input is a struct watch_options. */
extern const struct argp watch_argp;

/* For parsers that have another option for the threshold of stalls, in milliseconds. */
error_t watch_options_set_blocking(struct watch_options *options, const char *option,
				   const char *text, const struct argp_state *state);

/* Whether anything is asked of pods. */
bool pod_filter_asks(const struct pod_filter *filter);

void watch_options_init(struct watch_options *options);
void watch_options_done(struct watch_options *options);

#endif
