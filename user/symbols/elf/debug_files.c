/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names are tried in the order in which debuggers do. */
#include "symbols/elf/debug_files.h"

#include <elfutils/libdwelf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "base/cleanup.h"
#include "base/file_inside.h"

#define MAX_BUILD_ID 64
#define MAX_CHECKED_BYTES (512ULL << 20) /* of a file that has a checksum, and no build id */

static int open_regular(int root, const char *path)
{
	_cleanup_(closep) int fd = file_find_inside(root, path, true);

	return fd < 0 ? fd : file_reopen(fd);
}

static bool has_checksum(int fd, uint32_t wanted)
{
	unsigned char bytes[65536];
	uLong crc = crc32(0, NULL, 0);
	struct stat stat;
	ssize_t n;

	if (fstat(fd, &stat) || (unsigned long long)stat.st_size > MAX_CHECKED_BYTES)
		return false;
	for (off_t at = 0; (n = pread(fd, bytes, sizeof(bytes), at)) > 0; at += n)
		crc = crc32(crc, bytes, (uInt)n);
	return n == 0 && crc == wanted;
}

/* By build id if what it is for has one, else by the checksum. */
static bool is_wanted(int fd, const struct debug_wanted *wanted)
{
	Elf *elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	const void *id;
	ssize_t size;
	bool is = false;

	if (!elf)
		return false;
	size = elf_kind(elf) == ELF_K_ELF ? dwelf_elf_gnu_build_id(elf, &id) : -1;
	if (wanted->build_id)
		is = size > 0 && (size_t)size == wanted->build_id_size &&
		     !memcmp(id, wanted->build_id, size);
	else if (wanted->link && elf_kind(elf) == ELF_K_ELF)
		is = has_checksum(fd, wanted->link_crc);
	elf_end(elf);
	return is;
}

static int try_path(int root, const char *path, const struct debug_wanted *wanted)
{
	_cleanup_(closep) int fd = open_regular(root, path);

	return fd >= 0 && is_wanted(fd, wanted) ? TAKE_FD(fd) : -ENOENT;
}

static int try_build_id(int root, const struct debug_wanted *wanted)
{
	const unsigned char *id = wanted->build_id;
	char path[sizeof("/usr/lib/debug/.build-id/xx/.debug") + 2 * MAX_BUILD_ID];
	int length;

	if (!id || wanted->build_id_size < 2 || wanted->build_id_size > MAX_BUILD_ID)
		return -ENOENT;
	length = sprintf(path, "/usr/lib/debug/.build-id/%02x/", id[0]);
	for (size_t i = 1; i < wanted->build_id_size; i++)
		length += sprintf(path + length, "%02x", id[i]);
	sprintf(path + length, ".debug");
	return try_path(root, path, wanted);
}

/* `name` lies next to the file, below it in .debug, or in the tree of all debug files. */
static int try_link(int root, const char *of, const struct debug_wanted *wanted)
{
	static const char *const forms[] = {"%.*s/%s", "%.*s/.debug/%s", "/usr/lib/debug%.*s/%s"};
	const char *slash = strrchr(of, '/');

	if (!wanted->link || !*wanted->link || strchr(wanted->link, '/') || !slash)
		return -ENOENT;
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		char path[PATH_MAX];
		int fd;

		if (snprintf(path, sizeof(path), forms[i], (int)(slash - of), of, wanted->link) >=
		    (int)sizeof(path))
			continue;
		fd = try_path(root, path, wanted);
		if (fd >= 0)
			return fd;
	}
	return -ENOENT;
}

static int try_root(int root, const struct debug_place *place, const struct debug_wanted *wanted)
{
	int fd = root < 0 ? -ENOENT : try_build_id(root, wanted);

	return fd >= 0 || root < 0 ? fd : try_link(root, place->path, wanted);
}

int debug_file_open(const struct debug_place *place, const struct debug_wanted *wanted)
{
	_cleanup_(closep) int inside =
		openat(place->proc_fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(closep) int outside = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = try_root(inside, place, wanted);

	return fd >= 0 ? fd : try_root(outside, place, wanted);
}
