/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Objects too large, too deep, of too many values: one pod must not blind us to the others. */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "pod_events.h"
#include "pod_fixture.h"

#define POD "{\"metadata\":{\"uid\":\"1\",\"name\":\"a\",\"namespace\":\"n\"}}"
#define LIST_BEGIN "{\"kind\":\"PodList\",\"items\":["
#define ADDED_BEGIN "{\"type\":\"ADDED\",\"object\":"

static void append(struct buffer *text, const char *piece, size_t times)
{
	for (size_t i = 0; i < times; i++)
		assert_int_equal(buffer_append_text(text, piece), 0);
}

static size_t thousand(void *context)
{
	(void)context;
	return 1000;
}

/* At once and in pieces. */
static void check(enum pod_stream_kind kind, const struct buffer *text, int result,
		  const char *lines)
{
	const pod_events_cut_fn cuts[] = {NULL, thousand};

	for (size_t i = 0; i < ARRAY_SIZE(cuts); i++) {
		_cleanup_(pod_events_done) struct pod_events events = {};

		assert_int_equal(
			pod_events_of(kind, text->data, text->size, cuts[i], NULL, &events),
			result);
		assert_string_equal((const char *)events.lines.data, lines);
	}
}

/* {"metadata":{...,"pad":"xxx"}} of exactly so many bytes */
static void append_padded(struct buffer *text, size_t size)
{
	static const char begin[] =
		"{\"metadata\":{\"uid\":\"1\",\"name\":\"a\",\"namespace\":\"n\""
		",\"pad\":\"";
	static const char end[] = "\"}}";

	append(text, begin, 1);
	append(text, "x", size - strlen(begin) - strlen(end));
	append(text, end, 1);
}

static void an_item_too_large_is_skipped(void **state)
{
	_cleanup_(buffer_done) struct buffer text = {};

	(void)state;
	append(&text, LIST_BEGIN, 1);
	append_padded(&text, POD_STREAM_MAX_OBJECT);
	append(&text, ",", 1);
	append_padded(&text, POD_STREAM_MAX_OBJECT + 1);
	append(&text, "," POD "]}", 1);
	check(POD_STREAM_LIST, &text, 0,
	      "ITEM n/a\nITEM\nITEM n/a\ncomplete at  continue\nbad 1 \n");
}

static void an_event_too_large_is_skipped(void **state)
{
	_cleanup_(buffer_done) struct buffer text = {};

	(void)state;
	append(&text, ADDED_BEGIN, 1);
	append_padded(&text, 2 * POD_STREAM_MAX_OBJECT);
	append(&text, "}" ADDED_BEGIN POD "}", 1);
	check(POD_STREAM_WATCH, &text, 0, "ADDED n/a\nbad 1 \n");
}

/* Of `depth` arrays, one in another, in something that has two levels itself. */
static void append_deep(struct buffer *text, size_t depth)
{
	append(text, "{\"metadata\":{\"uid\":\"1\",\"name\":\"a\",\"namespace\":\"n\"},\"x\":", 1);
	append(text, "[", depth);
	append(text, "]", depth);
	append(text, "}", 1);
}

static void what_is_too_deep_is_skipped(void **state)
{
	_cleanup_(buffer_done) struct buffer list = {}, watch = {};

	(void)state;
	append(&list, LIST_BEGIN, 1);
	append_deep(&list, POD_STREAM_MAX_DEPTH - 3); /* list, items, pod */
	append(&list, ",", 1);
	append_deep(&list, POD_STREAM_MAX_DEPTH - 2);
	append(&list, ",", 1);
	append_deep(&list, 1000000);
	append(&list, "," POD "]}", 1);
	check(POD_STREAM_LIST, &list, 0,
	      "ITEM n/a\nITEM\nITEM\nITEM n/a\ncomplete at  continue\nbad 2 \n");
	append(&watch, ADDED_BEGIN, 1);
	append_deep(&watch, 1000000);
	append(&watch, "}" ADDED_BEGIN POD "}", 1);
	check(POD_STREAM_WATCH, &watch, 0, "ADDED n/a\nbad 1 \n");
}

static void what_is_around_the_items_is_bounded(void **state)
{
	_cleanup_(buffer_done) struct buffer large = {}, deep = {}, blank = {}, token = {};

	(void)state;
	append(&large, "{\"x\":\"", 1);
	append(&large, "x", POD_STREAM_MAX_OBJECT);
	check(POD_STREAM_LIST, &large, -EFBIG, "bad 0 what is around the pods is too large\n");
	append(&deep, "{\"x\":", 1);
	append(&deep, "[", POD_STREAM_MAX_DEPTH);
	check(POD_STREAM_LIST, &deep, -EBADMSG, "bad 0 what is around the pods is too deep\n");
	append(&blank, "{\"kind\":", 1);
	append(&blank, " ", 2 * POD_STREAM_MAX_OBJECT);
	append(&blank, "\"PodList\"}", 1);
	check(POD_STREAM_LIST, &blank, 0, "complete at  continue\nbad 0 \n");
	append(&token, "{\"kind\":\"PodList\",\"metadata\":{\"continue\":\"", 1);
	append(&token, "x", POD_STREAM_MAX_CONTINUE + 1);
	append(&token, "\"}}", 1);
	check(POD_STREAM_LIST, &token, -EBADMSG,
	      "bad 0 the list's continue token cannot be used\n");
}

static void many_items_are_no_burden(void **state)
{
	_cleanup_(buffer_done) struct buffer text = {};
	_cleanup_(pod_events_done) struct pod_events events = {};

	(void)state;
	append(&text, LIST_BEGIN, 1);
	append(&text, POD ",", 20000);
	append(&text, POD "]}", 1);
	assert_int_equal(
		pod_events_of(POD_STREAM_LIST, text.data, text.size, thousand, NULL, &events), 0);
	assert_int_equal(events.nr, 20001);
}

static int count_labels(struct pod_event *event, void *context)
{
	size_t *nr = context;

	*nr = event->pod ? event->pod->nr_labels : 0;
	pod_free(event->pod);
	return 0;
}

static void append_labels(struct buffer *text, int nr)
{
	append(text,
	       ADDED_BEGIN "{\"metadata\":{\"uid\":\"1\",\"name\":\"a\",\"namespace\":\"n\","
			   "\"labels\":{",
	       1);
	for (int i = 0; i < nr; i++)
		assert_int_equal(buffer_printf(text, "%s\"%x\":\"\"", i ? "," : "", i), 0);
	append(text, "}}}}", 1);
}

/* A label is a value; event, pod, its metadata and so on are eight. */
static void a_pod_of_many_labels_is_read(void **state)
{
	_cleanup_(buffer_done) struct buffer most = {}, more = {};
	_cleanup_(pod_stream_freep) struct pod_stream *stream = NULL;
	size_t nr = 0;

	(void)state;
	append_labels(&most, POD_STREAM_MAX_VALUES - 7);
	append_labels(&more, POD_STREAM_MAX_VALUES - 6);
	assert_int_equal(pod_stream_new(POD_STREAM_WATCH, NULL, count_labels, &nr, &stream), 0);
	assert_int_equal(pod_stream_feed(stream, most.data, most.size), 0);
	assert_int_equal(nr, POD_MAX_LABELS);
	assert_int_equal(pod_stream_bad(stream), 0);
	assert_int_equal(pod_stream_feed(stream, more.data, more.size), 0);
	assert_int_equal(pod_stream_bad(stream), 1);
}

/* Three bytes each that would become a hundred. */
static void a_bomb_is_skipped(void **state)
{
	_cleanup_(buffer_done) struct buffer text = {}, around = {};

	(void)state;
	append(&text, LIST_BEGIN POD ",{\"x\":[", 1);
	append(&text, "[],", POD_STREAM_MAX_OBJECT / 4);
	append(&text, "[]]}," POD "]}", 1);
	check(POD_STREAM_LIST, &text, 0,
	      "ITEM n/a\nITEM\nITEM n/a\ncomplete at  continue\nbad 1 \n");
	append(&around, "{\"items\":[],\"x\":[", 1);
	append(&around, "[],", POD_STREAM_MAX_OBJECT / 4);
	check(POD_STREAM_LIST, &around, -EFBIG, "bad 0 what is around the pods is too large\n");
}

/* The API takes any text for an annotation: the pod is seen all the same. */
static void a_nul_hides_no_pod(void **state)
{
	static const char text[] =
		LIST_BEGIN "{\"metadata\":{\"uid\":\"1\",\"name\":\"a\",\"namespace\":\"n\","
			   "\"annotations\":{\"x\":\"a\\u0000b\"}}}]}";
	const struct buffer buffer = {.data = (unsigned char *)text, .size = strlen(text)};

	(void)state;
	check(POD_STREAM_LIST, &buffer, 0, "ITEM n/a\ncomplete at  continue\nbad 0 \n");
}

static void nothing_is_fed_after_an_error(void **state)
{
	_cleanup_(pod_stream_freep) struct pod_stream *stream = NULL;
	size_t nr = 7;

	(void)state;
	assert_int_equal(pod_stream_new(POD_STREAM_WATCH, NULL, count_labels, &nr, &stream), 0);
	assert_int_equal(pod_stream_feed(stream, "", 0), 0);
	assert_string_equal(pod_stream_error(stream), "");
	assert_int_equal(pod_stream_feed(stream, "x", 1), -EBADMSG);
	assert_int_equal(pod_stream_feed(stream, ADDED_BEGIN POD "}", strlen(ADDED_BEGIN POD "}")),
			 -EBADMSG);
	assert_int_equal(nr, 7);
	assert_string_not_equal(pod_stream_error(stream), "");
	assert_false(pod_stream_complete(stream));
	pod_stream_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_item_too_large_is_skipped),
		cmocka_unit_test(an_event_too_large_is_skipped),
		cmocka_unit_test(what_is_too_deep_is_skipped),
		cmocka_unit_test(what_is_around_the_items_is_bounded),
		cmocka_unit_test(many_items_are_no_burden),
		cmocka_unit_test(a_pod_of_many_labels_is_read),
		cmocka_unit_test(a_bomb_is_skipped),
		cmocka_unit_test(a_nul_hides_no_pod),
		cmocka_unit_test(nothing_is_fed_after_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
