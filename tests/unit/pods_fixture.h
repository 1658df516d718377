/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Pods made by hand, for tests of the store. */
#ifndef LOOPSCOPE_TESTS_PODS_FIXTURE_H
#define LOOPSCOPE_TESTS_PODS_FIXTURE_H

#include "identity/kubernetes/pods.h"

/* A pod of that uid, named after it, without containers. */
struct pod *fixture_pod(const char *uid);

/* ids "": none. Container ids may be of any length here. */
void fixture_container(struct pod *pod, const char *name, const char *id, const char *previous_id,
		       long long restart_count);

/* A pod with one container, "web". */
struct pod *fixture_pod_with(const char *uid, const char *id, const char *previous_id,
			     long long restart_count);

/* A path that names this one container: either may be "". */
struct cgroup_containers fixture_path(const char *pod_uid, const char *id);

/* What the store has to know of that path. */
void fixture_check_place(const struct pods *pods, const char *uid, const char *id,
			 enum pod_knowledge knowledge, long long restart_count);

#endif
