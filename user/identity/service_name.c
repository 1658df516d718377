/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names out of cgroup paths and first arguments; scripts' are in script_name.c. */
#include "identity/service_name.h"

#include <stdio.h>
#include <string.h>

#include "identity/proc.h"
#include "identity/resource.h"

#define SERVICE ".service"
#define SESSIONS "user@" /* user@1000.service: all that a user has started */

static bool is_unit(const char *component, size_t length)
{
	size_t suffix = strlen(SERVICE);

	return length > suffix && length - suffix < SERVICE_NAME_LEN &&
	       memcmp(component + length - suffix, SERVICE, suffix) == 0 &&
	       strncmp(component, SESSIONS, strlen(SESSIONS)) != 0;
}

bool service_name_of_cgroup(const char *cgroup, char ret_name[SERVICE_NAME_LEN])
{
	const char *unit = NULL;
	char container[CONTAINER_ID_LEN];
	size_t unit_length = 0;

	for (const char *at = cgroup; *at;) {
		size_t length = strcspn(at, "/");

		if (is_unit(at, length)) {
			unit = at;
			unit_length = length;
		}
		at += length + (at[length] == '/');
	}
	if (!unit || container_id_of_cgroup(unit + unit_length, container))
		return false;
	snprintf(ret_name, SERVICE_NAME_LEN, "%.*s", (int)(unit_length - strlen(SERVICE)), unit);
	return true;
}

bool service_name_of_start(const struct command_line *line, const char *comm,
			   char ret_name[SERVICE_NAME_LEN])
{
	const char *first = line->nr ? line->items[0] : "", *slash;
	size_t length = strcspn(first, " :"), shown; /* "nginx: worker process" */

	slash = memrchr(first, '/', length);
	if (slash) {
		length -= slash + 1 - first;
		first = slash + 1;
	}
	shown = length < PROC_COMM_LEN ? length : PROC_COMM_LEN - 1; /* as the kernel cuts it */
	if (!length || length >= SERVICE_NAME_LEN || strlen(comm) != shown ||
	    strncmp(first, comm, shown) != 0)
		return false;
	snprintf(ret_name, SERVICE_NAME_LEN, "%.*s", (int)length, first);
	return true;
}
