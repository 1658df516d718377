/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The made-up stalls in every picture, byte for byte. What browsers and pprof make of the very
 * same bytes is shown by tests/e2e/test_pictures_*.py.
 */
#include "pictures_fixture.h"

#include <stdlib.h>
#include <string.h>

#include "export/gzip.h"
#include "golden.h"

static void check(enum picture_kind kind, void (*feed)(struct pictures_fixture *fixture),
		  const char *name)
{
	struct made_picture made = picture_made(kind, feed);

	assert_golden(name, made.data, made.size);
	free(made.data);
}

static void check_profile(void (*feed)(struct pictures_fixture *fixture), const char *name)
{
	struct made_picture made = picture_made(PICTURE_PPROF, feed);
	_cleanup_(buffer_done) struct buffer profile = {};

	assert_int_equal(gunzip(made.data, made.size, 1 << 20, &profile), 0);
	assert_golden_hex(name, profile.data, profile.size);
	free(made.data);
}

static void test_example(void **state)
{
	(void)state;
	check(PICTURE_FLAMEGRAPH, pictures_feed_example, "flamegraph.svg");
	check(PICTURE_TIMELINE_JSON, pictures_feed_example, "timeline.json");
	check(PICTURE_TIMELINE_SVG, pictures_feed_example, "timeline.svg");
	check_profile(pictures_feed_example, "pprof.hex");
}

static void test_hostile(void **state)
{
	(void)state;
	check(PICTURE_FLAMEGRAPH, pictures_feed_hostile, "flamegraph_hostile.svg");
	check(PICTURE_TIMELINE_JSON, pictures_feed_hostile, "timeline_hostile.json");
	check(PICTURE_TIMELINE_SVG, pictures_feed_hostile, "timeline_hostile.svg");
	check_profile(pictures_feed_hostile, "pprof_hostile.hex");
}

static void test_quiet(void **state)
{
	(void)state;
	check(PICTURE_FLAMEGRAPH, pictures_feed_quiet, "flamegraph_quiet.svg");
	check(PICTURE_TIMELINE_JSON, pictures_feed_quiet, "timeline_quiet.json");
	check(PICTURE_TIMELINE_SVG, pictures_feed_quiet, "timeline_quiet.svg");
	check_profile(pictures_feed_quiet, "pprof_quiet.hex");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_example),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_quiet),
	};

	return cmocka_run_group_tests_name("pictures_golden", tests, NULL, NULL);
}
