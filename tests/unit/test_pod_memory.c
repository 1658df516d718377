/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Each allocation fails in turn, of pods, lists, attributes and selectors: that is -ENOMEM, and
 * nothing leaks. Linked with --wrap for what allocates.
 */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/label_selector.h"
#include "failing_memory.h"
#include "identity/kubernetes/pod_attributes.h"
#include "identity/kubernetes/pod_stream.h"
#include "pod_fixture.h"

static int drop(struct pod_event *event, void *context)
{
	(void)context;
	pod_free(event->pod);
	return 0;
}

static int read_list(const struct buffer *text)
{
	_cleanup_(pod_stream_freep) struct pod_stream *stream = NULL;
	int r = pod_stream_new(POD_STREAM_LIST, &keep_annotations, drop, NULL, &stream);

	return r ?: pod_stream_feed(stream, text->data, text->size);
}

static int parse_selector(const struct buffer *text)
{
	_cleanup_(label_selector_freep) struct label_selector *selector = NULL;
	char error[LABEL_SELECTOR_ERROR_LEN];

	return label_selector_parse((const char *)text->data, &selector, error);
}

static int put_attributes(const struct pod *pod)
{
	static char all[] = "*";
	static char *const globs[] = {all};
	static const struct pod_attribute_options options = {.cluster_name = "c",
							     .node_name = "n",
							     .labels = globs,
							     .nr_labels = 1,
							     .annotations = globs,
							     .nr_annotations = 1};
	struct attributes set = {};
	int r = pod_attributes_put(pod, &pod->containers[0], 1, &options, &set);

	attributes_done(&set);
	return r;
}

/* What was said to fail has, and the outcome is -ENOMEM, until nothing is left to fail. */
#define ASSERT_EACH_FAILURE(call, least)                     \
	do {                                                 \
		int nr_ = 0, r_, left_;                      \
		for (;; nr_++) {                             \
			until_failure = nr_;                 \
			r_ = (call);                         \
			left_ = until_failure;               \
			until_failure = NEVER;               \
			if (left_ != NEVER)                  \
				break;                       \
			if (r_ != -ENOMEM)                   \
				fail_msg("%d: %d", nr_, r_); \
		}                                            \
		assert_int_equal(r_, 0);                     \
		assert_true(nr_ > (least));                  \
	} while (0)

static void a_list_without_memory(void **state)
{
	_cleanup_(buffer_done) struct buffer text = {};

	(void)state;
	read_sample("api_list.json", &text);
	ASSERT_EACH_FAILURE(read_list(&text), 100);
}

/* It takes a text that it has no memory for as one that is no JSON, at times. */
static void a_list_for_which_jansson_has_no_memory(void **state)
{
	_cleanup_(buffer_done) struct buffer text = {};
	bool failed = true;
	int nr = 0;

	(void)state;
	read_sample("kubelet_pods.json", &text);
	json_set_alloc_funcs(malloc, free);
	for (; failed; nr++) {
		int r;

		until_failure = nr;
		r = read_list(&text);
		failed = until_failure == NEVER;
		until_failure = NEVER;
		assert_true(r == -ENOMEM || r == -EBADMSG || r == 0);
		assert_true(failed || r == 0);
	}
	assert_true(nr > 500);
}

static void attributes_without_memory(void **state)
{
	_cleanup_(pod_freep) struct pod *pod =
		pod_of_sample("api_list.json", "web-86f77979b-z4vmr");

	(void)state;
	ASSERT_EACH_FAILURE(put_attributes(pod), 30);
}

static void a_selector_without_memory(void **state)
{
	static unsigned char terms[] = "app=web,tier in (a,b),!old,n>5";
	const struct buffer text = {.data = terms};

	(void)state;
	ASSERT_EACH_FAILURE(parse_selector(&text), 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_without_memory),
		cmocka_unit_test(attributes_without_memory),
		cmocka_unit_test(a_selector_without_memory),
		cmocka_unit_test(a_list_for_which_jansson_has_no_memory), /* for good: the last */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
