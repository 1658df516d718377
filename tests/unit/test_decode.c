/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Malformed records: refused, or harmless. */
#include "decode_fixture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/decode.h"
#include "model/model.h"

static void test_sound_record(void **state)
{
	struct decode_fixture *fixture = *state;

	assert_int_equal(decode_apply_copy(fixture->record, fixture->size), 0);
}

static void test_any_alignment(void **state)
{
	struct decode_fixture *fixture = *state;

	for (size_t shift = 1; shift < 8; shift++) {
		unsigned char *shifted = malloc(shift + fixture->size);
		struct record_header header;
		struct decoded_window decoded;

		assert_non_null(shifted);
		memcpy(shifted + shift, fixture->record, fixture->size);
		assert_int_equal(decode_header(shifted + shift, fixture->size, &header), 0);
		assert_int_equal(decode_window(shifted + shift, &decoded), 0);
		assert_string_equal(decoded.window.thread, "loop-1");
		free(shifted);
	}
}

static void test_room_after_the_record(void **state)
{
	struct decode_fixture *fixture = *state;

	memset(fixture->record + fixture->size, 0xff, 100);
	assert_int_equal(decode_apply_copy(fixture->record, fixture->size + 100), 0);
}

static void test_every_truncation(void **state)
{
	struct decode_fixture *fixture = *state;

	for (size_t size = 0; size < fixture->size; size++)
		assert_int_equal(decode_apply_copy(fixture->record, size), -EBADMSG);
}

/* The same, with a header that owns up to it. */
static void test_every_honest_truncation(void **state)
{
	struct decode_fixture *fixture = *state;

	for (__u32 size = sizeof(struct record_header); size < fixture->size; size++) {
		memcpy(fixture->record + offsetof(struct record_header, size), &size, sizeof(size));
		assert_int_equal(decode_apply_copy(fixture->record, size), -EBADMSG);
	}
}

static void test_every_corrupted_byte(void **state)
{
	struct decode_fixture *fixture = *state;

	for (size_t at = 0; at < fixture->size; at++) {
		unsigned char sound = fixture->record[at];

		for (int value = 0; value < 256; value++) {
			int err;

			fixture->record[at] = value;
			err = decode_apply_copy(fixture->record, fixture->size);
			assert_true(err == 0 || err == -EBADMSG);
		}
		fixture->record[at] = sound;
	}
}

static void test_random_corruption(void **state)
{
	struct decode_fixture *fixture = *state, corrupted;
	struct random random = {5};

	for (int round = 0; round < 20000; round++) {
		corrupted = *fixture;
		for (int i = 0; i < 4; i++) {
			size_t at = random_below(&random, fixture->size / 8) * 8;
			uint64_t value = random_scale(&random, 64);

			memcpy(corrupted.record + at, &value, sizeof(value));
		}
		decode_apply_copy(corrupted.record, corrupted.size);
	}
}

static void test_unknown_kind(void **state)
{
	const struct record_header header = {.kind = 999, .size = sizeof(header)};
	const struct model_options options = {.max_loops = 10};
	struct model *model;

	(void)state;
	assert_int_equal(model_new(&options, &model), 0);
	assert_int_equal(model_apply(model, &header, sizeof(header)), 0);
	assert_int_equal(model_stats(model)->records_unknown, 1);
	assert_int_equal(model_stats(model)->records_bad, 0);
	assert_int_equal(model_nr_loops(model), 0);
	model_free(model);
}

static void test_names_are_terminated(void **state)
{
	struct decode_fixture *fixture = *state;
	struct decoded_window decoded;

	memset(fixture->record + offsetof(struct loop_window, thread), 'x', 2 * RECORD_COMM_LEN);
	assert_int_equal(decode_window(fixture->record, &decoded), 0);
	assert_string_equal(decoded.window.thread, "xxxxxxxxxxxxxxx");
	assert_string_equal(decoded.window.process, "xxxxxxxxxxxxxxx");
}

int main(void)
{
	const struct CMUnitTest decode[] = {
		cmocka_unit_test_setup(test_sound_record, decode_set_up),
		cmocka_unit_test_setup(test_any_alignment, decode_set_up),
		cmocka_unit_test_setup(test_room_after_the_record, decode_set_up),
		cmocka_unit_test_setup(test_every_truncation, decode_set_up),
		cmocka_unit_test_setup(test_every_honest_truncation, decode_set_up),
		cmocka_unit_test_setup(test_every_corrupted_byte, decode_set_up),
		cmocka_unit_test_setup(test_random_corruption, decode_set_up),
		cmocka_unit_test_setup(test_unknown_kind, decode_set_up),
		cmocka_unit_test_setup(test_names_are_terminated, decode_set_up),
	};

	return cmocka_run_group_tests(decode, NULL, NULL);
}
