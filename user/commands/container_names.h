/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The container and the pod that a cgroup is of, by what the node's container runtime keeps, and
 * where labels are asked for, by what Kubernetes tells.
 */
#ifndef LOOPSCOPE_CONTAINER_NAMES_H
#define LOOPSCOPE_CONTAINER_NAMES_H

#include "base/cleanup.h"
#include "config/watch_options.h"
#include "view/snapshot.h"

#define CONTAINER_NAMES_ERROR_LEN 1280

struct container_names;

/* `filter` must outlive it. -errno; `error` says what to do about it. */
int container_names_new(const struct pod_filter *filter, struct container_names **ret_names,
			char error[CONTAINER_NAMES_ERROR_LEN]);
void container_names_free(struct container_names *names);
DEFINE_CLEANUP(struct container_names *, container_names_free)

/* Readable when Kubernetes has told something; -1: it is not asked. */
int container_names_fd(const struct container_names *names);

/* Whether what is known of a cgroup may change: Kubernetes is, or was, asked. */
bool container_names_follows(const struct container_names *names);

/* Takes some of it; does not wait. */
void container_names_update(struct container_names *names);

/* Kubernetes tells nothing any more: labels are as they were then. */
bool container_names_stale(const struct container_names *names);

/* What is known of the cgroup's container; NULL: it is of none. Valid until the next call. */
const struct entry_container *container_names_of(struct container_names *names, const char *cgroup);

/* Whether the filter lets pass what is in the cgroup that was last looked at. */
bool container_names_pass(const struct container_names *names);

#endif
