/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Access to a kubelet: another server, the credentials that are there already. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "identity/kubernetes/cluster_access_parts.h"

static int copy_text(const char *text, char **ret_text)
{
	*ret_text = strdup(text);
	return *ret_text ? 0 : -ENOMEM;
}

/* A file of inline data gets a descriptor of its own: each struct closes what it has. */
static int copy_file(const char *path, int fd, char **ret_path, int *ret_fd)
{
	if (fd < 0)
		return copy_text(path, ret_path);
	*ret_fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (*ret_fd < 0)
		return -errno;
	if (asprintf(ret_path, "/proc/self/fd/%d", *ret_fd) < 0) {
		*ret_path = NULL;
		return -ENOMEM;
	}
	return 0;
}

static int copy_credentials(const struct cluster_access *like, struct cluster_access *access)
{
	int *fds = access->data_fds;

	access->insecure_skip_verify = like->insecure_skip_verify;
	return copy_file(like->ca_file, like->data_fds[0], &access->ca_file, &fds[0])
		       ?: copy_file(like->certificate_file, like->data_fds[1],
				    &access->certificate_file, &fds[1])
		       ?: copy_file(like->key_file, like->data_fds[2], &access->key_file, &fds[2])
		       ?: copy_text(like->token_file, &access->token_file)
		       ?: copy_text(like->token, &access->token);
}

int cluster_access_of_kubelet(const char *url, const struct cluster_access *like,
			      struct cluster_access *ret_access)
{
	_cleanup_(cluster_access_discard) struct cluster_access access = CLUSTER_ACCESS_NONE;
	char error[CLUSTER_ACCESS_ERROR_LEN];
	int err = copy_text(url, &access.server);

	if (!err && like)
		err = copy_credentials(like, &access);
	if (!err)
		err = cluster_access_finish(&access, "the kubelet", error);
	if (err)
		return err;
	access.direct = true; /* it is on this node */
	*ret_access = access;
	access = CLUSTER_ACCESS_NONE;
	return 0;
}
