/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "output_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

FILE *output_create(const char *directory, const char *name)
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

void output_text(FILE *out, const char *text)
{
	fputc('"', out);
	for (; text && *text; text++)
		fprintf(out, "%02x", (unsigned char)*text);
	fputc('"', out);
}

int output_request(struct buffer *request, size_t nr_held, void *context)
{
	struct output_requests *requests = context;
	char name[32];
	FILE *file;

	snprintf(name, sizeof(name), "request-%u", requests->nr++);
	file = output_create(requests->directory, name);
	fwrite(request->data, 1, request->size, file);
	fclose(file);
	fprintf(requests->counts, "%zu\n", nr_held);
	return 0;
}
