/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Writes small programs for the fuzzer to start from into the directory given. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "made_elf.h"

#define NR_SEARCHES 8

static const struct made_section sections[] = {
	MADE_TEXT(".go.buildinfo", "\xff Go buildinf:\x08\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
				   "\x08go1.26.8"),
	MADE_TEXT(".rodata", "\0nginx version: nginx/1.22.1\n\0003.11.2\0UV_THREADPOOL_SIZE\0"
			     "/tokio-1.38.1/src/\0"
			     "7.0.15\0c11-builtin\0 JRE (17.0.15+6)\0"),
	MADE_TEXT(".data", " version 2.6.12-1, released 2026"),
};

static int write_seed(const char *directory, char search, size_t nr)
{
	size_t size;
	unsigned char *elf = made_elf(sections, nr, &size);
	char path[4096];
	int fd, bad;

	snprintf(path, sizeof(path), "%s/%d-%zu", directory, search, nr);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	bad = fd < 0 || write(fd, &search, 1) != 1 || write(fd, elf, size) != (ssize_t)size;
	close(fd);
	free(elf);
	return bad;
}

int main(int argc, char **argv)
{
	int bad = argc != 2;

	for (char search = 0; !bad && search < NR_SEARCHES; search++) {
		for (size_t nr = 1; !bad && nr <= sizeof(sections) / sizeof(*sections); nr++)
			bad = write_seed(argv[1], search, nr);
	}
	return bad;
}
