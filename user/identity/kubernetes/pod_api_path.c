/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is asked of the API server, as paths. */
#include <errno.h>
#include <string.h>

#include "identity/kubernetes/pod_api.h"

#define PAGE_LIMIT "500"

/* All but what RFC 3986 calls unreserved. */
static void append_escaped(struct buffer *path, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._~";

	while (*text) {
		size_t length = strspn(text, plain);

		buffer_append(path, text, length);
		text += length;
		if (*text)
			buffer_printf(path, "%%%02X", (unsigned char)*text++);
	}
}

static void append_parameter(struct buffer *path, const char *name, const char *value)
{
	buffer_printf(path, "&%s=", name);
	append_escaped(path, value);
}

static void begin(struct buffer *path, const char *node_name)
{
	buffer_append_text(path, "/api/v1/pods?fieldSelector=spec.nodeName%3D");
	append_escaped(path, node_name);
}

static int end(struct buffer *path)
{
	return buffer_append(path, "", 1);
}

/*
 * An API server answers a list from its cache if it may: with version 0, which has no pages, and
 * with one not older than a given version, which may have none (with a limit, older servers go
 * to etcd). What is to be the latest may cost a read of all the cluster's pods.
 */
int pod_api_list_path(const char *node_name, enum pod_list_from from, const char *version,
		      const char *token, struct buffer *path)
{
	begin(path, node_name);
	if (*token || from != POD_LIST_NOT_OLDER)
		append_parameter(path, "limit", PAGE_LIMIT);
	if (*token) {
		append_parameter(path, "continue", token);
	} else if (from == POD_LIST_ANY) {
		append_parameter(path, "resourceVersion", "0");
	} else if (from == POD_LIST_NOT_OLDER) {
		append_parameter(path, "resourceVersion", version);
		append_parameter(path, "resourceVersionMatch", "NotOlderThan");
	}
	return end(path);
}

int pod_api_watch_path(const char *node_name, const char *version, unsigned int timeout_s,
		       struct buffer *path)
{
	begin(path, node_name);
	append_parameter(path, "watch", "1");
	append_parameter(path, "allowWatchBookmarks", "true");
	append_parameter(path, "resourceVersion", version);
	buffer_printf(path, "&timeoutSeconds=%u", timeout_s);
	return end(path);
}
