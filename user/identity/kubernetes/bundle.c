/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A table of the files in which runtimes keep what they know of a container, each read by the
 * words of its runtime. A word is believed only where the runtime itself has the last say on
 * it: a pod's author chooses annotations, and who made an image its labels.
 */
#include "identity/kubernetes/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/whole_file.h"

#define MAX_BYTES 4194304 /* JSON of so many may take the hundredfold of memory */
#define ID_LEN (CONTAINER_ID_LEN - 1)
#define TASKS "/io.containerd.runtime.v2.task/"
#define STORAGE "/containers/storage/overlay-containers/"

/* Which key holds what. */
struct words {
	const char *pod_uid, *pod_name, *pod_namespace, *container_name, *image;
};

/* The kubelet's labels of a container. */
#define KUBELET_WORDS                                                             \
	.pod_uid = "io.kubernetes.pod.uid", .pod_name = "io.kubernetes.pod.name", \
	.pod_namespace = "io.kubernetes.pod.namespace",                           \
	.container_name = "io.kubernetes.container.name"

static const struct words containerd_words = {
	.pod_uid = "io.kubernetes.cri.sandbox-uid", /* since 1.6.11 */
	.pod_name = "io.kubernetes.cri.sandbox-name",
	.pod_namespace = "io.kubernetes.cri.sandbox-namespace",
	.container_name = "io.kubernetes.cri.container-name",
	.image = "io.kubernetes.cri.image-name",
};

static const struct words nerdctl_words = {.container_name = "nerdctl/name"};
static const struct words crio_words = {KUBELET_WORDS, .image = "io.kubernetes.cri-o.ImageName"};
static const struct words kubelet_words = {KUBELET_WORDS};

/* What does not fit is left out: half a name is another's. */
static void put(char *ret_text, size_t size, const char *text)
{
	size_t length = text ? strlen(text) : 0;

	if (length && length < size)
		memcpy(ret_text, text, length + 1);
}

static const char *text_of(const json_t *object, const char *key)
{
	return key ? json_string_value(json_object_get(object, key)) : NULL;
}

static void put_words(const json_t *object, const struct words *words, struct bundle *bundle)
{
	put(bundle->pod_uid, sizeof(bundle->pod_uid), text_of(object, words->pod_uid));
	put(bundle->pod_name, sizeof(bundle->pod_name), text_of(object, words->pod_name));
	put(bundle->pod_namespace, sizeof(bundle->pod_namespace),
	    text_of(object, words->pod_namespace));
	put(bundle->container_name, sizeof(bundle->container_name),
	    text_of(object, words->container_name));
	put(bundle->image, sizeof(bundle->image), text_of(object, words->image));
}

/* The configuration of the OCI runtime. */
static void read_oci(const json_t *file, const struct words *words, struct bundle *bundle)
{
	put_words(json_object_get(file, "annotations"), words, bundle);
}

/* Docker's own. The kubelet's names for its containers are k8s_CONTAINER_POD_NAMESPACE_... */
static void read_docker(const json_t *file, struct bundle *bundle)
{
	const json_t *config = json_object_get(file, "Config");
	const char *name = text_of(file, "Name"), *image = text_of(config, "Image");

	if (name && *name == '/')
		name++;
	put(bundle->container_name, sizeof(bundle->container_name), name);
	if (image && strncmp(image, "sha256:", strlen("sha256:")) != 0)
		put(bundle->image, sizeof(bundle->image), image);
	if (name && strncmp(name, "k8s_", strlen("k8s_")) == 0)
		put_words(json_object_get(config, "Labels"), &kubelet_words, bundle);
}

/* The list of podman's containers; what else podman keeps is JSON within a text. */
static void read_podman(const json_t *file, const char *container_id, struct bundle *bundle)
{
	const json_t *container;
	size_t i;

	json_array_foreach(file, i, container)
	{
		_cleanup_(json_decrefp) json_t *metadata = NULL;
		const char *id = text_of(container, "id"), *text = text_of(container, "metadata");
		const json_t *names = json_object_get(container, "names");

		if (!id || strcmp(id, container_id) != 0)
			continue;
		put(bundle->container_name, sizeof(bundle->container_name),
		    json_string_value(json_array_get(names, 0)));
		metadata = text ? json_loads(text, 0, NULL) : NULL;
		put(bundle->image, sizeof(bundle->image), text_of(metadata, "image-name"));
		return;
	}
}

enum kind { CONTAINERD, NERDCTL, CRIO, DOCKER, PODMAN };

static const struct source {
	enum kind kind;
	const char *before, *after; /* the container's id in the path; after is NULL: it is not */
} sources[] = {
	{CONTAINERD, "/run/containerd" TASKS "k8s.io/", "/config.json"},
	{CONTAINERD, "/run/k3s/containerd" TASKS "k8s.io/", "/config.json"}, /* RKE2's, too */
	{CONTAINERD, "/run/k0s/containerd" TASKS "k8s.io/", "/config.json"},
	{CONTAINERD, "/var/snap/microk8s/common/run/containerd" TASKS "k8s.io/", "/config.json"},
	{CRIO, "/run" STORAGE, "/userdata/config.json"},
	{DOCKER, "/var/lib/docker/containers/", "/config.v2.json"},
	{DOCKER, "/var/snap/docker/common/var-lib-docker/containers/", "/config.v2.json"},
	{NERDCTL, "/run/containerd" TASKS "default/", "/config.json"},
	{PODMAN, "/var/lib" STORAGE "containers.json", NULL},
	{PODMAN, "/var/lib" STORAGE "volatile-containers.json", NULL}, /* those of run --rm */
};

static void read_kind(enum kind kind, const json_t *file, const char *container_id,
		      struct bundle *bundle)
{
	switch (kind) {
	case CONTAINERD:
		read_oci(file, &containerd_words, bundle);
		break;
	case NERDCTL:
		read_oci(file, &nerdctl_words, bundle);
		break;
	case CRIO:
		read_oci(file, &crio_words, bundle);
		break;
	case DOCKER:
		read_docker(file, bundle);
		break;
	case PODMAN:
		read_podman(file, container_id, bundle);
		break;
	}
}

static int load(const char *path, json_t **ret_file)
{
	_cleanup_(freep) char *text = NULL;
	json_t *file;
	size_t size;
	int r = whole_file_read_nofollow(path, MAX_BYTES, &text, &size);

	if (r == -ENOTDIR)
		return -ENOENT;
	if (r)
		return r == -ELOOP || r == -EISDIR || r == -EINVAL ? -EBADMSG : r;
	file = json_loadb(text, size, 0, NULL);
	if (!file)
		return -EBADMSG;
	*ret_file = file;
	return 0;
}

/* -ENOENT: the file is not there, or tells nothing of the container. */
static int read_source(const struct source *source, const char *root, const char *container_id,
		       struct bundle *ret_bundle)
{
	_cleanup_(freep) char *path = NULL;
	_cleanup_(json_decrefp) json_t *file = NULL;
	static const struct bundle nothing;
	struct bundle bundle = {};
	int r;

	if (asprintf(&path, "%s%s%s%s", root, source->before, source->after ? container_id : "",
		     source->after ?: "") < 0) {
		path = NULL;
		return -ENOMEM;
	}
	r = load(path, &file);
	if (r)
		return r;
	read_kind(source->kind, file, container_id, &bundle);
	if (!memcmp(&bundle, &nothing, sizeof(bundle)))
		return -ENOENT;
	*ret_bundle = bundle;
	return 0;
}

static bool is_id(const char *text)
{
	return strlen(text) == ID_LEN && strspn(text, "0123456789abcdef") == ID_LEN;
}

int bundle_read(const char *root, const char *container_id, struct bundle *ret_bundle)
{
	int problem = -ENOENT;

	if (!is_id(container_id))
		return -ENOENT;
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		int r = read_source(&sources[i], root, container_id, ret_bundle);

		if (!r || r == -ENOMEM)
			return r;
		if (problem == -ENOENT) /* what stopped us first, if it is nowhere else */
			problem = r;
	}
	return problem;
}

static int try_place(const char *root, const char *place)
{
	_cleanup_(freep) char *path = NULL;
	_cleanup_(closep) int fd = -1;

	if (asprintf(&path, "%s%s", root, place) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return fd < 0 ? -errno : 0;
}

size_t bundle_places(const char *root, struct bundle_place ret_places[BUNDLE_MAX_PLACES])
{
	size_t nr = 0;

	_Static_assert(sizeof(sources) / sizeof(sources[0]) <= BUNDLE_MAX_PLACES, "room for all");
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		int r = try_place(root, sources[i].before);

		if (r != -ENOENT && r != -ENOTDIR)
			ret_places[nr++] = (struct bundle_place){sources[i].before, r};
	}
	return nr;
}
