/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From a cgroup's path to what the kernel side knows it by. */
#ifndef LOOPSCOPE_CGROUP_PATH_H
#define LOOPSCOPE_CGROUP_PATH_H

#include "scope_config.h"

#define CGROUP_PATH_ERROR_LEN 192

/*
 * `path` is a directory below a cgroup mount, of v2 or of a v1 controller, or
 * relative to the v2 mount. The directory is returned too; the caller frees it.
 * Negative errno; `error` then says what is wrong with the path.
 */
int cgroup_path_resolve(const char *path, struct scope_cgroup *ret_cgroup, char **ret_directory,
			char error[CGROUP_PATH_ERROR_LEN]);

#endif
