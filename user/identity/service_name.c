/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names out of systemd units and first arguments; scripts' are in script_name.c. */
#include "identity/service_name.h"

#include <stdio.h>
#include <string.h>

#include "identity/proc.h"

#define SERVICE ".service"
#define SESSIONS "user@" /* user@1000.service: all that a user has started */

bool service_name_of_unit(const char *unit, char ret_name[SERVICE_NAME_LEN])
{
	size_t length = strlen(unit), suffix = strlen(SERVICE);

	if (length <= suffix || length - suffix >= SERVICE_NAME_LEN ||
	    strcmp(unit + length - suffix, SERVICE) != 0 ||
	    strncmp(unit, SESSIONS, strlen(SESSIONS)) == 0)
		return false;
	snprintf(ret_name, SERVICE_NAME_LEN, "%.*s", (int)(length - suffix), unit);
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
