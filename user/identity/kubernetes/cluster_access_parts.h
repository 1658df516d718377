/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What ways to a cluster have in common. Private to cluster_access*.c and kubeconfig*.c. */
#ifndef LOOPSCOPE_CLUSTER_ACCESS_PARTS_H
#define LOOPSCOPE_CLUSTER_ACCESS_PARTS_H

#include "identity/kubernetes/cluster_access.h"

#define CLUSTER_ACCESS_MAX_TOKEN 16384 /* bytes: a service account's has about 1,200 */

DEFINE_CLEANUP(struct curl_slist *, curl_slist_free_all)

/* Nothing yet: texts are NULL until cluster_access_finish. */
#define CLUSTER_ACCESS_NONE ((struct cluster_access){.data_fds = {-1, -1, -1}})

/* Frees one that is not finished. */
void cluster_access_discard(struct cluster_access *access);

/* Sets `error`, without control characters. No secret may be given to it. Returns `err`. */
int cluster_access_fail(char *error, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Checks the server's URL, which errors say is of `from`, and makes texts of what is still NULL.
 * -EINVAL, -ENOMEM. */
int cluster_access_finish(struct cluster_access *access, const char *from, char *error);

/*
 * A token that a header can carry, spaces around it cut. -EINVAL: it is none; what
 * is wrong is in ret_fault, static.
 */
int cluster_access_check_token(char *token, const char **ret_fault);

/* The token of a file. -EINVAL: it holds none; or what reading it said. ret_fault says which. */
int cluster_access_read_token(const char *path, char **ret_token, const char **ret_fault);

/* Wiped, then freed; NULL is fine. */
void cluster_access_free_secret(char *secret);
DEFINE_CLEANUP(char *, cluster_access_free_secret)

#endif
