/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Each check of the decoder by itself, with all others passed. */
#include "decode_fixture.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* A record taken apart. */
struct parts {
	struct loop_window window;
	struct window_syscall syscalls[RECORD_NR_SYSCALLS];
	struct window_bucket buckets[WINDOW_MAX_BUCKETS];
};

static void spoil_reserved(struct parts *parts)
{
	parts->window.header.reserved = 1;
}

static void spoil_family(struct parts *parts)
{
	parts->window.family = NR_WAIT_FAMILIES;
}

static void spoil_state(struct parts *parts)
{
	parts->window.state = 0;
}

static void spoil_cause(struct parts *parts)
{
	parts->window.cause = NR_CAUSES;
}

static void spoil_flags(struct parts *parts)
{
	parts->window.flags = 4;
}

static void spoil_unchanged(struct parts *parts)
{
	parts->window.flags = WINDOW_BUCKETS_UNCHANGED;
}

/* After the record, by so much that the difference wraps around to the sum of causes. */
static void spoil_first_seen(struct parts *parts)
{
	__u64 earlier = parts->window.first_seen_ns + 5;

	parts->window.header.time_ns -= earlier;
	parts->window.interval_start_ns -= earlier;
	parts->window.first_seen_ns -= earlier;
}

static void spoil_time(struct parts *parts)
{
	parts->window.header.time_ns += 1ULL << 63;
	parts->window.interval_start_ns += 1ULL << 63;
	parts->window.first_seen_ns += 1ULL << 63;
}

static void spoil_interval_start(struct parts *parts)
{
	parts->window.interval_start_ns = parts->window.header.time_ns + 1;
}

static void spoil_sum_of_causes(struct parts *parts)
{
	parts->window.cause_ns[CAUSE_OTHER]++;
}

/* The same sum, modulo 2^64. */
static void spoil_sum_by_overflow(struct parts *parts)
{
	parts->window.cause_ns[CAUSE_OTHER] += 1ULL << 63;
	parts->window.cause_ns[CAUSE_LOCK] += 1ULL << 63;
}

static void spoil_iterations(struct parts *parts)
{
	parts->window.iterations = 1ULL << 63;
}

static void spoil_events(struct parts *parts)
{
	parts->window.events = 1ULL << 63;
}

static void spoil_stalls(struct parts *parts)
{
	parts->window.stalls[CAUSE_CPU] = INT64_MAX;
	parts->window.stalls[CAUSE_LOCK] = 1;
}

static void spoil_syscall_total(struct parts *parts)
{
	parts->syscalls[0].time_ns = INT64_MAX;
}

static void spoil_bucket_histogram(struct parts *parts)
{
	parts->buckets[parts->window.nr_buckets - 1].histogram = NR_LOOP_HISTOGRAMS;
}

static void spoil_bucket_index(struct parts *parts)
{
	parts->buckets[parts->window.nr_buckets - 1].index = HISTOGRAM_NR_BUCKETS;
}

static void spoil_bucket_order(struct parts *parts)
{
	parts->buckets[1] = parts->buckets[0];
}

static void spoil_bucket_reserved(struct parts *parts)
{
	parts->buckets[0].reserved = 1;
}

static void spoil_bucket_empty(struct parts *parts)
{
	parts->buckets[0].count = 0;
}

static void spoil_bucket_count(struct parts *parts)
{
	parts->buckets[0].count = INT64_MAX;
}

static void spoil_bucket_sum(struct parts *parts)
{
	parts->buckets[0].sum = INT64_MAX;
}

static void move(void *parts, unsigned char **record, size_t size, bool into_record)
{
	if (into_record)
		memcpy(*record, parts, size);
	else
		memcpy(parts, *record, size);
	*record += size;
}

static void move_parts(struct parts *parts, unsigned char *record, bool into_record)
{
	struct loop_window *window = &parts->window;

	move(window, &record, sizeof(*window), into_record);
	move(parts->syscalls, &record, window->nr_syscalls * sizeof(parts->syscalls[0]),
	     into_record);
	move(parts->buckets, &record, window->nr_buckets * sizeof(parts->buckets[0]), into_record);
}

static void test_each_check(void **state)
{
	static void (*const spoils[])(struct parts *parts) = {
		spoil_reserved,        spoil_family,
		spoil_state,           spoil_cause,
		spoil_flags,           spoil_unchanged,
		spoil_first_seen,      spoil_time,
		spoil_interval_start,  spoil_sum_of_causes,
		spoil_sum_by_overflow, spoil_iterations,
		spoil_events,          spoil_stalls,
		spoil_syscall_total,   spoil_bucket_histogram,
		spoil_bucket_index,    spoil_bucket_order,
		spoil_bucket_reserved, spoil_bucket_empty,
		spoil_bucket_count,    spoil_bucket_sum};
	struct decode_fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_SIZE(spoils); i++) {
		struct decode_fixture spoilt = *fixture;
		static struct parts parts;

		move_parts(&parts, spoilt.record, false);
		spoils[i](&parts);
		move_parts(&parts, spoilt.record, true);
		if (decode_apply_copy(spoilt.record, spoilt.size) != -EBADMSG)
			fail_msg("check %zu", i);
	}
}

/* More system calls than a record may have, and a size to match. */
static void test_too_many_syscalls(void **state)
{
	struct decode_fixture *fixture = *state;
	struct loop_window window;

	memcpy(&window, fixture->record, sizeof(window));
	window.nr_buckets = 0;
	for (window.nr_syscalls = 0; window.nr_syscalls < 80; window.nr_syscalls++) {
		const struct window_syscall syscall = {.nr = window.nr_syscalls, .count = 1};
		bool allowed = window.nr_syscalls <= RECORD_NR_SYSCALLS;

		window.header.size = sizeof(window) + window.nr_syscalls * sizeof(syscall);
		memcpy(fixture->record, &window, sizeof(window));
		assert_int_equal(decode_apply_copy(fixture->record, window.header.size),
				 allowed ? 0 : -EBADMSG);
		memcpy(fixture->record + window.header.size, &syscall, sizeof(syscall));
	}
}

int main(void)
{
	const struct CMUnitTest decode_checks[] = {
		cmocka_unit_test_setup(test_each_check, decode_set_up),
		cmocka_unit_test_setup(test_too_many_syscalls, decode_set_up),
	};

	return cmocka_run_group_tests(decode_checks, NULL, NULL);
}
