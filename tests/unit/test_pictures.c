/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What pictures say of stalls, what they do to hostile names, and what bounds them. */
#include "pictures_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_loop.h"

static size_t count(const char *text, const char *word)
{
	size_t nr = 0;

	for (const char *at = text; (at = strstr(at, word)); at++)
		nr++;
	return nr;
}

static void test_folded(void **state)
{
	struct made_picture made = picture_made(PICTURE_FOLDED, pictures_feed_example);

	(void)state;
	/* of 160 ms, three stacks stand for 40, 40 and 80; of 80 ms, one for all; and 10 ms of the
	 * first, as 1 ms of another, went on another cause */
	assert_string_equal(
		made.data,
		"cache;io;syscall;[outer frames missing];cache+0x1077;Cache::fill(int);copy_block;"
		"read 399000\n"
		"cache;io;lock;[no stack] 60000\n"
		"cache;io;cpu;[no stack] 40000\n"
		"cache;io;cpu;[outer frames missing];cache+0x1077;Cache::fill(int);copy_block;"
		"read 1000\n"
		"cache;stopped;other;[no stack] 100000\n"
		"python3;python3;cpu;<module> (main.py);Handle._run (events.py);"
		"parse_orders (orders.py);loads (__init__.py) 37500\n"
		"python3;python3;cpu;<module> (main.py);Handle._run (events.py);"
		"parse_orders (orders.py);loads (__init__.py);scanstring 192500\n"
		"python3;python3;runqueue;<module> (main.py);Handle._run (events.py);"
		"parse_orders (orders.py);loads (__init__.py) 2500\n"
		"python3;python3;runqueue;<module> (main.py);Handle._run (events.py);"
		"parse_orders (orders.py);loads (__init__.py);scanstring 7500\n");
	free(made.data);
}

static void test_folded_hostile(void **state)
{
	struct made_picture made = picture_made(PICTURE_FOLDED, pictures_feed_hostile);

	(void)state;
	assert_string_equal(
		made.data,
		"\"}],</svg>\\x3b\\x0d\\x0a\\x09\\x7f;<b>\\x3b\\x0a\"'&\\x01\xef\xbf\xbd"
		";page_fault;\\uffff\\u0085;]]>\xef\xbf\xbd\xef\xbf\xbd\\x5c 1 (e\xcc\x81);"
		"</title></text><script>alert(1)</script> 100000\n");
	free(made.data);
}

static void test_nothing_folded(void **state)
{
	struct made_picture made = picture_made(PICTURE_FOLDED, pictures_feed_quiet);

	(void)state;
	assert_int_equal(made.size, 0);
	free(made.data);
}

/* All of the example but what was not asked for, which is all of it. */
static void feed_hidden(struct pictures_fixture *fixture)
{
	const struct process_facts facts = {.key = {.exec_id = 1, .pid = 100}, .hidden = true};
	_cleanup_(buffer_done) struct buffer buffer = {};
	struct fake_loop loop;
	unsigned char record[WINDOW_MAX_SIZE];

	item_put_process(&buffer, &facts);
	pictures_put(fixture, ITEM_PROCESS, buffer.data, buffer.size);
	fake_loop_start(&loop, 1, PICTURES_BEGIN_NS);
	fake_loop_pass(&loop, 200 * MS);
	pictures_put(fixture, ITEM_RECORD, record,
		     fake_loop_record(&loop, RECORD_LOOP_WINDOW, record));
	pictures_put_stall(fixture, &(struct made_stall){.tid = 1,
							 .start_ns = PICTURES_BEGIN_NS,
							 .end_ns = PICTURES_BEGIN_NS + 90 * MS,
							 .thread = "t",
							 .process = "p"});
	pictures_put_mark(fixture, ITEM_END, PICTURES_BEGIN_NS + 200 * MS);
}

static void test_what_was_not_asked_for_is_not_drawn(void **state)
{
	struct made_picture folded = picture_made(PICTURE_FOLDED, feed_hidden);
	struct made_picture json = picture_made(PICTURE_TIMELINE_JSON, feed_hidden);
	struct made_picture svg = picture_made(PICTURE_TIMELINE_SVG, feed_hidden);

	(void)state;
	assert_int_equal(folded.size, 0);
	assert_int_equal(count(json.data, "\"ph\":"), 0);
	assert_non_null(strstr(svg.data, "No event loop was recorded."));
	free(folded.data);
	free(json.data);
	free(svg.data);
}

static void test_no_name_becomes_markup(void **state)
{
	struct made_picture flame = picture_made(PICTURE_FLAMEGRAPH, pictures_feed_hostile);
	struct made_picture timeline = picture_made(PICTURE_TIMELINE_SVG, pictures_feed_hostile);

	(void)state;
	assert_int_equal(count(flame.data, "<script"), 1);
	assert_int_equal(count(flame.data, "</script"), 1);
	assert_int_equal(count(flame.data, "</svg>"), 1);
	assert_int_equal(count(flame.data, "]]>"), 1);
	assert_int_equal(count(timeline.data, "<script"), 0);
	assert_int_equal(count(timeline.data, "</svg>"), 1);
	for (size_t i = 0; i < flame.size; i++)
		assert_true((unsigned char)flame.data[i] >= ' ' || strchr("\n\t", flame.data[i]));
	free(flame.data);
	free(timeline.data);
}

/* More frames than are drawn, each of a stall of its own. */
static void feed_many(struct pictures_fixture *fixture)
{
	for (unsigned int i = 0; i < 25000; i++) {
		char name[32];
		const struct made_frame frames[] = {{name, "", "", i, FRAME_NATIVE, 0}, {}};
		const struct made_frame *const stacks[] = {frames};
		const __u64 start_ns = PICTURES_BEGIN_NS + i * 100 * MS;
		const struct made_stall stall = {
			.tid = 1 + i % 100,
			.start_ns = start_ns,
			.end_ns = start_ns + 60 * MS + i,
			.thread = "t",
			.process = "p",
			.stacks = stacks,
			.nr_stacks = 1,
		};

		snprintf(name, sizeof(name), "function_%u", i);
		pictures_put_stall(fixture, &stall);
	}
	pictures_put_mark(fixture, ITEM_END, PICTURES_BEGIN_NS + 2500000 * MS);
}

static void test_size_is_bounded(void **state)
{
	struct made_picture flame = picture_made(PICTURE_FLAMEGRAPH, feed_many);
	struct made_picture timeline = picture_made(PICTURE_TIMELINE_SVG, feed_many);

	(void)state;
	assert_true(count(flame.data, "<g class=\"f\"") < 20000);
	assert_non_null(strstr(flame.data, "25000 frames of less than "));
	assert_non_null(strstr(flame.data, "25000 stalls, "));
	assert_int_equal(count(timeline.data, " stall\" x="), 3000);
	assert_non_null(strstr(timeline.data, "Left out: 40 loops that stalled less."));
	assert_non_null(strstr(timeline.data, "Left out: 22000 stalls"));
	free(flame.data);
	free(timeline.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_folded),
		cmocka_unit_test(test_folded_hostile),
		cmocka_unit_test(test_nothing_folded),
		cmocka_unit_test(test_what_was_not_asked_for_is_not_drawn),
		cmocka_unit_test(test_no_name_becomes_markup),
		cmocka_unit_test(test_size_is_bounded),
	};

	return cmocka_run_group_tests_name("pictures", tests, NULL, NULL);
}
