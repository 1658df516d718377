/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Matching a loop with the patterns of target groups. What is not known of it
 * matches no pattern, so that `container: "*"` means whatever is in one; but a pod
 * that may yet be told.
 */
#include "agent/groups.h"

#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "config/label_selector.h"
#include "identity/proc.h"

#define SHORT_ID_LEN 12 /* what container tools show of an id */

static bool glob_matches(const char *pattern, const char *text)
{
	return *text && fnmatch(pattern, text, 0) == 0;
}

static bool comm_matches(const char *pattern, const struct group_subject *subject)
{
	return glob_matches(pattern, subject->process) || glob_matches(pattern, subject->thread);
}

static bool executable_matches(const char *pattern, const struct group_subject *subject)
{
	char path[PATH_MAX];
	const char *name;

	snprintf(path, sizeof(path), "%s", subject->executable);
	proc_strip_deleted(path);
	name = strrchr(path, '/');
	if (strchr(pattern, '/') || !name)
		return glob_matches(pattern, path);
	return glob_matches(pattern, name + 1);
}

static const char *without_slash(const char *path)
{
	return *path == '/' ? path + 1 : path;
}

static bool cgroup_matches(const char *pattern, const struct group_subject *subject)
{
	char path[PATH_MAX], *slash;

	if (!*subject->cgroup)
		return false;
	if (!strcmp(pattern, "/")) /* above all */
		return true;
	pattern = without_slash(pattern);
	snprintf(path, sizeof(path), "%s", without_slash(subject->cgroup));
	while (fnmatch(pattern, path, 0)) {
		slash = strrchr(path, '/');
		if (!slash)
			return false;
		*slash = '\0';
	}
	return true;
}

/* A pattern without wildcards may be the short form of an id. */
static bool container_matches(const char *pattern, const struct group_subject *subject)
{
	size_t length = strlen(pattern);

	return glob_matches(pattern, subject->container) ||
	       (length >= SHORT_ID_LEN && !strncmp(pattern, subject->container, length));
}

static const char *label_of(const void *pod, const char *key)
{
	return pod_label(pod, key);
}

/* What is not known counts as `unknown`. */
static bool pod_matches(const struct target_match *match, const struct group_subject *subject,
			bool unknown)
{
	const struct pod *pod = subject->pod;
	const char *name = subject->container_name ?: "";

	if (*match->namespace && !(pod ? glob_matches(match->namespace, pod->namespace) : unknown))
		return false;
	if (*match->pod_name && !(pod ? glob_matches(match->pod_name, pod->name) : unknown))
		return false;
	if (match->selector &&
	    !(pod ? label_selector_matches(match->selector, label_of, pod) : unknown))
		return false;
	return !*match->container_name ||
	       (*name ? glob_matches(match->container_name, name) : unknown);
}

static bool matches(const struct target_match *match, const struct group_subject *subject,
		    bool unknown)
{
	return (!*match->comm || comm_matches(match->comm, subject)) &&
	       (!*match->executable || executable_matches(match->executable, subject)) &&
	       (!*match->cgroup || cgroup_matches(match->cgroup, subject)) &&
	       (!*match->container || container_matches(match->container, subject)) &&
	       pod_matches(match, subject, unknown);
}

static bool any_matches(const struct target_match *list, size_t nr,
			const struct group_subject *subject, bool unknown)
{
	for (size_t i = 0; i < nr; i++) {
		if (matches(&list[i], subject, unknown))
			return true;
	}
	return false;
}

int groups_match(const struct settings *settings, const struct group_subject *subject)
{
	for (size_t i = 0; i < settings->nr_groups; i++) {
		const struct target_group *group = &settings->groups[i];

		if (group->nr_include &&
		    !any_matches(group->include, group->nr_include, subject, subject->pod_pending))
			continue;
		if (!any_matches(group->exclude, group->nr_exclude, subject, false))
			return (int)i;
	}
	return GROUP_NONE;
}

bool groups_exclude_by_name(const struct settings *settings, const struct group_subject *subject)
{
	for (size_t i = 0; i < settings->nr_groups; i++) {
		const struct target_group *group = &settings->groups[i];

		if (!group->nr_include)
			return false;
		for (size_t j = 0; j < group->nr_include; j++) {
			const char *comm = group->include[j].comm;

			if (!*comm || comm_matches(comm, subject))
				return false;
		}
	}
	return true;
}

static bool any_asks_pods(const struct target_match *list, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		if (target_match_asks_pods(&list[i]))
			return true;
	}
	return false;
}

bool groups_ask_pods(const struct settings *settings)
{
	for (size_t i = 0; i < settings->nr_groups; i++) {
		const struct target_group *group = &settings->groups[i];

		if (any_asks_pods(group->include, group->nr_include) ||
		    any_asks_pods(group->exclude, group->nr_exclude))
			return true;
	}
	return false;
}
