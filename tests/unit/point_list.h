/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The points of an instrument, gathered for a test to look at. */
#ifndef LOOPSCOPE_TESTS_POINT_LIST_H
#define LOOPSCOPE_TESTS_POINT_LIST_H

#include "export/instruments.h"

#define POINT_LIST_MAX 64
#define POINT_NAME_LEN 64

struct point_list {
	struct point points[POINT_LIST_MAX];
	/* of the last attribute, if it is a text: the instruments' own; else "" */
	char names[POINT_LIST_MAX][POINT_NAME_LEN];
	size_t nr;
};

/* Fails the test if there is no such instrument. */
const struct instrument *find_instrument(const char *name);

/* In static memory, until the next call. */
const struct point_list *resource_points(const char *name, const struct figures *figures,
					 size_t resource, enum temporality temporality);
const struct point_list *agent_points(const char *name, const struct figures *figures,
				      const struct agent_figures *since,
				      enum temporality temporality);

/* The point of that name; fails the test if there is not exactly one. */
const struct point *named_point(const struct point_list *list, const char *name);

#endif
