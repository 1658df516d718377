/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * `loopscope pods --follow --json` as a child: whoever asks an API server needs neither BPF nor
 * what watches with it. It ends with us, and is in a process group of its own: what is typed at a
 * terminal is not meant for it.
 */
#ifndef LOOPSCOPE_PODS_CHILD_H
#define LOOPSCOPE_PODS_CHILD_H

#include "base/cleanup.h"
#include "identity/kubernetes/pods.h"

#define PODS_CHILD_ERROR_LEN 1280

struct pods_child;

/*
 * Starts it and, if it is to be waited for, waits until all pods that there are have been told
 * of. A signal that ends a session, which must be blocked, ends the wait and is taken. -errno;
 * `error` says what to do about it.
 */
int pods_child_start(struct pods *pods, bool wait, struct pods_child **ret_child,
		     char error[PODS_CHILD_ERROR_LEN]);
void pods_child_free(struct pods_child *child); /* ends it; takes NULL */
DEFINE_CLEANUP(struct pods_child *, pods_child_free)

/* Readable when something has come, or when it has ended. */
int pods_child_fd(const struct pods_child *child);

/* Takes some of what has come; does not wait. -EPIPE: it has ended, and no more will come. */
int pods_child_read(struct pods_child *child);

#endif
