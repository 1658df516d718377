/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Only regular files are opened: a device could be mapped as well. */
#include "symbols/process/code_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/cleanup.h"
#include "base/file_inside.h"

#define VDSO_MAX_BYTES 65536

/* What is mapped there, whatever its path: needs a capability. */
static int open_mapped(const struct process *process, const struct code *code)
{
	_cleanup_(closep) int fd = -1;
	char path[64];

	snprintf(path, sizeof(path), "map_files/%llx-%llx", (unsigned long long)code->start,
		 (unsigned long long)code->end);
	fd = openat(process->proc_fd, path, O_PATH | O_CLOEXEC);
	return fd < 0 ? -errno : file_reopen(fd);
}

/* The list writes a newline as \012, and no other character so. */
static void unescape(const char *from, char *to)
{
	for (; *from; to++) {
		bool is_newline = !strncmp(from, "\\012", 4);

		*to = is_newline ? '\n' : *from;
		from += is_newline ? 4 : 1;
	}
	*to = '\0';
}

/* File systems that stat, unlike the list of mappings, tells another device of. */
static bool has_devices_of_its_own(int fd)
{
	struct statfs statfs;

	return !fstatfs(fd, &statfs) &&
	       (statfs.f_type == OVERLAYFS_SUPER_MAGIC || statfs.f_type == BTRFS_SUPER_MAGIC);
}

/* If it is the file that is mapped: a path may lead elsewhere by now. */
static int reopen_same(int fd, const struct code_file *file)
{
	struct stat stat;

	if (fstat(fd, &stat) || stat.st_ino != file->inode ||
	    (stat.st_dev != file->device && !has_devices_of_its_own(fd)))
		return -ESTALE;
	return file_reopen(fd);
}

/* The program itself, even if its file was deleted or replaced. */
static int open_program(const struct process *process, const struct code_file *file)
{
	_cleanup_(closep) int fd = openat(process->proc_fd, "exe", O_PATH | O_CLOEXEC);

	return fd < 0 ? -errno : reopen_same(fd, file);
}

static int open_path(const struct process *process, const struct code_file *file)
{
	_cleanup_(closep) int root = -1, fd = -1;
	char path[2 * PATH_MAX];

	if (file->path[0] != '/' || strlen(file->path) >= sizeof(path))
		return -ENOENT;
	unescape(file->path, path);
	root = openat(process->proc_fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return -errno;
	fd = file_find_inside(root, path, true);
	return fd < 0 ? fd : reopen_same(fd, file);
}

/* The kernel's own library has no file. */
static int open_memory(const struct process *process, const struct code *code,
		       struct elf_object **ret_object)
{
	unsigned char image[VDSO_MAX_BYTES];
	size_t size = code->end - code->start;

	if (size > sizeof(image) || process_read(process, code->start, image, size))
		return -EFAULT;
	return elf_object_open_image(image, size, ret_object);
}

int code_file_open(const struct process *process, const struct code *code,
		   const struct code_file *file, struct elf_object **ret_object)
{
	_cleanup_(closep) int fd = -1;

	if (!strcmp(file->path, "[vdso]"))
		return open_memory(process, code, ret_object);
	if (!file->inode)
		return -ENOENT;
	fd = open_mapped(process, code);
	if (fd < 0)
		fd = open_program(process, file);
	if (fd < 0)
		fd = open_path(process, file);
	return fd < 0 ? -ENOENT : elf_object_open(fd, ret_object);
}
