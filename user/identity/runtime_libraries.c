/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The libraries that a process has mapped as code. To look into one, it is opened as the process
 * would, below its own root, and only once it is known to be the file that is mapped: what is at
 * that path now may be a device, or anything else.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "identity/mappings.h"
#include "identity/proc.h"
#include "identity/runtime_parts.h"

/* A library is mapped in several pieces, one after the other, of which one is code. */
struct walk {
	struct detection *detection;
	__u64 last_inode;
};

static void keep(struct mapped_file *file, const struct mapping *mapping)
{
	if (strlen(mapping->name) >= sizeof(file->path))
		return;
	memcpy(file->path, mapping->name, strlen(mapping->name) + 1);
	file->inode = mapping->inode;
}

static void match(struct detection *detection, const struct mapping *mapping, const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	size_t rank = runtime_match(EVIDENCE_LIBRARY, name, RUNTIME_UNKNOWN);
	__u32 loops = loop_library_seen(EVIDENCE_LIBRARY, path);
	size_t loop = loop_library_choose(loops, NULL);

	if (rank < detection->library_best) {
		detection->library_best = rank;
		keep(&detection->library, mapping);
	}
	if (rank < detection->best)
		detection->best = rank;
	/* of the others nothing is to be read */
	if (loop < loop_library_choose(detection->loops_seen, NULL))
		keep(&detection->loop_library, mapping);
	detection->loops_seen |= loops;
	if (loops)
		runtime_note_seen(detection, EVIDENCE_LIBRARY, path,
				  loop_library_name(__builtin_ctz(loops)), "");
	else if (rank != RUNTIME_UNKNOWN)
		runtime_note_seen(detection, EVIDENCE_LIBRARY, path, runtime_name(rank), "");
}

static int look_at_mapping(const struct mapping *mapping, void *context)
{
	struct walk *walk = context;
	char path[PATH_MAX];

	if (!mapping->executable || mapping->name[0] != '/' || mapping->inode == walk->last_inode ||
	    strlen(mapping->name) >= sizeof(path))
		return 0;
	walk->last_inode = mapping->inode;
	memcpy(path, mapping->name, strlen(mapping->name) + 1);
	proc_strip_deleted(path);
	match(walk->detection, mapping, path);
	return 0;
}

void runtime_look_at_libraries(struct detection *detection)
{
	struct walk walk = {.detection = detection};

	mappings_walk(detection->directory, look_at_mapping, &walk);
}

/* No device, no pipe, and nothing that is outside of the process's root. */
static int open_mapped(int directory, const struct mapped_file *file)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC,
			       .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
	_cleanup_(closep) int root = openat(directory, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(closep) int place =
		root < 0 ? -EBADF : (int)syscall(SYS_openat2, root, file->path, &how, sizeof(how));
	struct stat stat;
	char again[32];

	if (place < 0 || fstat(place, &stat) || !S_ISREG(stat.st_mode) ||
	    stat.st_ino != file->inode)
		return -ENOENT;
	snprintf(again, sizeof(again), "/proc/self/fd/%d", place);
	return open(again, O_RDONLY | O_CLOEXEC);
}

static bool is_whole(const char *version)
{
	const char *dot = strchr(version, '.');

	return dot && strchr(dot + 1, '.');
}

void runtime_version_of_mapped(struct detection *detection, const struct mapped_file *file,
			       const char *name, char version[VERSION_LEN])
{
	char by_name[VERSION_LEN];
	struct program_search search = {name, version};
	const struct program_facts *facts;
	_cleanup_(closep) int fd = -EBADF;

	runtime_version_of_path(name, file->path, by_name);
	if (*by_name)
		version_copy(version, by_name);
	if (is_whole(version))
		return;
	fd = open_mapped(detection->directory, file);
	facts = fd < 0 ? NULL : program_files_read(detection->files, fd, &search);
	if (facts && program_version(facts, name) && *program_version(facts, name))
		version_copy(version, program_version(facts, name));
}
