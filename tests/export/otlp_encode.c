/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * otlp_encode FIRST LAST DIRECTORY: for each seed from FIRST to LAST makes random
 * figures and writes them, in DIRECTORY/SEED, three times: figures.json, as they
 * are; request-N, as OTLP's protobuf (and points, a line each: how many are said to
 * be in it); lines.json, as OTLP's JSON. test_encode.py compares.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "output_files.h"
#include "random_figures.h"

static struct world world;

static int write_world(const char *directory)
{
	struct output_requests output = {directory, output_create(directory, "points"), 0};
	FILE *file = output_create(directory, "figures.json");
	int err;

	world_dump(file, &world);
	fclose(file);
	err = otlp_encode(&world.figures, &world.options, output_request, &output);
	fclose(output.counts);
	file = output_create(directory, "lines.json");
	err = err ?: otlp_write_json(file, &world.figures, &world.options);
	fclose(file);
	return err;
}

int main(int argc, char **argv)
{
	unsigned long long first, last;

	if (argc != 4) {
		fprintf(stderr, "usage: otlp_encode FIRST LAST DIRECTORY\n");
		return 2;
	}
	first = strtoull(argv[1], NULL, 10);
	last = strtoull(argv[2], NULL, 10);
	for (unsigned long long seed = first; seed <= last; seed++) {
		char directory[4096];
		int err;

		snprintf(directory, sizeof(directory), "%s/%llu", argv[3], seed);
		if (mkdir(directory, 0777))
			return 1;
		world_make(&world, seed);
		err = write_world(directory);
		if (err) {
			fprintf(stderr, "seed %llu: %s\n", seed, strerror(-err));
			return 1;
		}
	}
	return 0;
}
