/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Parsing /proc/PID/maps without scanf: a process may have a hundred thousand mappings. */
#include "identity/mappings.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"
#include "identity/pieces.h"

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
	__u64 major_number, minor_number;
	const char *at = line;

	if (!take_number(&at, 16, '-', &mapping.start) || !take_number(&at, 16, ' ', &mapping.end))
		return false;
	mapping.executable = strnlen(at, 3) == 3 && at[2] == 'x';
	at = strchr(at, ' '); /* behind the permissions */
	if (!at || !take_number(&at, 16, ' ', &mapping.offset) ||
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
	mapping_visit *visit;
	void *context;
};

static int visit_line(char *line, void *context)
{
	const struct walk *walk = context;
	struct mapping mapping;

	return mapping_parse(line, &mapping) ? walk->visit(&mapping, walk->context) : 0;
}

int mappings_walk(int directory, mapping_visit *visit, void *context)
{
	_cleanup_(closep) int fd = openat(directory, "maps", O_RDONLY | O_CLOEXEC);
	char window[2 * PATH_MAX];
	const struct pieces pieces = {'\n', MAPPINGS_MAX_BYTES, window, sizeof(window)};

	if (fd < 0)
		return -errno;
	return pieces_read(fd, &pieces, visit_line, &(struct walk){visit, context});
}
