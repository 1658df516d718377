/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The directory's inode number is its kernfs id. Which hierarchy it is in
 * follows from its device: each hierarchy is a file system of its own, however
 * often it is mounted.
 */
#include "config/cgroup_path.h"

#include <errno.h>
#include <mntent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "observe/cgroup_subsys.h"

#define MOUNT_LINE_MAX 8192
#define UNIFIED_TYPE "cgroup2"
#define CONTROLLER_TYPE "cgroup"

struct mount {
	FILE *table;
	struct mntent entry;
	char line[MOUNT_LINE_MAX]; /* holds the entry's strings */
};

static void mount_close(const struct mount *mount)
{
	if (mount->table)
		endmntent(mount->table);
}

static bool is_cgroup_type(const char *type)
{
	return !strcmp(type, UNIFIED_TYPE) || !strcmp(type, CONTROLLER_TYPE);
}

/* The next cgroup mount. */
static bool mount_next(struct mount *mount)
{
	if (!mount->table)
		mount->table = setmntent("/proc/self/mounts", "re");
	while (mount->table &&
	       getmntent_r(mount->table, &mount->entry, mount->line, sizeof(mount->line))) {
		if (is_cgroup_type(mount->entry.mnt_type))
			return true;
	}
	return false;
}

/* A v1 hierarchy's mount options name its controllers; one of them will do. */
static int mount_subsys(const struct mount *mount, __s32 *ret_subsys)
{
	char *save = NULL, *option;

	if (!strcmp(mount->entry.mnt_type, UNIFIED_TYPE)) {
		*ret_subsys = -1;
		return 0;
	}
	option = strtok_r(mount->entry.mnt_opts, ",", &save);
	for (; option; option = strtok_r(NULL, ",", &save)) {
		int subsys = observer_cgroup_subsys(option);

		if (subsys < 0)
			continue;
		*ret_subsys = subsys;
		return 0;
	}
	return -ENOENT;
}

static int find_subsys(dev_t device, __s32 *ret_subsys, char *error)
{
	_cleanup_(mount_close) struct mount mount = {};
	struct stat status;

	while (mount_next(&mount)) {
		if (stat(mount.entry.mnt_dir, &status) || status.st_dev != device)
			continue;
		if (!mount_subsys(&mount, ret_subsys))
			return 0;
		snprintf(error, CGROUP_PATH_ERROR_LEN,
			 "its hierarchy has no controller: take one of cgroup v2, or of a "
			 "controller such as cpu");
		return -EINVAL;
	}
	snprintf(error, CGROUP_PATH_ERROR_LEN, "not in a cgroup file system");
	return -EINVAL;
}

static int unified_path(const char *relative, char **ret_path, char *error)
{
	_cleanup_(mount_close) struct mount mount = {};

	while (mount_next(&mount)) {
		if (strcmp(mount.entry.mnt_type, UNIFIED_TYPE))
			continue;
		if (asprintf(ret_path, "%s/%s", mount.entry.mnt_dir, relative) < 0)
			return -ENOMEM;
		return 0;
	}
	snprintf(error, CGROUP_PATH_ERROR_LEN,
		 "cgroup v2 is not mounted: give the whole path of the directory");
	return -ENOENT;
}

int cgroup_path_resolve(const char *path, struct scope_cgroup *ret_cgroup, char **ret_directory,
			char error[CGROUP_PATH_ERROR_LEN])
{
	_cleanup_(freep) char *full = NULL, *directory = NULL;
	struct scope_cgroup cgroup = {};
	struct stat status;
	int r;

	if (!*path) {
		snprintf(error, CGROUP_PATH_ERROR_LEN, "empty");
		return -EINVAL;
	}
	if (*path != '/') {
		r = unified_path(path, &full, error);
		if (r)
			return r;
	}
	directory = realpath(full ?: path, NULL);
	if (!directory || stat(directory, &status)) {
		r = -errno;
		snprintf(error, CGROUP_PATH_ERROR_LEN, "%s", strerror(-r));
		return r;
	}
	r = find_subsys(status.st_dev, &cgroup.subsys, error);
	if (r)
		return r;
	if (!S_ISDIR(status.st_mode)) {
		snprintf(error, CGROUP_PATH_ERROR_LEN, "not a directory");
		return -ENOTDIR;
	}
	cgroup.id = status.st_ino;
	*ret_cgroup = cgroup;
	*ret_directory = TAKE_PTR(directory);
	return 0;
}
