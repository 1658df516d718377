/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Settings into sources: who is asked for pods, and with which credentials. */
#include <errno.h>
#include <string.h>

#include "identity/kubernetes/pod_watch_parts.h"

/* What is known of both before either has a driver. */
struct sources {
	bool api, kubelet;
	struct cluster_access api_access, kubelet_access;
};

static void sources_done(struct sources *sources)
{
	if (sources->api)
		cluster_access_done(&sources->api_access);
	if (sources->kubelet)
		cluster_access_done(&sources->kubelet_access);
}

static int fail(char *error, int result, const char *text)
{
	snprintf(error, POD_WATCH_ERROR_LEN, "%s", text);
	return result;
}

/* By the key that is to be changed. Outside of a pod, only `api` cannot do without a kubeconfig. */
static void explain(const struct kubernetes_settings *settings, int r, const char *why, char *error)
{
	if (*settings->kubeconfig)
		snprintf(error, POD_WATCH_ERROR_LEN, "kubernetes.kubeconfig: %s", why);
	else if (r == -ENOENT)
		snprintf(error, POD_WATCH_ERROR_LEN,
			 "kubernetes.pods is api, but %s; set kubernetes.kubeconfig to the file "
			 "that "
			 "tells where the API server is",
			 why);
	else
		snprintf(error, POD_WATCH_ERROR_LEN, "%s", why);
}

/* -ENOENT: there is no API server that we could know of. */
static int find_api(const struct kubernetes_settings *settings, struct sources *sources,
		    char *error)
{
	char why[CLUSTER_ACCESS_ERROR_LEN] = "";
	int r;

	if (*settings->kubeconfig)
		r = cluster_access_of_kubeconfig(settings->kubeconfig, &sources->api_access, why);
	else
		r = cluster_access_in_pod(NULL, &sources->api_access, why);
	sources->api = !r;
	if (r)
		explain(settings, r, *why ? why : strerror(-r), error);
	return r;
}

static int replace(char **text, const char *by)
{
	char *copy = strdup(by);

	if (!copy)
		return -ENOMEM;
	free(*text);
	*text = copy;
	return 0;
}

static int find_kubelet(const struct kubernetes_settings *settings, struct sources *sources)
{
	const struct cluster_access *like = sources->api ? &sources->api_access : NULL;
	struct cluster_access *access = &sources->kubelet_access;
	int r;

	if (!*settings->kubelet_endpoint)
		return 0;
	r = cluster_access_of_kubelet(settings->kubelet_endpoint, like, access);
	if (r)
		return r;
	sources->kubelet = true;
	access->insecure_skip_verify |= settings->kubelet_insecure_skip_verify;
	return *settings->kubelet_ca_file ? replace(&access->ca_file, settings->kubelet_ca_file)
					  : 0;
}

static int find_for_api(const struct kubernetes_settings *settings, struct sources *sources,
			char *error)
{
	int r = find_api(settings, sources, error);

	if (r == -ENOENT && settings->pods == PODS_FROM_AUTO && !*settings->kubeconfig)
		return 0;
	if (r)
		return r;
	if (!*settings->node_name)
		return fail(error, -EINVAL,
			    "kubernetes.node_name is not set: the API server is asked for the pods "
			    "of one node alone; set it, in a pod from spec.nodeName: an "
			    "environment variable K8S_NODE_NAME with valueFrom.fieldRef");
	return settings->pods == PODS_FROM_AUTO ? find_kubelet(settings, sources) : 0;
}

/* On its port for all, without TLS, a kubelet wants none, and is shown none. */
static bool wants_credentials(const struct kubernetes_settings *settings)
{
	return strncmp(settings->kubelet_endpoint, "http:", strlen("http:")) != 0;
}

/* The credentials of a pod or kubeconfig serve a kubelet, too. */
static int find_for_kubelet(const struct kubernetes_settings *settings, struct sources *sources,
			    char *error)
{
	int r;

	if (!*settings->kubelet_endpoint)
		return fail(error, -EINVAL,
			    "kubernetes.kubelet.endpoint is empty: set the URL of this node's "
			    "kubelet, such as https://127.0.0.1:10250");
	r = find_api(settings, sources, error);
	if (r && (*settings->kubeconfig || (r != -ENOENT && wants_credentials(settings))))
		return r;
	r = find_kubelet(settings, sources);
	if (sources->api)
		cluster_access_done(&sources->api_access);
	sources->api = false;
	return r;
}

static int find(const struct kubernetes_settings *settings, struct sources *sources, char *error)
{
	switch (settings->pods) {
	case PODS_FROM_AUTO:
	case PODS_FROM_API:
		return find_for_api(settings, sources, error);
	case PODS_FROM_KUBELET:
		return find_for_kubelet(settings, sources, error);
	case PODS_FROM_NONE:
		break;
	}
	return 0;
}

static int make_drivers(sd_event *event, struct sources *sources, struct pod_watch_drivers *drivers)
{
	int r = 0;

	if (sources->api) {
		sources->api = false;
		r = pod_transfer_new(event, &sources->api_access, &drivers->api);
		drivers->has_api = !r;
	}
	if (!r && sources->kubelet) {
		sources->kubelet = false;
		r = pod_transfer_new(event, &sources->kubelet_access, &drivers->kubelet);
		drivers->has_kubelet = !r;
	}
	if (r && drivers->has_api)
		drivers->api.free(drivers->api.context);
	return r;
}

int pod_watch_drivers_new(sd_event *event, const struct kubernetes_settings *settings,
			  struct pod_watch_drivers *ret_drivers, char *error)
{
	_cleanup_(sources_done) struct sources sources = {};
	struct pod_watch_drivers drivers = {};
	int r;

	fail(error, 0, "cannot make ready to ask for pods");
	r = find(settings, &sources, error);
	if (!r)
		r = make_drivers(event, &sources, &drivers);
	if (r)
		return r;
	*ret_drivers = drivers;
	return 0;
}
