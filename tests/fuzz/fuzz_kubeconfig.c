/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The input is a kubeconfig. One that is taken names a server that can be asked, and its
 * copy for a kubelet says the same; of another it is said why, in one line of clean text.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "identity/kubernetes/cluster_access.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static void check_error(const char *error)
{
	check(*error && strlen(error) < CLUSTER_ACCESS_ERROR_LEN, "an error without a message");
	for (; *error; error++)
		check((unsigned char)*error >= ' ' && *error != 0x7f, "a control character");
}

static void check_access(const struct cluster_access *access)
{
	_cleanup_(cluster_access_done) struct cluster_access kubelet = {};

	check(!strncmp(access->server, "http", 4), "not a server");
	check(!*access->tls_server_name == !access->connect_to, "where to connect to");
	check(!*access->certificate_file == !*access->key_file, "half a certificate");
	for (const char *c = access->token; *c; c++)
		check(*c > ' ' && *c < 0x7f, "not a token");
	check(!cluster_access_of_kubelet(access->server, access, &kubelet), "not to be copied");
	check(!strcmp(kubelet.token, access->token), "another token");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(cluster_access_done) struct cluster_access access = {};
	_cleanup_(closep) int fd = memfd_create("kubeconfig", MFD_CLOEXEC);
	char path[64], error[CLUSTER_ACCESS_ERROR_LEN] = "";

	check(fd >= 0 && write(fd, data, size) == (ssize_t)size, "no memory file");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (cluster_access_of_kubeconfig(path, &access, error))
		check_error(error);
	else
		check_access(&access);
	return 0;
}
