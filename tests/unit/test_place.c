/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Place records into paths. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/model.h"
#include "model/place.h"

struct record {
	struct loop_place place;
	char names[PLACE_MAX_NAMES_SIZE + 512];
};

static void fill(struct record *record, const char *unified, size_t unified_size, const char *v1,
		 size_t v1_size)
{
	*record =
		(struct record){.place = {.header = {.kind = RECORD_LOOP_PLACE,
						     .size = (__u32)(sizeof(record->place) +
								     unified_size + v1_size),
						     .time_ns = 5},
					  .id = {.pid = 7, .tid = 8, .start_ns = 9, .exec_id = 10},
					  .cgroup_id = 77,
					  .own_pid = 1,
					  .unified_size = (__u16)unified_size,
					  .v1_size = (__u16)v1_size}};
	memcpy(record->names, unified, unified_size);
	memcpy(record->names + unified_size, v1, v1_size);
}

#define FILL(record, unified, v1) fill(record, unified, sizeof(unified) - 1, v1, sizeof(v1) - 1)

static void test_paths(void **state)
{
	struct record record;
	struct place place;

	(void)state;
	FILL(&record, "leaf.scope\0pod.slice\0top.slice\0", "id\0docker\0");
	assert_int_equal(place_decode(&record, sizeof(record), &place), 0);
	assert_string_equal(place.unified, "/top.slice/pod.slice/leaf.scope");
	assert_string_equal(place.v1, "/docker/id");
	assert_int_equal(place.id.tid, 8);
	assert_int_equal(place.own_pid, 1);
	assert_int_equal(place.cgroup_id, 77);
}

static void test_root(void **state)
{
	struct record record;
	struct place place;

	(void)state;
	FILL(&record, "", "");
	assert_int_equal(place_decode(&record, sizeof(record), &place), 0);
	assert_string_equal(place.unified, "/");
	assert_string_equal(place.v1, "");
}

static void test_longest(void **state)
{
	char names[PLACE_MAX_NAMES_OF_ONE];
	struct record record;
	struct place place;

	(void)state;
	for (size_t i = 0; i < sizeof(names); i++)
		names[i] = i % 256 == 255 ? '\0' : 'n';
	fill(&record, names, sizeof(names), names, sizeof(names));
	assert_int_equal(place_decode(&record, record.place.header.size, &place), 0);
	assert_int_equal(strlen(place.unified), sizeof(names));
	assert_string_equal(place.unified, place.v1);
	assert_true(place.unified_cut);
	assert_true(place.v1_cut);
}

/* What may lack its outermost names. */
static void test_cut(void **state)
{
	char names[PLACE_WHOLE_SIZE + 1];
	struct record record;
	struct place place;

	(void)state;
	memset(names, 'n', sizeof(names));
	names[sizeof(names) - 2] = names[sizeof(names) - 1] = '\0';
	fill(&record, names, sizeof(names) - 1, "", 0);
	assert_int_equal(place_decode(&record, sizeof(record), &place), 0);
	assert_false(place.unified_cut);
	names[sizeof(names) - 2] = 'n';
	fill(&record, "a", 2, names, sizeof(names));
	assert_int_equal(place_decode(&record, sizeof(record), &place), 0);
	assert_false(place.unified_cut);
	assert_true(place.v1_cut);
	for (int i = 0; i < PLACE_MAX_DEPTH; i++)
		memcpy(names + 2 * i, "n", 2);
	for (int i = -1; i <= 0; i++) {
		fill(&record, names, 2 * (size_t)(PLACE_MAX_DEPTH + i), "", 0);
		assert_int_equal(place_decode(&record, sizeof(record), &place), 0);
		assert_int_equal(place.unified_cut, i == 0);
	}
}

static void test_malformed(void **state)
{
	struct record record;
	struct place place;
	char many[1024];

	(void)state;
	FILL(&record, "leaf", "");
	assert_int_equal(place_decode(&record, sizeof(record), &place), -EBADMSG);
	FILL(&record, "a\0\0", "");
	assert_int_equal(place_decode(&record, sizeof(record), &place), -EBADMSG);
	FILL(&record, "a/b\0", "");
	assert_int_equal(place_decode(&record, sizeof(record), &place), -EBADMSG);
	FILL(&record, "a\0", "b");
	assert_int_equal(place_decode(&record, sizeof(record), &place), -EBADMSG);
	FILL(&record, "a\0", "b\0");
	record.place.v1_size++;
	assert_int_equal(place_decode(&record, sizeof(record), &place), -EBADMSG);
	FILL(&record, "a\0", "b\0");
	record.place.header.reserved = 1;
	assert_int_equal(place_decode(&record, sizeof(record), &place), -EBADMSG);
	FILL(&record, "a\0", "b\0");
	for (size_t size = 0; size < record.place.header.size; size++)
		assert_int_equal(place_decode(&record, size, &place), -EBADMSG);
	for (size_t i = 0; i < sizeof(many); i++)
		many[i] = i % 2 ? '\0' : 'n';
	fill(&record, many, sizeof(many), "", 0);
	assert_int_equal(place_decode(&record, sizeof(record), &place), -EBADMSG);
}

/* It is no loop's, and no surprise either. */
static void test_model_takes_it(void **state)
{
	const struct model_options options = {.max_loops = 1};
	struct model *model;
	struct record record;

	(void)state;
	assert_int_equal(model_new(&options, &model), 0);
	FILL(&record, "a\0", "");
	assert_int_equal(model_apply(model, &record, sizeof(record)), 0);
	assert_int_equal(model_stats(model)->records, 1);
	assert_int_equal(model_stats(model)->records_unknown, 0);
	assert_int_equal(model_stats(model)->records_bad, 0);
	model_free(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),   cmocka_unit_test(test_root),
		cmocka_unit_test(test_longest), cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_cut),     cmocka_unit_test(test_model_takes_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
