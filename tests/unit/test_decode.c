/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Malformed records: refused, or harmless. Each is copied to memory of exactly
 * its size, so that AddressSanitizer sees any read beyond it.
 */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fake_loop.h"
#include "model/decode.h"
#include "model/model.h"
#include "report_problem.h"

struct fixture {
	unsigned char record[WINDOW_MAX_SIZE];
	size_t size;
};

static int set_up(void **state)
{
	static struct fixture fixture;
	struct fake_loop loop;

	fake_loop_start(&loop, 1, 1000 * MS);
	for (int i = 1; i < 5; i++) {
		fake_loop_pass(&loop, i * 10 * MS);
		fake_loop_return(&loop, i * 20 * US, i);
		fake_loop_pass(&loop, i * MS);
		fake_loop_sleep(&loop, i, CAUSE_SYSCALL, i * 3 * MS);
		fake_loop_enter(&loop);
	}
	fake_loop_return(&loop, 0, 1);
	fake_loop_doze(&loop, 74, CAUSE_SYSCALL, 4 * MS);
	fixture.size = fake_loop_record(&loop, RECORD_LOOP_WINDOW, fixture.record);
	*state = &fixture;
	return 0;
}

static int assert_no_problem(const struct loop_report *report, void *context)
{
	const char *problem = report_problem(report);

	(void)context;
	if (problem)
		fail_msg("%s", problem);
	return 0;
}

/* What the model says to a copy of the record; a report that it then makes is sound. */
static int apply_copy(const unsigned char *record, size_t size)
{
	const struct model_options options = {.blocking_ns = 50 * MS, .max_loops = 10};
	unsigned char *copy = malloc(size + !size);
	struct model *model;
	int err;

	assert_non_null(copy);
	memcpy(copy, record, size);
	assert_int_equal(model_new(&options, &model), 0);
	err = model_apply(model, copy, size);
	assert_int_equal(model_report(model, assert_no_problem, NULL), 0);
	assert_int_equal(model_stats(model)->records, 1);
	assert_int_equal(model_stats(model)->records_bad, err == -EBADMSG);
	model_free(model);
	free(copy);
	return err;
}

static void test_sound_record(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(apply_copy(fixture->record, fixture->size), 0);
}

static void test_any_alignment(void **state)
{
	struct fixture *fixture = *state;

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
	struct fixture *fixture = *state;

	memset(fixture->record + fixture->size, 0xff, 100);
	assert_int_equal(apply_copy(fixture->record, fixture->size + 100), 0);
}

static void test_every_truncation(void **state)
{
	struct fixture *fixture = *state;

	for (size_t size = 0; size < fixture->size; size++)
		assert_int_equal(apply_copy(fixture->record, size), -EBADMSG);
}

/* The same, with a header that owns up to it. */
static void test_every_honest_truncation(void **state)
{
	struct fixture *fixture = *state;

	for (__u32 size = sizeof(struct record_header); size < fixture->size; size++) {
		memcpy(fixture->record + offsetof(struct record_header, size), &size, sizeof(size));
		assert_int_equal(apply_copy(fixture->record, size), -EBADMSG);
	}
}

static void test_every_corrupted_byte(void **state)
{
	struct fixture *fixture = *state;

	for (size_t at = 0; at < fixture->size; at++) {
		unsigned char sound = fixture->record[at];

		for (int value = 0; value < 256; value++) {
			int err;

			fixture->record[at] = value;
			err = apply_copy(fixture->record, fixture->size);
			assert_true(err == 0 || err == -EBADMSG);
		}
		fixture->record[at] = sound;
	}
}

static void test_random_corruption(void **state)
{
	struct fixture *fixture = *state, corrupted;
	struct random random = {5};

	for (int round = 0; round < 20000; round++) {
		corrupted = *fixture;
		for (int i = 0; i < 4; i++) {
			size_t at = random_below(&random, fixture->size / 8) * 8;
			uint64_t value = random_scale(&random, 64);

			memcpy(corrupted.record + at, &value, sizeof(value));
		}
		apply_copy(corrupted.record, corrupted.size);
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
	struct fixture *fixture = *state;
	struct decoded_window decoded;

	memset(fixture->record + offsetof(struct loop_window, thread), 'x', 2 * RECORD_COMM_LEN);
	assert_int_equal(decode_window(fixture->record, &decoded), 0);
	assert_string_equal(decoded.window.thread, "xxxxxxxxxxxxxxx");
	assert_string_equal(decoded.window.process, "xxxxxxxxxxxxxxx");
}

typedef void (*spoil_fn)(struct loop_window *window, struct window_bucket *buckets);

static void spoil_reserved(struct loop_window *window, struct window_bucket *buckets)
{
	(void)buckets;
	window->header.reserved = 1;
}

static void spoil_family(struct loop_window *window, struct window_bucket *buckets)
{
	(void)buckets;
	window->family = NR_WAIT_FAMILIES;
}

static void spoil_state(struct loop_window *window, struct window_bucket *buckets)
{
	(void)buckets;
	window->state = 0;
}

static void spoil_cause(struct loop_window *window, struct window_bucket *buckets)
{
	(void)buckets;
	window->cause = NR_CAUSES;
}

static void spoil_flags(struct loop_window *window, struct window_bucket *buckets)
{
	(void)buckets;
	window->flags = 2;
}

static void spoil_unchanged(struct loop_window *window, struct window_bucket *buckets)
{
	(void)buckets;
	window->flags = WINDOW_BUCKETS_UNCHANGED;
}

static void spoil_first_seen(struct loop_window *window, struct window_bucket *buckets)
{
	(void)buckets;
	window->first_seen_ns = window->header.time_ns + 1;
}

static void spoil_interval_start(struct loop_window *window, struct window_bucket *buckets)
{
	(void)buckets;
	window->interval_start_ns = window->header.time_ns + 1;
}

static void spoil_sum_of_causes(struct loop_window *window, struct window_bucket *buckets)
{
	(void)buckets;
	window->cause_ns[CAUSE_OTHER]++;
}

/* Sums to the same modulo 2^64. */
static void spoil_by_overflow(struct loop_window *window, struct window_bucket *buckets)
{
	(void)buckets;
	window->cause_ns[CAUSE_OTHER] += 1ULL << 63;
	window->cause_ns[CAUSE_LOCK] += 1ULL << 63;
}

static void spoil_histogram(struct loop_window *window, struct window_bucket *buckets)
{
	buckets[window->nr_buckets - 1].histogram = NR_LOOP_HISTOGRAMS;
}

static void spoil_index(struct loop_window *window, struct window_bucket *buckets)
{
	buckets[window->nr_buckets - 1].index = HISTOGRAM_NR_BUCKETS;
}

static void spoil_order(struct loop_window *window, struct window_bucket *buckets)
{
	(void)window;
	buckets[1] = buckets[0];
}

static void spoil_empty_bucket(struct loop_window *window, struct window_bucket *buckets)
{
	(void)window;
	buckets[0].count = 0;
}

static void spoil_bucket_total(struct loop_window *window, struct window_bucket *buckets)
{
	(void)window;
	buckets[0].sum = INT64_MAX;
}

static void test_each_check(void **state)
{
	static const spoil_fn spoils[] = {
		spoil_reserved,    spoil_family,        spoil_state,        spoil_cause,
		spoil_flags,       spoil_unchanged,     spoil_first_seen,   spoil_interval_start,
		spoil_by_overflow, spoil_sum_of_causes, spoil_histogram,    spoil_index,
		spoil_order,       spoil_empty_bucket,  spoil_bucket_total,
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_SIZE(spoils); i++) {
		struct window_bucket buckets[WINDOW_MAX_BUCKETS];
		struct fixture spoilt = *fixture;
		struct loop_window window;
		unsigned char *from;
		size_t bytes;

		memcpy(&window, spoilt.record, sizeof(window));
		from = spoilt.record + sizeof(window) +
		       window.nr_syscalls * sizeof(struct window_syscall);
		bytes = window.nr_buckets * sizeof(buckets[0]);
		memcpy(buckets, from, bytes);
		spoils[i](&window, buckets);
		memcpy(from, buckets, bytes);
		memcpy(spoilt.record, &window, sizeof(window));
		if (apply_copy(spoilt.record, spoilt.size) != -EBADMSG)
			fail_msg("check %zu", i);
	}
}

int main(void)
{
	const struct CMUnitTest decode[] = {
		cmocka_unit_test_setup(test_sound_record, set_up),
		cmocka_unit_test_setup(test_any_alignment, set_up),
		cmocka_unit_test_setup(test_room_after_the_record, set_up),
		cmocka_unit_test_setup(test_every_truncation, set_up),
		cmocka_unit_test_setup(test_every_honest_truncation, set_up),
		cmocka_unit_test_setup(test_every_corrupted_byte, set_up),
		cmocka_unit_test_setup(test_random_corruption, set_up),
		cmocka_unit_test_setup(test_unknown_kind, set_up),
		cmocka_unit_test_setup(test_names_are_terminated, set_up),
		cmocka_unit_test_setup(test_each_check, set_up),
	};

	return cmocka_run_group_tests(decode, NULL, NULL);
}
