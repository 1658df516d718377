/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The input is a stream of records, each as long as its header says: into the
 * model with them, and every report that comes of it must be sound, and every place. A record
 * of size 0 opens a window.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/model.h"
#include "model/place.h"
#include "report_problem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int check(const struct loop_report *report, void *context)
{
	const char *problem = report_problem(report);

	(void)context;
	if (problem) {
		fprintf(stderr, "%s\n", problem);
		abort();
	}
	return 0;
}

/* A path has a name between any two slashes, and none at its end but the root's. */
static void check_path(const char *path)
{
	size_t length = strlen(path);

	if (length >= PLACE_PATH_LEN || (length && *path != '/') || strstr(path, "//") ||
	    (length > 1 && path[length - 1] == '/'))
		abort();
}

static void check_place(const uint8_t *data, size_t size)
{
	struct place place;

	if (place_decode(data, size, &place))
		return;
	check_path(place.unified);
	check_path(place.v1);
	if (!*place.unified)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct model_options options = {.max_loops = 8};
	struct record_header header;
	struct model *model;

	if (model_new(&options, &model))
		return 0;
	for (size_t at = 0; size - at >= sizeof(header);) {
		size_t step = sizeof(header);

		memcpy(&header, data + at, sizeof(header));
		if (header.size > step)
			step = header.size < size - at ? header.size : size - at;
		model_apply(model, data + at, step);
		check_place(data + at, step);
		at += step;
		if (!header.size) {
			model_report(model, check, NULL);
			model_open_window(model);
		}
	}
	model_report(model, check, NULL);
	model_free(model);
	return 0;
}
