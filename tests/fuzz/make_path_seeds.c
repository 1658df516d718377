/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Writes each path of the unit tests' table to a file of the directory that is named. */
#include <stdio.h>

#include "base/cleanup.h"
#include "cgroup_paths.h"

static int write_path(const char *directory, size_t index)
{
	_cleanup_(fclosep) FILE *file = NULL;
	char name[4096];

	snprintf(name, sizeof(name), "%s/%zu", directory, index);
	file = fopen(name, "we");
	if (!file || fputs(cgroup_paths[index].path, file) < 0) {
		perror(name);
		return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	int status = argc == 2 ? 0 : 2;

	for (size_t i = 0; !status && i < nr_cgroup_paths; i++)
		status = write_path(argv[1], i);
	return status;
}
