/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Places between their record and the loop's first window. */
#include <string.h>

#include "agent/places.h"
#include "unit.h"

#define ID "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static struct place place_of(unsigned int tid, const char *unified, const char *v1)
{
	struct place place = {.id = {.tid = tid}, .own_pid = tid + 100};

	strcpy(place.unified, unified);
	strcpy(place.v1, v1);
	return place;
}

static void check_choice(const char *unified, const char *v1, const char *expected)
{
	struct place place = place_of(1, unified, v1);
	struct process_identity identity = {};
	struct places *places;

	assert_int_equal(places_new(4, &places), 0);
	places_note(places, &place);
	assert_true(places_find(places, &place.id, &identity));
	assert_string_equal(identity.cgroup, expected);
	assert_int_equal(identity.own_pid, 101);
	places_forget(places, &place.id);
	places_forget(places, &place.id);
	assert_false(places_find(places, &place.id, &identity));
	places_free(places);
}

static void test_choice(void **state)
{
	(void)state;
	check_choice("/system.slice/a.service", "", "/system.slice/a.service");
	check_choice("/", "/a", "/a");
	check_choice("/", "/", "/");
	check_choice("/user.slice", "/a", "/user.slice");
	check_choice("/system.slice/docker.service", "/docker/" ID, "/docker/" ID);
	check_choice("/docker/" ID, "/a", "/docker/" ID);
}

static bool is_noted(const struct place *place, struct process_identity *identity)
{
	struct places *places;
	bool found;

	assert_int_equal(places_new(4, &places), 0);
	places_note(places, place);
	found = places_find(places, &place->id, identity);
	places_free(places);
	return found;
}

/* No part of a path is used for the whole. */
static void test_too_long(void **state)
{
	struct place place = place_of(1, "/a", "/docker/" ID);
	struct process_identity identity = {};

	(void)state;
	place.v1_cut = true;
	assert_true(is_noted(&place, &identity));
	assert_string_equal(identity.cgroup, "/a");
	place.unified_cut = true;
	assert_false(is_noted(&place, &identity));
	place.v1_cut = false;
	assert_true(is_noted(&place, &identity));
	assert_string_equal(identity.cgroup, "/docker/" ID);
	place = place_of(1, "", "");
	memset(place.unified, '/', IDENTITY_CGROUP_LEN);
	assert_false(is_noted(&place, &identity));
	place.unified[IDENTITY_CGROUP_LEN - 1] = '\0';
	assert_true(is_noted(&place, &identity));
}

static void test_bounded(void **state)
{
	struct process_identity identity = {};
	struct places *places;

	(void)state;
	assert_int_equal(places_new(3, &places), 0);
	for (unsigned int tid = 0; tid < 5; tid++) {
		struct place place = place_of(tid, "/a", "");

		places_note(places, &place);
		places_note(places, &place); /* told twice: no more room taken */
	}
	for (unsigned int tid = 0; tid < 5; tid++) {
		const struct loop_id id = {.tid = tid};

		assert_int_equal(places_find(places, &id, &identity), tid >= 2);
	}
	places_free(places);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_choice),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
