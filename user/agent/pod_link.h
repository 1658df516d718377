/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the agent keeps of how a process belongs to its pod. */
#ifndef LOOPSCOPE_POD_LINK_H
#define LOOPSCOPE_POD_LINK_H

#include "identity/attributes.h"
#include "identity/kubernetes/pods.h"

struct pod_link {
	enum pod_knowledge knowledge;
	/* Its figures are not shown, and loops that have ended do not go: which pod it is may be
	 * told any moment. Until then, CLOCK_MONOTONIC. */
	bool held;
	__u64 held_until_ns;
	bool final; /* no more can be told of its pod */
	/* What the process says of itself, until then. */
	struct attributes said;
	__u64 blocking_ns; /* the threshold that the pod asks for; 0: none */
};

#endif
