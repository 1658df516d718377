/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* By the path of a file alone: the process may be in a container, or gone. */
#include <ctype.h>
#include <string.h>

#include "symbols/python/python_code.h"

static const char library[] = "/lib/python3.";

/* What pip installs, or Debian. */
static bool is_package(const char *file)
{
	return strstr(file, "/site-packages/") || strstr(file, "/dist-packages/");
}

/* .../lib/python3.X/..., or an archive of the same: .../lib/python3X.zip/... */
static bool is_library(const char *file)
{
	const char *found = strstr(file, library);

	if (found) {
		found += strlen(library);
		found += strspn(found, "0123456789");
		if (*found == 't') /* without a GIL */
			found++;
		return *found == '/';
	}
	found = strstr(file, "/lib/python3");
	return found && isdigit((unsigned char)found[12]) && strstr(found, ".zip/");
}

enum python_origin python_origin_of(const char *file)
{
	if (!strncmp(file, "<frozen ", strlen("<frozen ")))
		return PYTHON_LIBRARY;
	if (is_package(file))
		return PYTHON_PACKAGE;
	return is_library(file) ? PYTHON_LIBRARY : PYTHON_APPLICATION;
}
