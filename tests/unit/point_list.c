/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copies of points and their names, for points are valid only during the call. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "example_figures.h"
#include "point_list.h"

static struct point_list list;

static int add(const struct point *point, void *context)
{
	const struct attribute *last = NULL;

	(void)context;
	if (point->nr_attributes)
		last = &point->attributes[point->nr_attributes - 1];
	assert_true(list.nr < POINT_LIST_MAX);
	assert_true(point->nr_attributes <= POINT_MAX_ATTRIBUTES);
	list.points[list.nr] = *point;
	snprintf(list.names[list.nr], POINT_NAME_LEN, "%s",
		 last && last->type == ATTRIBUTE_TEXT ? last->text : "");
	list.nr++;
	return 0;
}

const struct instrument *find_instrument(const char *name)
{
	for (size_t i = 0; i < nr_instruments; i++) {
		if (!strcmp(instruments[i].name, name))
			return &instruments[i];
	}
	fail_msg("no instrument %s", name);
	return NULL;
}

const struct point_list *resource_points(const char *name, const struct figures *figures,
					 size_t resource, enum temporality temporality)
{
	list.nr = 0;
	assert_int_equal(instrument_points(find_instrument(name), figures,
					   &figures->resources[resource], temporality, add, NULL),
			 0);
	return &list;
}

const struct point_list *agent_points(const char *name, const struct figures *figures,
				      const struct agent_figures *since,
				      enum temporality temporality)
{
	list.nr = 0;
	assert_int_equal(instrument_agent_points(find_instrument(name), figures, since,
						 EXAMPLE_SINCE_NS, temporality, add, NULL),
			 0);
	return &list;
}

const struct point *named_point(const struct point_list *points, const char *name)
{
	const struct point *found = NULL;

	for (size_t i = 0; i < points->nr; i++) {
		if (strcmp(points->names[i], name))
			continue;
		assert_null(found);
		found = &points->points[i];
	}
	if (!found)
		fail_msg("no point %s among %zu", name, points->nr);
	return found;
}
