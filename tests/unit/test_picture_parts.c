/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What pictures are made of: time split over stacks, rows, axes, texts; and what bounds them. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "base/byte_pool.h"
#include "base/plain_text.h"
#include "model/stall_split.h"
#include "view/stall_tree.h"
#include "view/timeline_axis.h"
#include "view/timeline_rows.h"

struct split {
	__u64 sums_ns[NR_CAUSES];
	__u64 stacks_ns[3]; /* of each */
	const struct stall *stall;
};

static int add_part(const struct stall_part *part, void *context)
{
	struct split *split = context;

	assert_true(part->time_ns > 0);
	split->sums_ns[part->cause] += part->time_ns;
	for (size_t i = 0; i < split->stall->nr_stacks; i++) {
		if (split->stall->stacks[i].stack == part->stack)
			split->stacks_ns[i] += part->time_ns;
	}
	return 0;
}

/* Whatever the weights: causes are as they were told, to the nanosecond. */
static void test_causes_are_kept(void **state)
{
	struct random random = {1};

	(void)state;
	for (int run = 0; run < 1000; run++) {
		struct stack stacks[3] = {};
		struct stall_stack parts[3] = {};
		struct stall stall = {.stacks = parts, .nr_stacks = random_below(&random, 4)};
		struct split split = {.stall = &stall};

		for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
			stacks[i].cause = random_below(&random, NR_CAUSES);
			parts[i] = (struct stall_stack){
				&stacks[i],
				random_below(&random, 3) ? random_scale(&random, 40) : 0, 0};
		}
		for (int i = 0; i < NR_CAUSES; i++)
			stall.cause_ns[i] =
				random_below(&random, 2) ? random_scale(&random, 50) : 0;
		assert_int_equal(stall_split(&stall, add_part, &split), 0);
		for (int i = 0; i < NR_CAUSES; i++)
			assert_int_equal(split.sums_ns[i], stall.cause_ns[i]);
	}
}

/* A wait for a CPU is of what was running, a sleep of what slept. */
static void test_time_goes_to_stacks_of_its_cause(void **state)
{
	struct stack stacks[3] = {
		{.cause = CAUSE_CPU}, {.cause = CAUSE_SYSCALL}, {.cause = CAUSE_RUNQUEUE}};
	struct stall_stack parts[3] = {
		{&stacks[0], 10, 10}, {&stacks[1], 60, 60}, {&stacks[2], 30, 30}};
	const struct stall stall = {
		.stacks = parts,
		.nr_stacks = 3,
		.cause_ns = {[CAUSE_CPU] = 40,
			     [CAUSE_RUNQUEUE] = 400,
			     [CAUSE_SYSCALL] = 7,
			     [CAUSE_LOCK] = 1000},
	};
	struct split split = {.stall = &stall};

	(void)state;
	assert_int_equal(stall_split(&stall, add_part, &split), 0);
	assert_int_equal(split.stacks_ns[0], 10 + 100 + 100);
	assert_int_equal(split.stacks_ns[1], 7 + 600);
	assert_int_equal(split.stacks_ns[2], 30 + 300 + 300);
}

static void test_tree_keeps_time_that_has_no_room(void **state)
{
	const struct stall_tree_options options = {.max_nodes = 4};
	struct stack_frame frames[] = {{.function = "b", .file = "", .module = ""},
				       {.function = "a", .file = "", .module = ""}};
	struct stack stack = {.nr_frames = 2, .frames = frames};
	struct stall_stack part = {&stack, 70 * MS, 70 * MS};
	const struct stall stall = {
		.until_ns = 70 * MS,
		.cause_ns[CAUSE_CPU] = 70 * MS,
		.process = "p",
		.thread = "t",
		.nr_stacks = 1,
		.stacks = &part,
	};
	const struct tree_node *node;
	struct stall_tree *tree;

	(void)state;
	assert_int_equal(stall_tree_new(&options, &tree), 0);
	assert_int_equal(stall_tree_add(tree, &stall), 0);
	assert_int_equal(stall_tree_finish(tree), 0);
	assert_int_equal(stall_tree_stats(tree)->time_ns, 70 * MS);
	assert_int_equal(stall_tree_stats(tree)->placed_ns, 0);
	node = stall_tree_root(tree);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(node->nr_children, 1);
		node = node->children[0];
	}
	assert_string_equal(node->name, "a");
	assert_int_equal(node->nr_children, 0);
	assert_int_equal(node->self_ns, 70 * MS);
	stall_tree_free(tree);
}

/* In whatever order they come. */
static void test_longest_stalls_are_kept(void **state)
{
	const struct timeline_bar *bars;
	struct timeline_rows *rows;
	__u64 least_ns = UINT64_MAX;

	(void)state;
	assert_int_equal(timeline_rows_new(0, 10, 50, &rows), 0);
	for (__u64 i = 0; i < 1000; i++) {
		const __u64 length_ns = (i * 37 % 1000 + 1) * MS;
		const struct stall stall = {
			.id = {.tid = 1}, .start_ns = i, .until_ns = i + length_ns};

		assert_int_equal(timeline_rows_add_stall(rows, &stall), 0);
	}
	assert_int_equal(timeline_rows_bars(rows, &bars), 50);
	for (size_t i = 0; i < 50; i++)
		least_ns = bars[i].to_ns - bars[i].from_ns < least_ns
				   ? bars[i].to_ns - bars[i].from_ns
				   : least_ns;
	assert_int_equal(least_ns, 951 * MS);
	assert_int_equal(timeline_rows_bars_left_out(rows), 950);
	timeline_rows_free(rows);
}

/* However long it goes on, busy time is neither lost nor made. */
static void test_bins_grow_wider(void **state)
{
	struct timeline_row *const *list;
	struct timeline_rows *rows;
	double busy_ns = 0, known_ns = 0;

	(void)state;
	assert_int_equal(timeline_rows_new(0, 10, 50, &rows), 0);
	for (__u64 i = 0; i < 5000; i++) {
		const struct window_share share = {
			.id = {.tid = 1},
			.from_ns = i * 1000 * MS,
			.to_ns = (i + 1) * 1000 * MS,
			.poll_ns = 750 * MS,
		};

		assert_int_equal(timeline_rows_add_share(rows, &share), 0);
	}
	assert_true(timeline_rows_bin_ns(rows) * TIMELINE_NR_BINS >= 5000000 * MS);
	assert_int_equal(timeline_rows_sorted(rows, &list), 1);
	for (size_t i = 0; i < TIMELINE_NR_BINS; i++) {
		busy_ns += list[0]->busy_ns[i];
		known_ns += list[0]->known_ns[i];
	}
	assert_near(known_ns / MS, 5000000, 100);
	assert_near(busy_ns / MS, 1250000, 100);
	timeline_rows_free(rows);
}

static void test_axis(void **state)
{
	const __u64 noon = 1790000000ULL / 86400 * 86400 * 1000 * MS + 43200000ULL * MS;
	char text[TIMELINE_AXIS_LEN];

	(void)state;
	assert_int_equal(timeline_axis_step_ns(1), MS);
	assert_int_equal(timeline_axis_step_ns(1000 * MS), 200 * MS);
	assert_int_equal(timeline_axis_step_ns(61000 * MS), 10000 * MS);
	assert_int_equal(timeline_axis_step_ns(UINT64_MAX) % (86400ULL * 1000 * MS), 0);
	assert_string_equal(timeline_axis_text(noon + 1500 * MS, 100 * MS, text), "12:00:01.500");
	assert_string_equal(timeline_axis_text(noon + 1500 * MS, 1000 * MS, text), "12:00:01");
	assert_string_equal(timeline_axis_text(noon, 60000 * MS, text), "12:00");
	assert_string_equal(timeline_axis_text(noon, 86400000 * MS, text), "21 Sep");
}

static void test_plain_text(void **state)
{
	_cleanup_(buffer_done) struct buffer buffer = {};

	(void)state;
	plain_text_append(&buffer, "a\tb\x7f \xe2\x80\x8b\xf0\x9f\x92\xa5\xc3\xa9\x80;", ";");
	plain_text_append_xml(&buffer, "<a b='\"&'>;");
	buffer_append(&buffer, "", 1);
	assert_string_equal((char *)buffer.data,
			    "a\\x09b\\x7f \\u200b\xf0\x9f\x92\xa5\xc3\xa9\xef\xbf\xbd\\x3b"
			    "&lt;a b=&apos;&quot;&amp;&apos;&gt;;");
}

static void test_pool_is_bounded(void **state)
{
	struct byte_pool *pool;
	const char *first;
	size_t index;

	(void)state;
	assert_int_equal(byte_pool_new(1000, &pool), 0);
	first = byte_pool_put_text(pool, "first", &index);
	assert_non_null(first);
	assert_int_equal(index, 0);
	for (int i = 0; i < 100; i++) {
		char text[32];

		snprintf(text, sizeof(text), "text %d", i);
		byte_pool_put_text(pool, text, NULL);
	}
	assert_in_range(byte_pool_nr(pool), 2, 14);
	assert_ptr_equal(byte_pool_put_text(pool, "first", &index), first);
	assert_null(byte_pool_put_text(pool, "one more", NULL));
	byte_pool_free(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_causes_are_kept),
		cmocka_unit_test(test_time_goes_to_stacks_of_its_cause),
		cmocka_unit_test(test_tree_keeps_time_that_has_no_room),
		cmocka_unit_test(test_longest_stalls_are_kept),
		cmocka_unit_test(test_bins_grow_wider),
		cmocka_unit_test(test_axis),
		cmocka_unit_test(test_plain_text),
		cmocka_unit_test(test_pool_is_bounded),
	};

	return cmocka_run_group_tests_name("picture_parts", tests, NULL, NULL);
}
