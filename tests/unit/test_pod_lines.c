/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What `loopscope pods` writes, read again: nothing that selectors and names need is lost. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/pod_lines.h"
#include "pods/pods_output.h"
#include "pods_fixture.h"
#include "unit.h"

#define UID "11111111-2222-3333-4444-555555555555"
#define HASH "0123456789abcdef0123456789abcdef"
#define ID "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define OLD_ID "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static struct pods *new_pods(void)
{
	const struct pods_options options = {.max_pods = 10, .max_bytes = 1 << 20};
	struct pods *pods;

	assert_int_equal(pods_new(&options, &pods), 0);
	return pods;
}

static struct pod *whole_pod(void)
{
	struct pod *pod = fixture_pod(UID);

	strcpy(pod->config_hash, HASH);
	fixture_container(pod, "web", ID, OLD_ID, 4);
	fixture_container(pod, "new", "", "", 0);
	pod->labels = calloc(1, sizeof(*pod->labels));
	assert_non_null(pod->labels);
	pod->labels[0] = (struct pod_label){strdup("app"), strdup("web")};
	pod->nr_labels = 1;
	return pod;
}

static enum pod_line_kind take(struct pods *pods, const char *text)
{
	struct pod_line line;

	assert_int_equal(pod_line_take(pods, text, strlen(text), 1, &line), 0);
	return line.kind;
}

static char *line_of(const struct pod *pod, int (*write)(FILE *out, const struct pod *pod))
{
	char *line = NULL;
	size_t size;
	FILE *out = open_memstream(&line, &size);

	assert_non_null(out);
	assert_int_equal(write(out, pod), 0);
	fclose(out);
	return line;
}

static void test_there_and_back(void **state)
{
	struct pods *pods = new_pods();
	struct pod *pod = whole_pod();
	char *line = line_of(pod, pods_json_pod), *gone = line_of(pod, pods_json_deleted);
	struct cgroup_containers path = fixture_path(UID, ID);
	const struct pod *taken;
	struct pod_place place;

	(void)state;
	assert_int_equal(take(pods, line), POD_LINE_TAKEN);
	taken = pods_of_uid(pods, UID);
	assert_non_null(taken);
	assert_ptr_equal(pods_of_uid(pods, HASH), taken);
	assert_string_equal(taken->name, pod->name);
	assert_string_equal(taken->namespace, pod->namespace);
	assert_string_equal(pod_label(taken, "app"), "web");
	assert_int_equal(pods_place(pods, &path, &place), POD_KNOWN);
	assert_string_equal(place.container->name, "web");
	assert_int_equal(place.restart_count, 4);
	path = fixture_path(UID, OLD_ID);
	assert_int_equal(pods_place(pods, &path, &place), POD_KNOWN);
	assert_int_equal(place.restart_count, 3);
	assert_int_equal(take(pods, gone), POD_LINE_TAKEN);
	pods_expire(pods, 1000);
	assert_null(pods_of_uid(pods, UID));
	free(line);
	free(gone);
	pod_free(pod);
	pods_free(pods);
}

static void test_other_lines(void **state)
{
	struct pods *pods = new_pods();

	(void)state;
	assert_int_equal(take(pods, "{\"type\":\"synced\"}"), POD_LINE_SYNCED);
	assert_int_equal(take(pods, "{\"type\":\"of another version\"}"), POD_LINE_OTHER);
	pods_free(pods);
}

static void test_status(void **state)
{
	char text[2 * POD_LINE_MESSAGE_LEN];
	struct pods *pods = new_pods();
	struct pod_line line;

	(void)state;
	snprintf(text, sizeof(text), "{\"type\":\"status\",\"message\":\"no answer\"}");
	assert_int_equal(pod_line_take(pods, text, strlen(text), 1, &line), 0);
	assert_int_equal(line.kind, POD_LINE_STATUS);
	assert_string_equal(line.message, "no answer");
	snprintf(text, sizeof(text), "{\"type\":\"status\",\"message\":\"%0*d\"}",
		 POD_LINE_MESSAGE_LEN + 10, 0);
	assert_int_equal(pod_line_take(pods, text, strlen(text), 1, &line), 0);
	assert_int_equal(strlen(line.message), POD_LINE_MESSAGE_LEN - 1);
	assert_int_equal(take(pods, "{\"type\":\"status\",\"message\":7}"), POD_LINE_STATUS);
	pods_free(pods);
}

static void test_no_lines(void **state)
{
	static const char *const lines[] = {"",
					    "x",
					    "[]",
					    "{}",
					    "{\"type\":1}",
					    "{\"type\":\"pod\"}",
					    "{\"type\":\"pod\",\"uid\":\"" UID
					    "\",\"name\":[],\"namespace\":\"n\"}"};
	struct pods *pods = new_pods();
	struct pods_counts counts;
	struct pod_line line;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		assert_int_equal(pod_line_take(pods, lines[i], strlen(lines[i]), 1, &line),
				 -EBADMSG);
	pods_counts(pods, &counts);
	assert_int_equal(counts.pods, 0);
	pods_free(pods);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_other_lines),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_no_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
