/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How to speak with an API server or a kubelet: where it is, whom to trust, who we are. From the
 * service account of the pod that we run in, or from a kubeconfig. Secrets are in it: it is
 * never printed, and no token is sent without TLS.
 *
 * Proxies are those that other clients of Kubernetes take: the kubeconfig's, else the environment's
 * (https_proxy, no_proxy); never for this machine's own addresses or a kubelet.
 */
#ifndef LOOPSCOPE_CLUSTER_ACCESS_H
#define LOOPSCOPE_CLUSTER_ACCESS_H

#include <curl/curl.h>
#include <stdbool.h>

#include "base/cleanup.h"

#define CLUSTER_ACCESS_ERROR_LEN 512

/* Texts are owned, and "" where there is none. It must outlive the requests that are made of it. */
struct cluster_access {
	char *server;  /* https://10.0.0.1:443, without a slash at its end */
	char *ca_file; /* PEM; "": the system's */
	char *certificate_file, *key_file;
	char *token_file;      /* read before each request: it rotates */
	char *token;           /* instead of a file; secret */
	char *tls_server_name; /* whom the certificate must name, if not the URL's host */
	char *proxy;           /* URL; "": as the environment says */
	bool direct;           /* by no proxy at all */
	bool insecure_skip_verify;
	int data_fds[3]; /* of data that a kubeconfig holds inline (ca, certificate, key): the files
			  * above are then /proc/self/fd/N; -1: none. Closed with the struct */
	struct curl_slist *connect_to; /* for libcurl, of server and tls_server_name; NULL: none */
};

/* All zero is fine, too. */
void cluster_access_done(struct cluster_access *access);

/*
 * From the environment that Kubernetes gives each pod (KUBERNETES_SERVICE_HOST, _PORT) and
 * the files of its service account below `directory` (NULL: where they always are). -ENOENT: we are
 * in no pod; -EINVAL: it is incomplete. `error` (CLUSTER_ACCESS_ERROR_LEN) says what is wrong.
 */
int cluster_access_in_pod(const char *directory, struct cluster_access *ret_access, char *error);

/* The current context of a kubeconfig. -ENOENT, -EACCES, ...; -EINVAL: it holds what is not
 * understood, such as a command to run for credentials. */
int cluster_access_of_kubeconfig(const char *path, struct cluster_access *ret_access, char *error);

/* A kubelet of that URL: certificates and token as of `like`, which may be NULL. -EINVAL: it is no
 * URL of a server; -ENOMEM, -EMFILE. */
int cluster_access_of_kubelet(const char *url, const struct cluster_access *like,
			      struct cluster_access *ret_access);

/*
 * A GET of server + path ("/api/v1/pods?...") as an easy handle with all that is the same for every
 * request: no redirects, no other protocols, close-on-exec, keep-alive, gzip, HTTP/1.1, and the
 * credentials as they are now. The caller adds where to write to and for how long. -EACCES, ...: a
 * file cannot be read; `error` says so, without a secret. ret_headers is freed after the transfer.
 */
int cluster_access_get(const struct cluster_access *access, const char *path, CURL **ret_easy,
		       struct curl_slist **ret_headers, char *error);

#endif
