/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Lists and watches, whole and in pieces: real ones, and what they must not be taken for. */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "pod_events.h"
#include "pod_fixture.h"

#define LIST_EVENTS                                                                             \
	"ITEM default/db-0 main=1c7fcdb7462:0 at 333\n"                                         \
	"ITEM default/each-dff2p main=ecb5df502bd:0 at 328\n"                                   \
	"ITEM default/fixed-node1 main=7735c0705ce:0 at 332\n"                                  \
	"ITEM default/once-mfg4p main=307751f8ec6:0 at 358\n"                                   \
	"ITEM default/web-86f77979b-z4vmr main=269fdece3af:0 crash=9f8bcb90c06:3 "              \
	"first=c930eb0e74c:0 beside=a61d21024a3:0 dbg=b1fb23da4cf:0 at 417\n"                   \
	"ITEM default/nightly-29921322-gvzmc main=fe038b2e8c6:0 at 500\n"                       \
	"complete at 419 continue eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6NDE5LCJzdGFydCI6ImRlZmF1" \
	"bHQvZWFjaC1kZmYycFx1MDAwMCJ9\nbad 0 \n"

#define P(name) "{'metadata':{'uid':'1','name':'" name "','namespace':'n'}}"
#define LIST(items) "{'kind':'PodList','items':" items "}"

static char *double_quotes(const char *text)
{
	char *copy = strdup(text);

	assert_non_null(copy);
	for (char *c = copy; *c; c++) {
		if (*c == '\'')
			*c = '"';
	}
	return copy;
}

static size_t one(void *context)
{
	(void)context;
	return 1;
}

static size_t any(void *context)
{
	return random_below(context, 200);
}

/* The text in which ' stands for ", at once and byte by byte: result and events must be these. */
static void check(enum pod_stream_kind kind, const char *text, int result, const char *lines)
{
	_cleanup_(freep) char *json = double_quotes(text);
	_cleanup_(pod_events_done) struct pod_events whole = {}, pieces = {};

	if (pod_events_of(kind, json, strlen(json), NULL, NULL, &whole) != result)
		fail_msg("%s: another result; %s", text, (const char *)whole.lines.data);
	if (strcmp((const char *)whole.lines.data, lines) != 0)
		fail_msg("%s: %s", text, (const char *)whole.lines.data);
	assert_int_equal(pod_events_of(kind, json, strlen(json), one, NULL, &pieces), result);
	assert_string_equal((const char *)pieces.lines.data, lines);
}

static void a_list_is_the_same_in_any_pieces(void **state)
{
	_cleanup_(buffer_done) struct buffer text = {};
	struct random random = {7};

	(void)state;
	read_sample("api_list.json", &text);
	for (int i = 0; i < 50; i++) {
		_cleanup_(pod_events_done) struct pod_events events = {};

		assert_int_equal(pod_events_of(POD_STREAM_LIST, text.data, text.size, i ? any : one,
					       &random, &events),
				 0);
		assert_string_equal((const char *)events.lines.data, LIST_EVENTS);
	}
}

static void the_kubelets_list_has_no_version(void **state)
{
	_cleanup_(pod_events_done) struct pod_events events = {};
	_cleanup_(buffer_done) struct buffer text = {};

	(void)state;
	read_sample("kubelet_pods.json", &text);
	assert_int_equal(pod_events_of(POD_STREAM_LIST, text.data, text.size, NULL, NULL, &events),
			 0);
	assert_int_equal(events.nr, 2);
	assert_non_null(strstr((const char *)events.lines.data, "complete at  continue\nbad 0"));
}

/* The life of a pod whose container crashes, a bookmark, and that the watch has expired. */
static void a_watch_is_told_as_it_goes(void **state)
{
	static const char expected[] =
		"ADDED default/web-86f77979b-z4vmr main=:0 crash=:0 first=:0 beside=:0 at 280\n"
		"MODIFIED default/web-86f77979b-z4vmr main=:0 crash=:0 first=:0 beside=:0 at 288\n"
		"MODIFIED default/web-86f77979b-z4vmr main=269fdece3af:0 crash=54dfb6e7408:0 "
		"first=c930eb0e74c:0 beside=a61d21024a3:0 at 350\n"
		"MODIFIED default/web-86f77979b-z4vmr main=269fdece3af:0 crash=91968e58e77:1 "
		"first=c930eb0e74c:0 beside=a61d21024a3:0 at 367\n"
		"MODIFIED default/web-86f77979b-z4vmr main=269fdece3af:0 crash=91968e58e77:1 "
		"first=c930eb0e74c:0 beside=a61d21024a3:0 dbg=:0 at 386\n"
		"MODIFIED default/web-86f77979b-z4vmr main=269fdece3af:0 crash=dd65d415797:2 "
		"first=c930eb0e74c:0 beside=a61d21024a3:0 dbg=b1fb23da4cf:0 at 392\n"
		"MODIFIED default/web-86f77979b-z4vmr main=269fdece3af:0 crash=9f8bcb90c06:3 "
		"first=c930eb0e74c:0 beside=a61d21024a3:0 dbg=b1fb23da4cf:0 at 425\n"
		"DELETED default/web-86f77979b-z4vmr main=269fdece3af:0 crash=9f8bcb90c06:3 "
		"first=c930eb0e74c:0 beside=a61d21024a3:0 dbg=b1fb23da4cf:0 at 458\n"
		"BOOKMARK at 490\n"
		"ERROR 410 too old resource version: 280 (490)\n"
		"bad 0 \n";
	_cleanup_(buffer_done) struct buffer text = {};
	struct random random = {8};

	(void)state;
	read_sample("api_watch.json", &text);
	for (int i = 0; i < 50; i++) {
		_cleanup_(pod_events_done) struct pod_events events = {};

		assert_int_equal(pod_events_of(POD_STREAM_WATCH, text.data, text.size,
					       i ? any : one, &random, &events),
				 0);
		assert_string_equal((const char *)events.lines.data, expected);
	}
}

static void an_event_is_told_with_its_last_byte(void **state)
{
	_cleanup_(freep) char *text = double_quotes("{'type':'ADDED','object':" P("a") "}");
	_cleanup_(pod_events_done) struct pod_events short_of = {}, whole = {};

	(void)state;
	pod_events_of(POD_STREAM_WATCH, text, strlen(text) - 1, NULL, NULL, &short_of);
	assert_int_equal(short_of.nr, 0);
	pod_events_of(POD_STREAM_WATCH, text, strlen(text), NULL, NULL, &whole);
	assert_int_equal(whole.nr, 1);
}

static void lists_in_every_form(void **state)
{
	(void)state;
	check(POD_STREAM_LIST, LIST("[]"), 0, "complete at  continue\nbad 0 \n");
	check(POD_STREAM_LIST, LIST("null"), 0, "complete at  continue\nbad 0 \n");
	check(POD_STREAM_LIST, "{'kind':'PodList'}", 0, "complete at  continue\nbad 0 \n");
	check(POD_STREAM_LIST, " \r\n\t" LIST("[ " P("a") "\n,\t" P("b") " ]") "\n", 0,
	      "ITEM n/a\nITEM n/b\ncomplete at  continue\nbad 0 \n");
	/* keys in any order, and more than are known; brackets and quotes in texts */
	check(POD_STREAM_LIST,
	      "{'x':{'items':[1]},'items':[" P("a") "],'y':['items',[]],"
						    "'metadata':{'resourceVersion':'7','z':'\\\\'},"
						    "'w':'\\'}]','kind':'PodList'}",
	      0, "ITEM n/a\ncomplete at 7 continue\nbad 0 \n");
	/* a name like that of the items', and their name as a value */
	check(POD_STREAM_LIST, "{'kind':'PodList','my\\'items':[{}],'v':'items','items':[]}", 0,
	      "complete at  continue\nbad 0 \n");
}

static void what_is_no_list_is_told(void **state)
{
#define NO_JSON "bad 0 what was received is no JSON of pods\n"
#define BAD_JSON "bad 0 an object in it is no valid JSON\n"
#define NO_LIST "bad 0 what was received is no list of pods\n"
	static const struct {
		const char *text, *lines;
	} cases[] = {
		{"<html>", NO_JSON},
		{"404 page not found\n", NO_JSON},
		{"[]", NO_JSON},
		{"null", NO_JSON},
		{"'", NO_JSON},
		{"}", NO_JSON},
		{"{}", NO_LIST},
		{"{'kind':'ServiceList','items':[]}", NO_LIST},
		{"{'kind':'Pod','metadata':{}}", NO_LIST},
		{"{'kind':'PodList','items':{}}", NO_LIST},
		{"{'kind':'PodList','items':7}", NO_LIST},
		{"{'kind':'PodList','\\u0069tems':[{}]}", NO_LIST},
		{"{'kind':'PodList','items':[],'items':[]}", BAD_JSON},
		{"{'kind':'PodList','kind':'PodList'}", BAD_JSON},
		{"{'kind':'PodList'", "bad 0 \n"},
		{"{'kind' 'PodList'}", BAD_JSON},
		{"{'kind':'PodList']", BAD_JSON},
		{"{'kind':'PodList','a':'\xff'}", BAD_JSON},
		{LIST("[,]"), NO_JSON},
		{LIST("[null]"), NO_JSON},
		{LIST("[1]"), NO_JSON},
		{LIST("[[]]"), NO_JSON},
		{LIST("[}"), NO_JSON},
		{LIST("[{'a':1,}]"), BAD_JSON},
		{LIST("[{'a':[1}}]"), BAD_JSON},
		{LIST("[{'a':'\xc3'}]"), BAD_JSON},
		{LIST("[{'a':1,'a':2}]"), BAD_JSON},
		{LIST("[{'a':99999999999999999999}]"), BAD_JSON},
		{LIST("[" P("a") ",]"), "ITEM n/a\n" NO_JSON},
		{LIST("[" P("a") P("b") "]"), "ITEM n/a\n" NO_JSON},
		{LIST("[" P("a") "}"), "ITEM n/a\n" NO_JSON},
		{LIST("[" P("a") "]") "x", "ITEM n/a\n" NO_JSON},
		{LIST("[]") LIST("[]"), NO_JSON},
		{"{'kind':'PodList','metadata':{'continue':'a b'}}",
		 "bad 0 the list's continue token cannot be used\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check(POD_STREAM_LIST, cases[i].text,
		      strcmp(cases[i].lines, "bad 0 \n") ? -EBADMSG : 0, cases[i].lines);
}

static void a_status_in_place_of_a_list_is_an_error(void **state)
{
	_cleanup_(pod_events_done) struct pod_events events = {};
	_cleanup_(buffer_done) struct buffer text = {};

	(void)state;
	read_sample("status.json", &text);
	assert_int_equal(pod_events_of(POD_STREAM_LIST, text.data, text.size, NULL, NULL, &events),
			 0);
	assert_string_equal((const char *)events.lines.data,
			    "ERROR 403 pods is forbidden: User \"system:anonymous\" cannot list "
			    "resource \"pods\" in API group \"\" at the cluster scope\nbad 0 \n");
	check(POD_STREAM_WATCH, "{'kind':'Status','code':500,'reason':'InternalError'}", 0,
	      "ERROR 500 InternalError\nbad 0 \n");
}

static void messages_are_printable_and_short(void **state)
{
	char text[2048], expected[POD_STREAM_ERROR_LEN + 32];
	int length;

	(void)state;
	check(POD_STREAM_LIST,
	      "{'kind':'Status','code':-1,'message':'a\\u001b[2J\\nb\xc2\x9b\xc3\xa9'}", 0,
	      "ERROR 0 a [2J b  \xc3\xa9\nbad 0 \n");
	check(POD_STREAM_WATCH, "{'type':'ERROR'}", 0, "ERROR 0 \nbad 0 \n");
	check(POD_STREAM_WATCH, "{'type':'ERROR','object':{'code':1e99,'message':[]}}", 0,
	      "ERROR 0 \nbad 0 \n");
	length = snprintf(text, sizeof(text), "{'kind':'Status','code':1,'message':'");
	memset(text + length, 'm', 1000);
	strcpy(text + length + 1000, "'}");
	length = snprintf(expected, sizeof(expected), "ERROR 1 ");
	memset(expected + length, 'm', POD_STREAM_ERROR_LEN - 1);
	strcpy(expected + length + POD_STREAM_ERROR_LEN - 1, "\nbad 0 \n");
	check(POD_STREAM_LIST, text, 0, expected);
}

static void objects_that_are_no_pods_are_counted(void **state)
{
	(void)state;
	check(POD_STREAM_LIST,
	      LIST("[{},{'kind':'Service','metadata':{'uid':'1','name':'a',"
		   "'namespace':'n'}}," P("a") "]"),
	      0, "ITEM\nITEM\nITEM n/a\ncomplete at  continue\nbad 2 \n");
	check(POD_STREAM_WATCH,
	      "{'type':'ADDED','object':{'metadata':{'resourceVersion':'5'}}}{'type':'DELETED'}"
	      "{}{'type':'RENAMED','object':" P("a") "}{'type':7}",
	      0, "ADDED at 5\nDELETED\nbad 5 \n");
	check(POD_STREAM_WATCH, "{'type':'BOOKMARK'}", 0, "BOOKMARK\nbad 0 \n");
}

static void versions_are_believed_if_they_look_so(void **state)
{
	(void)state;
	check(POD_STREAM_WATCH,
	      "{'type':'BOOKMARK','object':{'metadata':{'resourceVersion':'7&watch=0'}}}"
	      "{'type':'BOOKMARK','object':{'metadata':{'resourceVersion':7}}}"
	      "{'type':'BOOKMARK','object':{'metadata':{'resourceVersion':'1234567890123456789012"
	      "345678901234567890123456789012345678901234'}}}",
	      0, "BOOKMARK\nBOOKMARK\nBOOKMARK\nbad 0 \n");
}

static void who_receives_may_end_it(void **state)
{
	_cleanup_(freep) char *text = double_quotes(LIST("[" P("a") "," P("b") "]"));
	_cleanup_(pod_events_done) struct pod_events events = {.stop_after = 1};

	(void)state;
	assert_int_equal(pod_events_of(POD_STREAM_LIST, text, strlen(text), NULL, NULL, &events),
			 -ECANCELED);
	assert_int_equal(events.nr, 1);
	assert_string_equal((const char *)events.lines.data,
			    "ITEM n/a\nbad 0 who receives the pods has ended it\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_is_the_same_in_any_pieces),
		cmocka_unit_test(the_kubelets_list_has_no_version),
		cmocka_unit_test(a_watch_is_told_as_it_goes),
		cmocka_unit_test(an_event_is_told_with_its_last_byte),
		cmocka_unit_test(lists_in_every_form),
		cmocka_unit_test(what_is_no_list_is_told),
		cmocka_unit_test(a_status_in_place_of_a_list_is_an_error),
		cmocka_unit_test(messages_are_printable_and_short),
		cmocka_unit_test(objects_that_are_no_pods_are_counted),
		cmocka_unit_test(versions_are_believed_if_they_look_so),
		cmocka_unit_test(who_receives_may_end_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
