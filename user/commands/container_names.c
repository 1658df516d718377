/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Each container's configuration is read once, by its id, which is no other's ever. Pods that
 * Kubernetes tells of come first: they know of containers that another runtime keeps.
 */
#include "commands/container_names.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HASH_NONFATAL_OOM 1 /* an entry not added has no table */
#include <uthash.h>

#include "base/clock.h"
#include "base/log.h"
#include "commands/pods_child.h"
#include "identity/kubernetes/bundle.h"
#include "identity/kubernetes/service_account.h"

#define MAX_KEPT 4096
#define MAX_PODS 10000
#define GRACE_NS 300000000000ULL
#define SHORT_ID_LEN 12 /* as container tools show one */

_Static_assert(CONTAINER_NAMES_ERROR_LEN >= PODS_CHILD_ERROR_LEN, "its errors are handed on");

struct kept_name {
	char id[CONTAINER_ID_LEN];
	struct entry_container container;
	UT_hash_handle hh;
};

struct container_names {
	const struct pod_filter *filter;
	struct kept_name *kept;   /* uthash, the oldest first */
	struct pods *pods;        /* NULL: nobody is asked for labels */
	struct pods_child *child; /* NULL while pods is not: it has ended */
	/* of the cgroup that was last looked at; the pod is of this time */
	bool in_container;
	struct entry_container found;
	const struct pod *pod;
};

static void forget(struct container_names *names, struct kept_name *kept)
{
	HASH_DEL(names->kept, kept);
	free(kept);
}

void container_names_free(struct container_names *names)
{
	if (!names)
		return;
	pods_child_free(names->child);
	pods_free(names->pods);
	while (names->kept)
		forget(names, names->kept);
	free(names);
}

static int follow_pods(struct container_names *names, bool wait, char *error)
{
	const struct pods_options options = {
		.max_pods = MAX_PODS, .max_bytes = PODS_MAX_BYTES, .grace_ns = GRACE_NS};
	int r = pods_new(&options, &names->pods);

	r = r ?: pods_child_start(names->pods, wait, &names->child, error);
	if (r) {
		pods_free(names->pods);
		names->pods = NULL;
	}
	return r;
}

/* Variables alone say nothing: a shell that left the pod's files (chroot) still has them. */
static bool is_in_pod(void)
{
	return getenv("KUBERNETES_SERVICE_HOST") &&
	       !access(SERVICE_ACCOUNT_DIRECTORY "/" SERVICE_ACCOUNT_TOKEN, F_OK);
}

/*
 * Labels only Kubernetes knows. In a pod, such as the agent's, what the node's runtime keeps is
 * mostly out of reach, and Kubernetes has to tell names too: where they are asked for, or as
 * soon as it will.
 */
static int ask_kubernetes(struct container_names *names, char *error)
{
	bool asked = pod_filter_asks(names->filter);
	int r;

	if (names->filter->labels)
		return follow_pods(names, true, error);
	if (!is_in_pod())
		return 0;
	r = follow_pods(names, asked, error);
	if (r == -ENOMEM || r == -ECANCELED || !r)
		return r;
	if (asked)
		log_warning("%s; only what container runtimes keep in files here is known", error);
	return 0;
}

int container_names_new(const struct pod_filter *filter, struct container_names **ret_names,
			char error[CONTAINER_NAMES_ERROR_LEN])
{
	_cleanup_(container_names_freep) struct container_names *names = calloc(1, sizeof(*names));
	int r;

	snprintf(error, CONTAINER_NAMES_ERROR_LEN, "out of memory");
	if (!names)
		return -ENOMEM;
	names->filter = filter;
	r = ask_kubernetes(names, error);
	if (r)
		return r;
	*ret_names = TAKE_PTR(names);
	return 0;
}

int container_names_fd(const struct container_names *names)
{
	return names->child ? pods_child_fd(names->child) : -1;
}

bool container_names_follows(const struct container_names *names)
{
	return names->pods;
}

void container_names_update(struct container_names *names)
{
	if (!names->child)
		return;
	names->pod = NULL;
	if (pods_child_read(names->child)) {
		pods_child_free(names->child);
		names->child = NULL;
	}
	pods_expire(names->pods, clock_monotonic_ns());
}

bool container_names_stale(const struct container_names *names)
{
	return names->pods && !names->child && pod_filter_asks(names->filter);
}

static void copy(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from);
}

#define COPY(field, text) copy(field, sizeof(field), text)

static void read_bundle(const char *id, struct entry_container *container)
{
	struct bundle bundle = {};

	COPY(container->id, id);
	if (bundle_read("", id, &bundle))
		return;
	COPY(container->name, bundle.container_name);
	COPY(container->pod, bundle.pod_name);
	COPY(container->namespace, bundle.pod_namespace);
}

static void keep(struct container_names *names, const struct entry_container *container)
{
	struct kept_name *kept = calloc(1, sizeof(*kept));

	while (names->kept && HASH_COUNT(names->kept) >= MAX_KEPT)
		forget(names, names->kept);
	if (!kept)
		return;
	COPY(kept->id, container->id);
	kept->container = *container;
	HASH_ADD_STR(names->kept, id, kept);
	if (!kept->hh.tbl)
		free(kept);
}

static void by_runtime(struct container_names *names, const char *id)
{
	struct kept_name *kept;

	HASH_FIND_STR(names->kept, id, kept);
	if (kept) {
		names->found = kept->container;
		return;
	}
	read_bundle(id, &names->found);
	keep(names, &names->found);
}

static void by_pod(const struct pod_place *place, struct entry_container *container)
{
	COPY(container->pod, place->pod->name);
	COPY(container->namespace, place->pod->namespace);
	if (place->container)
		COPY(container->name, place->container->name);
}

const struct entry_container *container_names_of(struct container_names *names, const char *cgroup)
{
	struct cgroup_containers containers;
	const struct cgroup_container *container;
	struct pod_place place = {};

	cgroup_containers_parse(cgroup, &containers);
	container = cgroup_containers_main(&containers);
	names->in_container = container;
	names->found = (struct entry_container){};
	names->pod = NULL;
	if (!container)
		return NULL;
	if (*container->id)
		by_runtime(names, container->id);
	if (names->pods)
		pods_place(names->pods, &containers, &place);
	if (place.pod)
		by_pod(&place, &names->found);
	names->pod = place.pod;
	return &names->found;
}

static bool passes(const char *glob, const char *text)
{
	return !glob || (*text && fnmatch(glob, text, 0) == 0);
}

static bool container_passes(const char *glob, const struct entry_container *container)
{
	size_t length = glob ? strlen(glob) : 0;

	return passes(glob, container->name) ||
	       (length >= SHORT_ID_LEN && strncmp(glob, container->id, length) == 0);
}

static const char *label_of(const void *pod, const char *key)
{
	return pod_label(pod, key);
}

bool container_names_pass(const struct container_names *names)
{
	const struct pod_filter *filter = names->filter;
	const struct entry_container *container = &names->found;

	if (!pod_filter_asks(filter))
		return true;
	if (!names->in_container || !passes(filter->namespace, container->namespace) ||
	    !passes(filter->pod, container->pod) || !container_passes(filter->container, container))
		return false;
	return !filter->labels ||
	       (names->pod && label_selector_matches(filter->labels, label_of, names->pod));
}
