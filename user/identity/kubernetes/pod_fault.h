/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What went wrong with a request for pods, in words, without secrets. Private to its driver. */
#ifndef LOOPSCOPE_POD_FAULT_H
#define LOOPSCOPE_POD_FAULT_H

#include "base/buffer.h"
#include "identity/kubernetes/pod_watch_parts.h"

#define POD_FAULT_BODY_MAX 16384 /* of the body of an answer that is no 200 */

/* A transfer that has ended. */
struct pod_fault {
	const struct cluster_access *access;
	CURLcode code;
	const char *detail;        /* libcurl's; "": none */
	long status;               /* HTTP's; 0: none came */
	const struct buffer *body; /* of an answer that is no 200; its beginning */
	bool too_much;             /* there was more of headers or body than we take */
};

/* "": nothing did. */
void pod_fault_text(const struct pod_fault *fault, char ret_text[POD_WATCH_ERROR_LEN]);

#endif
