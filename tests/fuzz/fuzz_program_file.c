/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A program's file as runtimes are told from it: the first byte says what is looked for, the rest
 * is the file. What is found must be a version, and no more may be read than is said.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "identity/program_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct program_search searches[] = {
	{NULL, ""},      {"python", "3.11"}, {"redis", ""}, {"nginx", ""},
	{"haproxy", ""}, {"libuv", ""},      {"tokio", ""}, {"java", ""},
};

static void check_version(const char *version)
{
	if (strnlen(version, VERSION_LEN) == VERSION_LEN)
		abort();
	if (*version && (*version < '0' || *version > '9'))
		abort();
	for (; *version; version++) {
		if (*version <= ' ' || *version > '~')
			abort();
	}
}

static void check(const struct program_facts *facts)
{
	if (facts->nr_found > PROGRAM_MAX_FOUND ||
	    facts->bytes_read > PROGRAM_MAX_BYTES + (1 << 20))
		abort();
	check_version(facts->build_version);
	for (unsigned int i = 0; i < facts->nr_found; i++) {
		check_version(facts->found[i].version);
		if (!program_version(facts, content_rule(facts->found[i].rule)->name))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	struct program_facts facts;

	if (fd < 0)
		fd = memfd_create("program", MFD_CLOEXEC);
	if (!size || fd < 0)
		return 0;
	if (ftruncate(fd, 0) || pwrite(fd, data + 1, size - 1, 0) != (ssize_t)(size - 1))
		abort();
	program_read(fd, &searches[data[0] % (sizeof(searches) / sizeof(*searches))], &facts);
	check(&facts);
	return 0;
}
