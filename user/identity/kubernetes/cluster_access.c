/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Access of a pod by its service account, of a kubelet, and what both share with kubeconfigs. */
#include "identity/kubernetes/cluster_access.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/curl_cleanup.h"
#include "base/whole_file.h"
#include "identity/kubernetes/cluster_access_parts.h"
#include "identity/kubernetes/service_account.h"

int cluster_access_fail(char *error, int err, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(error, CLUSTER_ACCESS_ERROR_LEN, format, arguments);
	va_end(arguments);
	for (char *c = error; *c; c++) {
		if (iscntrl((unsigned char)*c))
			*c = '?';
	}
	return err;
}

void cluster_access_free_secret(char *secret)
{
	if (secret)
		explicit_bzero(secret, strlen(secret));
	free(secret);
}

void cluster_access_discard(struct cluster_access *access)
{
	free(access->server);
	free(access->ca_file);
	free(access->certificate_file);
	free(access->key_file);
	free(access->token_file);
	cluster_access_free_secret(access->token);
	free(access->tls_server_name);
	cluster_access_free_secret(access->proxy);
	for (size_t i = 0; i < sizeof(access->data_fds) / sizeof(*access->data_fds); i++)
		closep(&access->data_fds[i]);
	curl_slist_free_all(access->connect_to);
	*access = (struct cluster_access){};
}

void cluster_access_done(struct cluster_access *access)
{
	if (access->server) /* else all is zero, and descriptors are none of ours */
		cluster_access_discard(access);
}

int cluster_access_check_token(char *token, const char **ret_fault)
{
	size_t skip = strspn(token, " \t\r\n"), length = strlen(token);

	while (length > skip && isspace((unsigned char)token[length - 1]))
		length--;
	memmove(token, token + skip, length - skip);
	token[length - skip] = '\0';
	if (!*token) {
		*ret_fault = "it is empty";
		return -EINVAL;
	}
	for (const char *c = token; *c; c++) {
		if (!isgraph((unsigned char)*c)) {
			*ret_fault = "it holds spaces or characters that no token has";
			return -EINVAL;
		}
	}
	return 0;
}

int cluster_access_read_token(const char *path, char **ret_token, const char **ret_fault)
{
	_cleanup_(cluster_access_free_secretp) char *token = NULL;
	size_t size;
	int err = whole_file_read(path, CLUSTER_ACCESS_MAX_TOKEN, &token, &size);

	*ret_fault = strerror(-err);
	if (!err && strlen(token) != size) {
		*ret_fault = "it holds a NUL character";
		err = -EINVAL;
	}
	if (!err)
		err = cluster_access_check_token(token, ret_fault);
	if (!err)
		*ret_token = TAKE_PTR(token);
	return err;
}

/* NULL: nothing is wrong. */
static const char *parse_server(const char *server, CURLU *url)
{
	_cleanup_(curl_freep) char *scheme = NULL;
	CURLUcode code = curl_url_set(url, CURLUPART_URL, server, CURLU_DISALLOW_USER);

	if (code == CURLUE_USER_NOT_ALLOWED)
		return "it holds a user name, which loopscope does not send";
	if (code)
		return curl_url_strerror(code);
	if (server[strcspn(server, "?#")])
		return "it holds a query or a fragment";
	if (curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) ||
	    (strcmp(scheme, "https") && strcmp(scheme, "http")))
		return "it is neither of https nor of http";
	return NULL;
}

/*
 * libcurl checks the certificate against the URL's host. So that is the name, and
 * another option says where to connect to.
 */
static int make_connect_to(struct cluster_access *access, CURLU *url, const char *from, char *error)
{
	_cleanup_(curl_freep) char *host = NULL, *port = NULL;
	char to[512];

	if (curl_url_get(url, CURLUPART_HOST, &host, 0) ||
	    curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT))
		return -ENOMEM;
	if (curl_url_set(url, CURLUPART_HOST, access->tls_server_name, 0))
		return cluster_access_fail(error, -EINVAL,
					   "%s: tls-server-name is not a host's name", from);
	if (snprintf(to, sizeof(to), "::%s:%s", host, port) >= (int)sizeof(to))
		return cluster_access_fail(error, -EINVAL, "%s: the server's name is too long",
					   from);
	access->connect_to = curl_slist_append(NULL, to);
	return access->connect_to ? 0 : -ENOMEM;
}

static int fill_texts(struct cluster_access *access)
{
	char **const texts[] = {&access->ca_file,         &access->certificate_file,
				&access->key_file,        &access->token_file,
				&access->token,           &access->proxy,
				&access->tls_server_name, &access->server};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		if (!*texts[i])
			*texts[i] = strdup("");
		if (!*texts[i])
			return -ENOMEM;
	}
	return 0;
}

/* As libcurl writes it: HTTPS:// is https://. Paths are put behind it, which begin with a slash. */
static int normalize_server(struct cluster_access *access, CURLU *url)
{
	_cleanup_(curl_freep) char *text = NULL;
	char *server;
	size_t length;

	if (curl_url_get(url, CURLUPART_URL, &text, 0))
		return -ENOMEM;
	server = strdup(text);
	if (!server)
		return -ENOMEM;
	length = strlen(server);
	while (length && server[length - 1] == '/')
		server[--length] = '\0';
	free(access->server);
	access->server = server;
	return 0;
}

int cluster_access_finish(struct cluster_access *access, const char *from, char *error)
{
	_cleanup_(curl_url_cleanupp) CURLU *url = curl_url();
	const char *fault;

	if (!url || fill_texts(access))
		return cluster_access_fail(error, -ENOMEM, "out of memory");
	fault = parse_server(access->server, url);
	if (fault)
		return cluster_access_fail(error, -EINVAL, "%s: the server's URL: %s", from, fault);
	if (normalize_server(access, url))
		return cluster_access_fail(error, -ENOMEM, "out of memory");
	if (!*access->tls_server_name)
		return 0;
	return make_connect_to(access, url, from, error);
}

struct service_account {
	char *ca_file, *token_file;
};

static void service_account_done(struct service_account *account)
{
	free(account->ca_file);
	free(account->token_file);
}

/* Whether the token can be had now, so that a pod without one is told of at once. */
static int check_token_file(const char *path, char *error)
{
	_cleanup_(cluster_access_free_secretp) char *token = NULL;
	const char *fault;
	int err = cluster_access_read_token(path, &token, &fault);

	if (!err)
		return 0;
	return cluster_access_fail(error, -EINVAL, "the service account's token %s: %s%s", path,
				   fault,
				   err == -ENOENT ? "; does the pod have "
						    "automountServiceAccountToken: false?"
						  : "");
}

static int find_service_account(const char *directory, struct service_account *account, char *error)
{
	if (asprintf(&account->token_file, "%s/" SERVICE_ACCOUNT_TOKEN, directory) < 0) {
		account->token_file = NULL;
		return -ENOMEM;
	}
	if (asprintf(&account->ca_file, "%s/ca.crt", directory) < 0) {
		account->ca_file = NULL;
		return -ENOMEM;
	}
	if (access(account->ca_file, R_OK))
		return cluster_access_fail(error, -EINVAL,
					   "the cluster's certificate cannot be read: %s: %s",
					   account->ca_file, strerror(errno));
	return check_token_file(account->token_file, error);
}

static char *server_of(const char *host, const char *port)
{
	bool is_ipv6 = strchr(host, ':') && *host != '[';
	char *server;
	int length = asprintf(&server, "https://%s%s%s:%s", is_ipv6 ? "[" : "", host,
			      is_ipv6 ? "]" : "", port);

	return length < 0 ? NULL : server;
}

int cluster_access_in_pod(const char *directory, struct cluster_access *ret_access, char *error)
{
	const char *host = getenv("KUBERNETES_SERVICE_HOST") ?: "";
	const char *port = getenv("KUBERNETES_SERVICE_PORT") ?: "";
	_cleanup_(cluster_access_discard) struct cluster_access access = CLUSTER_ACCESS_NONE;
	_cleanup_(service_account_done) struct service_account account = {};
	int err;

	cluster_access_fail(error, 0, "out of memory");
	if (!*host && !*port)
		return cluster_access_fail(error, -ENOENT,
					   "this process is in no pod: KUBERNETES_SERVICE_HOST is "
					   "not set");
	if (!*host || !*port)
		return cluster_access_fail(
			error, -EINVAL, "%s is not set, though %s is",
			*host ? "KUBERNETES_SERVICE_PORT" : "KUBERNETES_SERVICE_HOST",
			*host ? "KUBERNETES_SERVICE_HOST" : "KUBERNETES_SERVICE_PORT");
	err = find_service_account(directory ?: SERVICE_ACCOUNT_DIRECTORY, &account, error);
	if (err)
		return err;
	access.server = server_of(host, port);
	if (!access.server)
		return -ENOMEM;
	access.ca_file = TAKE_PTR(account.ca_file);
	access.token_file = TAKE_PTR(account.token_file);
	err = cluster_access_finish(&access, "KUBERNETES_SERVICE_HOST", error);
	if (err)
		return err;
	*ret_access = access;
	access = CLUSTER_ACCESS_NONE;
	return 0;
}
