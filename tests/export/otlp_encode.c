/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * otlp_encode FIRST LAST DIRECTORY: for each seed from FIRST to LAST makes random
 * figures and writes them, in DIRECTORY/SEED, three times: figures.json, as they
 * are; request-N, as OTLP's protobuf (and points, a line each: how many are said to
 * be in it); lines.json, as OTLP's JSON. test_encode.py compares.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "random_figures.h"

static struct world world;

static FILE *create(const char *directory, const char *name)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "we");
	if (!file) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		exit(1);
	}
	return file;
}

struct output {
	const char *directory;
	FILE *points;
	unsigned int nr;
};

static int write_request(struct buffer *request, size_t nr_points, void *context)
{
	struct output *output = context;
	char name[32];
	FILE *file;

	snprintf(name, sizeof(name), "request-%u", output->nr++);
	file = create(output->directory, name);
	fwrite(request->data, 1, request->size, file);
	fclose(file);
	fprintf(output->points, "%zu\n", nr_points);
	return 0;
}

static int write_world(const char *directory)
{
	struct output output = {directory, create(directory, "points"), 0};
	FILE *file = create(directory, "figures.json");
	int err;

	world_dump(file, &world);
	fclose(file);
	err = otlp_encode(&world.figures, &world.options, write_request, &output);
	fclose(output.points);
	file = create(directory, "lines.json");
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
