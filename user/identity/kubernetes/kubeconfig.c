/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The current context of a kubeconfig: its cluster and its user. Certificates and keys that
 * are in the file itself go to files in memory, since libcurl wants names of files. No
 * command of it is run, ever.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "base/base64.h"
#include "base/whole_file.h"
#include "identity/kubernetes/cluster_access_parts.h"
#include "identity/kubernetes/kubeconfig_document.h"

#define SHOWN 128

/* What of a kubeconfig becomes a file: itself, or a path to it. */
struct file_keys {
	const char *data, *path;
	size_t fd; /* which of data_fds */
};

static const struct file_keys ca_keys = {"certificate-authority-data", "certificate-authority", 0};
static const struct file_keys certificate_keys = {"client-certificate-data", "client-certificate",
						  1};
static const struct file_keys key_keys = {"client-key-data", "client-key", 2};

/* Each with what there is to be done about it. */
static const struct {
	const char *key, *what;
} refused[] = {
	{"exec", "its credentials are made by a command (exec), which loopscope does not run"},
	{"auth-provider", "its credentials are made by an auth-provider, which loopscope has not"},
	{"username", "a user name and password are no credentials of today's Kubernetes"},
	{"password", "a user name and password are no credentials of today's Kubernetes"},
	{"as", "to act as another user is not supported"},
	{"as-uid", "to act as another user is not supported"},
	{"as-groups", "to act as another user is not supported"},
	{"as-user-extra", "to act as another user is not supported"},
};

static int check_user(const struct kubeconfig *config, const yaml_node_t *user, const char *name)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		const yaml_node_t *node = kubeconfig_get(config, user, refused[i].key);

		if (!node || (node->type == YAML_SCALAR_NODE && !node->data.scalar.length))
			continue;
		return cluster_access_fail(config->error, -EINVAL,
					   "%s: user \"%.*s\": %s; give a kubeconfig with a client "
					   "certificate or a token, a service account's say",
					   config->path, SHOWN, name, refused[i].what);
	}
	return 0;
}

/* Relative to the file that says so. */
static int copy_path(const struct kubeconfig *config, const char *path, char **ret_path)
{
	const char *slash = strrchr(config->path, '/');

	if (*path == '/' || !*path || !slash) {
		*ret_path = strdup(path);
		return *ret_path ? 0 : -ENOMEM;
	}
	if (asprintf(ret_path, "%.*s/%s", (int)(slash - config->path), config->path, path) < 0) {
		*ret_path = NULL;
		return -ENOMEM;
	}
	return 0;
}

static int write_all(int fd, const unsigned char *data, size_t size)
{
	while (size) {
		ssize_t n = write(fd, data, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		size -= (size_t)n;
	}
	return 0;
}

static int make_memory_file(const struct buffer *bytes, int *ret_fd, char **ret_path)
{
	_cleanup_(closep) int fd = memfd_create("loopscope-kubeconfig", MFD_CLOEXEC);
	int err;

	if (fd < 0)
		return -errno;
	err = write_all(fd, bytes->data, bytes->size);
	if (err)
		return err;
	if (asprintf(ret_path, "/proc/self/fd/%d", fd) < 0) {
		*ret_path = NULL;
		return -ENOMEM;
	}
	*ret_fd = TAKE_FD(fd);
	return 0;
}

static void wipe_buffer(struct buffer *buffer)
{
	if (buffer->data)
		explicit_bzero(buffer->data, buffer->size);
	buffer_done(buffer);
}

/* As kubectl does it: data goes before a path. */
static int take_file(const struct kubeconfig *config, const yaml_node_t *mapping,
		     const struct file_keys *keys, struct cluster_access *access, char **ret_path)
{
	_cleanup_(wipe_buffer) struct buffer bytes = {};
	const char *data, *path;
	int err = kubeconfig_get_text(config, mapping, keys->data, &data)
			  ?: kubeconfig_get_text(config, mapping, keys->path, &path);

	if (err)
		return err;
	if (!*data)
		return copy_path(config, path, ret_path);
	err = base64_decode(data, &bytes);
	if (err == -EBADMSG || (!err && !bytes.size))
		return cluster_access_fail(config->error, -EINVAL, "%s: %s is not base64",
					   config->path, keys->data);
	return err ?: make_memory_file(&bytes, &access->data_fds[keys->fd], ret_path);
}

static int take_flag(const struct kubeconfig *config, const yaml_node_t *mapping, const char *key,
		     bool *ret_flag)
{
	const char *text;
	int err = kubeconfig_get_text(config, mapping, key, &text);

	if (err)
		return err;
	if (*text && strcmp(text, "true") && strcmp(text, "false"))
		return cluster_access_fail(config->error, -EINVAL,
					   "%s: %s is neither true nor false", config->path, key);
	*ret_flag = !strcmp(text, "true");
	return 0;
}

static int take_text(const struct kubeconfig *config, const yaml_node_t *mapping, const char *key,
		     char **ret_text)
{
	const char *text;
	int err = kubeconfig_get_text(config, mapping, key, &text);

	if (err)
		return err;
	*ret_text = strdup(text);
	return *ret_text ? 0 : -ENOMEM;
}

static int take_cluster(const struct kubeconfig *config, const char *name,
			struct cluster_access *access)
{
	const yaml_node_t *cluster;
	int err = kubeconfig_find(config, "clusters", "cluster", name, &cluster);

	if (err)
		return err;
	err = take_text(config, cluster, "server", &access->server)
		      ?: take_text(config, cluster, "tls-server-name", &access->tls_server_name)
		      ?: take_text(config, cluster, "proxy-url", &access->proxy)
		      ?: take_flag(config, cluster, "insecure-skip-tls-verify",
				   &access->insecure_skip_verify)
		      ?: take_file(config, cluster, &ca_keys, access, &access->ca_file);
	if (err)
		return err;
	if (!*access->server)
		return cluster_access_fail(config->error, -EINVAL,
					   "%s: cluster \"%.*s\" has no server", config->path,
					   SHOWN, name);
	if (access->insecure_skip_verify && *access->ca_file)
		return cluster_access_fail(config->error, -EINVAL,
					   "%s: insecure-skip-tls-verify and a certificate "
					   "authority exclude each other",
					   config->path);
	return 0;
}

static int take_token(const struct kubeconfig *config, const yaml_node_t *user,
		      struct cluster_access *access)
{
	const char *file, *fault;
	int err = kubeconfig_get_text(config, user, "tokenFile", &file)
			  ?: copy_path(config, file, &access->token_file)
			  ?: take_text(config, user, "token", &access->token);

	if (err || !*access->token)
		return err;
	if (strlen(access->token) > CLUSTER_ACCESS_MAX_TOKEN)
		fault = "it is too long";
	else if (!cluster_access_check_token(access->token, &fault))
		return 0;
	return cluster_access_fail(config->error, -EINVAL, "%s: the token: %s", config->path,
				   fault);
}

static int take_user(const struct kubeconfig *config, const char *name,
		     struct cluster_access *access)
{
	const yaml_node_t *user;
	int err;

	if (!*name) /* nobody in particular */
		return 0;
	err = kubeconfig_find(config, "users", "user", name, &user)
		      ?: check_user(config, user, name);
	if (err)
		return err;
	err = take_file(config, user, &certificate_keys, access, &access->certificate_file)
		      ?: take_file(config, user, &key_keys, access, &access->key_file)
		      ?: take_token(config, user, access);
	if (!err && (!*access->certificate_file != !*access->key_file))
		return cluster_access_fail(
			config->error, -EINVAL, "%s: user \"%.*s\" has a client %s without its %s",
			config->path, SHOWN, name, *access->key_file ? "key" : "certificate",
			*access->key_file ? "certificate" : "key");
	return err;
}

static int take_context(const struct kubeconfig *config, struct cluster_access *access)
{
	const char *current, *cluster, *user;
	const yaml_node_t *context;
	int err = kubeconfig_get_text(config, yaml_document_get_root_node(config->document),
				      "current-context", &current);

	if (err)
		return err;
	if (!*current)
		return cluster_access_fail(config->error, -EINVAL,
					   "%s: no current-context is set; see kubectl config "
					   "use-context",
					   config->path);
	return kubeconfig_find(config, "contexts", "context", current, &context)
		       ?: kubeconfig_get_text(config, context, "cluster", &cluster)
		       ?: kubeconfig_get_text(config, context, "user", &user)
		       ?: take_cluster(config, cluster, access)
		       ?: take_user(config, user, access);
}

static int load_document(const char *path, yaml_document_t *ret_document, char *error)
{
	_cleanup_(cluster_access_free_secretp) char *text = NULL;
	struct yaml_fault fault;
	size_t size;
	int err = whole_file_read(path, YAML_TEXT_MAX_BYTES, &text, &size);

	if (err)
		return cluster_access_fail(error, err, "cannot read the kubeconfig %s: %s", path,
					   err == -EINVAL ? "it is not a regular file"
							  : strerror(-err));
	err = yaml_text_load(text, size, ret_document, &fault);
	if (err == -EBADMSG)
		return cluster_access_fail(error, -EINVAL, "%s:%zu: %s", path, fault.line,
					   fault.what);
	return err;
}

int cluster_access_of_kubeconfig(const char *path, struct cluster_access *ret_access, char *error)
{
	_cleanup_(cluster_access_discard) struct cluster_access access = CLUSTER_ACCESS_NONE;
	yaml_document_t document;
	const struct kubeconfig config = {.path = path, .document = &document, .error = error};
	int err;

	cluster_access_fail(error, 0,
			    "cannot take what is in the kubeconfig %s: out of memory, or "
			    "of file descriptors",
			    path);
	err = load_document(path, &document, error);
	if (err)
		return err;
	err = take_context(&config, &access);
	yaml_document_delete(&document);
	if (!err)
		err = cluster_access_finish(&access, path, error);
	if (err)
		return err;
	*ret_access = access;
	access = CLUSTER_ACCESS_NONE;
	return 0;
}
