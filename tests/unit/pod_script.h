/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What servers of a pod_world commonly answer, and what they should have been asked. */
#ifndef LOOPSCOPE_TESTS_POD_SCRIPT_H
#define LOOPSCOPE_TESTS_POD_SCRIPT_H

#include "pod_world.h"

#define MINUTE 60000.0

#define PATH_ANY "/api/v1/pods?fieldSelector=spec.nodeName%3Dnode%201&limit=500&resourceVersion=0"
#define PATH_LATEST "/api/v1/pods?fieldSelector=spec.nodeName%3Dnode%201&limit=500"

bool is_watch(const char *path);

/* Of request nr of the API server; watches are for 360 s. */
void check_path(const struct pod_world *world, size_t nr, const char *path);
void check_not_older(const struct pod_world *world, size_t nr, const char *version);
void check_watch(const struct pod_world *world, size_t nr, const char *version);

/* Pods a and b at version 100; watches stay open. */
void answer_well(struct world_server *server, const char *path, size_t nr,
		 struct world_answer *ret);
void answer_never(struct world_server *server, const char *path, size_t nr,
		  struct world_answer *ret);
void refuse_connections(struct world_server *server, const char *path, size_t nr,
			struct world_answer *ret);
void forbid(struct world_server *server, const char *path, size_t nr, struct world_answer *ret);

#endif
