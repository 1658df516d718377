/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Only regular files are opened: a device could be mapped as well. */
#include "symbols/code_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/cleanup.h"

#define VDSO_MAX_BYTES 65536

static int reopen(int path_fd)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", path_fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* What is mapped there, whatever its path: needs a capability. */
static int open_mapped(const struct process *process, const struct code *code)
{
	_cleanup_(closep) int fd = -1;
	struct stat stat;
	char path[64];

	snprintf(path, sizeof(path), "map_files/%llx-%llx", (unsigned long long)code->start,
		 (unsigned long long)code->end);
	fd = openat(process->proc_fd, path, O_PATH | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &stat) || !S_ISREG(stat.st_mode))
		return -ENOENT;
	return reopen(fd);
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

static int open_path(const struct process *process, const struct code_file *file)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC,
			       .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
	_cleanup_(closep) int root = -1, fd = -1;
	struct stat stat;
	char path[2 * PATH_MAX];

	if (file->path[0] != '/' || strlen(file->path) >= sizeof(path))
		return -ENOENT;
	unescape(file->path, path);
	root = openat(process->proc_fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return -errno;
	fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
	if (fd < 0)
		return -errno;
	if (fstat(fd, &stat) || !S_ISREG(stat.st_mode) || stat.st_ino != file->inode ||
	    stat.st_dev != file->device)
		return -ESTALE;
	return reopen(fd);
}

/* The kernel's own library has no file: its bytes are put in one, the same for all who have it. */
static int open_memory(const struct process *process, const struct code *code)
{
	static unsigned char bytes[VDSO_MAX_BYTES], known[VDSO_MAX_BYTES];
	static size_t known_size;
	static int known_fd = -1;
	size_t size = code->end - code->start;

	if (size > sizeof(bytes) || process_read(process, code->start, bytes, size))
		return -EFAULT;
	if (known_fd < 0 || known_size != size || memcmp(known, bytes, size) != 0) {
		closep(&known_fd);
		known_size = 0;
		known_fd = memfd_create("vdso", MFD_CLOEXEC);
		if (known_fd < 0 || pwrite(known_fd, bytes, size, 0) != (ssize_t)size)
			return -ENOMEM;
		memcpy(known, bytes, size);
		known_size = size;
	}
	return fcntl(known_fd, F_DUPFD_CLOEXEC, 0);
}

int code_file_open(const struct process *process, const struct code *code,
		   const struct code_file *file, struct elf_object **ret_object)
{
	_cleanup_(closep) int fd = -1;

	if (!strcmp(file->path, "[vdso]"))
		fd = open_memory(process, code);
	else if (file->inode)
		fd = open_mapped(process, code);
	if (fd < 0 && file->inode)
		fd = open_path(process, file);
	return fd < 0 ? -ENOENT : elf_object_open(fd, file->path, ret_object);
}
