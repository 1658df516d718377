/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reading and parsing /proc/PID/maps. Without stdio, which would read it by the
 * kilobyte, and without scanf: a process may have a hundred thousand mappings.
 */
#include "identity/mappings.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"

/* The number at *at and the character behind it. */
static bool take_number(const char **at, int base, char behind, __u64 *ret_number)
{
	char *end;

	*ret_number = strtoull(*at, &end, base);
	if (end == *at || *end != behind)
		return false;
	*at = end + 1;
	return true;
}

bool mapping_parse(const char *line, struct mapping *ret_mapping)
{
	struct mapping mapping;
	__u64 offset, major_number, minor_number;
	const char *at = line;

	if (!take_number(&at, 16, '-', &mapping.start) || !take_number(&at, 16, ' ', &mapping.end))
		return false;
	at = strchr(at, ' '); /* behind the permissions */
	if (!at || !take_number(&at, 16, ' ', &offset) ||
	    !take_number(&at, 16, ':', &major_number) || !take_number(&at, 16, ' ', &minor_number))
		return false;
	mapping.device = makedev(major_number, minor_number);
	/* nothing at all follows the inode where there is no name */
	mapping.inode = strtoull(at, (char **)&at, 10);
	mapping.name = at + strspn(at, " ");
	*ret_mapping = mapping;
	return true;
}

struct walk {
	char bytes[2 * PATH_MAX];
	size_t length;
	bool skip; /* the rest of a line too long to believe */
};

/* Visits the lines that are complete, and keeps the start of the next one. */
static int visit_complete(struct walk *walk, mapping_visit *visit, void *context)
{
	char *at = walk->bytes, *end = walk->bytes + walk->length, *newline;

	while ((newline = memchr(at, '\n', end - at))) {
		struct mapping mapping;
		int r = 0;

		*newline = '\0';
		if (!walk->skip && mapping_parse(at, &mapping))
			r = visit(&mapping, context);
		if (r)
			return r;
		walk->skip = false;
		at = newline + 1;
	}
	walk->length = end - at;
	if (walk->length == sizeof(walk->bytes)) {
		walk->skip = true;
		walk->length = 0;
	}
	memmove(walk->bytes, at, walk->length);
	return 0;
}

int mappings_walk(int directory, mapping_visit *visit, void *context)
{
	_cleanup_(closep) int fd = openat(directory, "maps", O_RDONLY | O_CLOEXEC);
	struct walk walk;

	if (fd < 0)
		return -errno;
	walk.length = 0;
	walk.skip = false;
	for (size_t total = 0; total < MAPPINGS_MAX_BYTES;) {
		ssize_t n = read(fd, walk.bytes + walk.length, sizeof(walk.bytes) - walk.length);
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		total += n;
		walk.length += n;
		r = visit_complete(&walk, visit, context);
		if (r)
			return r;
	}
	return 0;
}
