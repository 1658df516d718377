/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which target group of the settings a loop belongs to. Pure. */
#ifndef LOOPSCOPE_GROUPS_H
#define LOOPSCOPE_GROUPS_H

#include "config/settings/settings.h"
#include "identity/kubernetes/pod.h"

#define GROUP_NONE (-1)

/* What patterns are matched with; "" where it is not known. */
struct group_subject {
	const char *thread;
	const char *process;
	const char *executable;
	const char *cgroup;
	const char *container;
	const struct pod *pod;      /* NULL: in none, or not known */
	const char *container_name; /* in that pod; NULL too: not known */
	/*
	 * Which pod it is may be told later: until then, what a pattern asks of pods counts as met
	 * by what is included, and not met by what is excluded.
	 */
	bool pod_pending;
};

/* The index of the first group that includes it and does not exclude it, or GROUP_NONE. */
int groups_match(const struct settings *settings, const struct group_subject *subject);

/*
 * Whether its names alone show that no group includes it, so that nothing else need be
 * read of it. Of the subject only `thread` and `process` are looked at.
 */
bool groups_exclude_by_name(const struct settings *settings, const struct group_subject *subject);

/* Whether any group asks for pods, so that which one a process is in decides on more than names. */
bool groups_ask_pods(const struct settings *settings);

#endif
