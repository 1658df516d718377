/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Lists, watches, and refusals. */
#include "pod_script.h"

#include <string.h>

#include "unit.h"

#define WATCH                                                          \
	"/api/v1/pods?fieldSelector=spec.nodeName%3Dnode%201&watch=1&" \
	"allowWatchBookmarks=true&resourceVersion="

bool is_watch(const char *path)
{
	return strstr(path, "&watch=1") != NULL;
}

void check_path(const struct pod_world *world, size_t nr, const char *path)
{
	assert_true(nr < world->api.nr_requests);
	assert_string_equal(world->api.requests[nr].path, path);
}

void check_not_older(const struct pod_world *world, size_t nr, const char *version)
{
	char path[256];

	snprintf(path, sizeof(path),
		 "/api/v1/pods?fieldSelector=spec.nodeName%%3Dnode%%201&resourceVersion=%s&"
		 "resourceVersionMatch=NotOlderThan",
		 version);
	check_path(world, nr, path);
}

void check_watch(const struct pod_world *world, size_t nr, const char *version)
{
	const char *path = world->api.requests[nr].path, *rest = path + strlen(WATCH);

	assert_true(nr < world->api.nr_requests);
	assert_memory_equal(path, WATCH, strlen(WATCH));
	assert_memory_equal(rest, version, strlen(version));
	assert_string_equal(rest + strlen(version), "&timeoutSeconds=360");
}

void answer_well(struct world_server *server, const char *path, size_t nr, struct world_answer *ret)
{
	static char items[4096];

	(void)server;
	(void)nr;
	snprintf(items, sizeof(items), "%s,%s", json_pod("a"), json_pod("b"));
	*ret = (struct world_answer){.after_ms = 10, .status = 200};
	if (is_watch(path))
		ret->lasts_ms = -1;
	else
		ret->body = json_list("100", "", items);
}

void refuse_connections(struct world_server *server, const char *path, size_t nr,
			struct world_answer *ret)
{
	(void)server;
	(void)path;
	(void)nr;
	*ret = (struct world_answer){.after_ms = 1, .message = "connection refused"};
}

void answer_never(struct world_server *server, const char *path, size_t nr,
		  struct world_answer *ret)
{
	(void)server;
	(void)path;
	(void)nr;
	(void)ret;
}

void forbid(struct world_server *server, const char *path, size_t nr, struct world_answer *ret)
{
	(void)server;
	(void)path;
	(void)nr;
	*ret = (struct world_answer){
		.after_ms = 1, .status = 403, .message = "HTTP 403: pods is forbidden"};
}
