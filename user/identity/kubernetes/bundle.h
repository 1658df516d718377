/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Pod and container by what the runtime itself keeps on this node: containerd's and CRI-O's
 * configuration of the container (annotations io.kubernetes.*), Docker's labels. Needs no
 * credentials and no network, but the node's own file system; for the command line.
 */
#ifndef LOOPSCOPE_BUNDLE_H
#define LOOPSCOPE_BUNDLE_H

#include "identity/container/cgroup_containers.h"
#include "identity/kubernetes/pod.h"

/* Texts are "" where not known. */
struct bundle {
	char pod_uid[POD_UID_LEN];
	char pod_name[POD_NAME_LEN];
	char pod_namespace[POD_NAME_LEN];
	char container_name[POD_NAME_LEN]; /* in the pod; of a plain container its own name */
	char image[POD_MAX_IMAGE_LEN];
};

/* root: "" but in tests. -ENOENT: no runtime here knows it; -EBADMSG, -EACCES, -EFBIG, -ENOMEM. */
int bundle_read(const char *root, const char *container_id, struct bundle *ret_bundle);

/* Where a runtime keeps such files, and there is something. */
struct bundle_place {
	const char *path; /* static */
	int error;        /* 0, or -errno: it cannot be read */
};

#define BUNDLE_MAX_PLACES 16

/* As far as can be told: not what is in a directory that cannot be entered. */
size_t bundle_places(const char *root, struct bundle_place ret_places[BUNDLE_MAX_PLACES]);

#endif
