/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A pod of this node: what is kept of it, which is what attributes and targets need. */
#ifndef LOOPSCOPE_POD_H
#define LOOPSCOPE_POD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "identity/container/cgroup_containers.h"

/*
 * What is beyond is left out: of a hostile pod, or one that cannot be. So are labels that
 * Kubernetes does not allow for their length, since half a value would match what the whole does
 * not; a longer annotation is cut at a character.
 */
#define POD_NAME_LEN 254 /* RFC 1123 subdomain and terminator: names of all kinds of objects */
#define POD_MAX_CONTAINERS 256
#define POD_MAX_LABELS 256      /* of labels, and of annotations that are wanted */
#define POD_MAX_LABEL_KEY 317   /* bytes: a DNS name of 253, a slash, 63 */
#define POD_MAX_LABEL_VALUE 255 /* bytes; 63 as of now */
#define POD_MAX_ANNOTATION 4096 /* bytes of a value: as much as an attribute holds */
#define POD_MAX_IMAGE_LEN 1024

enum pod_container_kind { POD_CONTAINER, POD_INIT_CONTAINER, POD_EPHEMERAL_CONTAINER };

struct pod_container {
	char *name;  /* "": none that can be */
	char *image; /* as its specification has it: for a status, all tags of an image are one.
		      * "": not told */
	enum pod_container_kind kind;
	char id[CONTAINER_ID_LEN];          /* of the latest run; "": none yet */
	char previous_id[CONTAINER_ID_LEN]; /* of the run before: lastState.terminated; "": none */
	long long restart_count;            /* of the latest run; the previous one has one less */
};

struct pod_label {
	char *key, *value;
};

struct pod {
	char uid[POD_UID_LEN]; /* metadata.uid, in lower case */
	/* Of a static pod: what its cgroups have for uid; "": other pod. Believed of a mirror
	 * pod (annotations kubernetes.io/config.hash and .mirror alike) and where it is the uid:
	 * anybody may write config.hash on a pod, but what has .mirror is not run. */
	char config_hash[POD_UID_LEN];
	char *name, *namespace, *node_name;
	/* The controller's: "ReplicaSet", "web-6d4cf56db6"; "": none. A kind that is not
	 * Kubernetes' own has its group: "Job.batch.volcano.sh". */
	char *owner_kind, *owner_name;
	bool deleting;            /* deletionTimestamp is set */
	bool ended;               /* phase Succeeded or Failed */
	struct pod_label *labels; /* all of them, sorted by key */
	size_t nr_labels;
	struct pod_label *annotations; /* those wanted, sorted by key */
	size_t nr_annotations;
	struct pod_container *containers;
	size_t nr_containers;
	size_t nr_bytes; /* of memory, about */
};

/* Which annotations are kept; NULL: none. Called with the key. */
typedef bool (*pod_annotation_wanted_fn)(const char *key, void *context);

struct pod_parse_options {
	pod_annotation_wanted_fn wanted;
	void *context;
};

/*
 * A Pod object as API server and kubelet write it. Fields of wrong type are as good as missing;
 * texts that are no valid UTF-8 never come so far (jansson). -EINVAL: it is no pod (without
 * uid, name or namespace, or these are no such); -ENOMEM.
 */
int pod_from_json(const json_t *object, const struct pod_parse_options *options,
		  struct pod **ret_pod);
void pod_free(struct pod *pod);
DEFINE_CLEANUP(struct pod *, pod_free)

/* The container of that id, whichever run it is; ret_restart_count is of that run. NULL: none. */
const struct pod_container *pod_container_of_id(const struct pod *pod, const char *id,
						long long *ret_restart_count);

/* NULL: none. */
const char *pod_label(const struct pod *pod, const char *key);
const char *pod_annotation(const struct pod *pod, const char *key);

/* Both look alike to all that reads them: a change need not be told of. */
bool pod_equal(const struct pod *a, const struct pod *b);

#endif
