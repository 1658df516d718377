/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Pods out of texts and samples. */
#include "pod_fixture.h"

#include <string.h>

#include "unit.h"

static bool keep_all(const char *key, void *context)
{
	(void)key;
	(void)context;
	return true;
}

const struct pod_parse_options keep_annotations = {.wanted = keep_all};

json_t *json_of(const char *text)
{
	_cleanup_(freep) char *copy = strdup(text);
	json_error_t error;
	json_t *value;

	assert_non_null(copy);
	for (char *c = copy; *c; c++) {
		if (*c == '\'')
			*c = '"';
	}
	value = json_loads(copy, JSON_ALLOW_NUL, &error);
	if (!value)
		fail_msg("%s: %s", copy, error.text);
	return value;
}

int pod_parse(const char *text, struct pod **ret_pod)
{
	_cleanup_(json_decrefp) json_t *object = json_of(text);

	return pod_from_json(object, &keep_annotations, ret_pod);
}

struct pod *pod_of(const char *text)
{
	struct pod *pod = NULL;

	assert_int_equal(pod_parse(text, &pod), 0);
	return pod;
}

void read_sample(const char *file, struct buffer *ret_text)
{
	char path[256], part[4096];
	struct buffer text = {};
	size_t size;
	FILE *in;

	snprintf(path, sizeof(path), "tests/unit/pods/%s", file);
	in = fopen(path, "re");
	assert_non_null(in);
	while ((size = fread(part, 1, sizeof(part), in)) > 0)
		assert_int_equal(buffer_append(&text, part, size), 0);
	fclose(in);
	*ret_text = text;
}

struct pod *pod_of_sample(const char *file, const char *name)
{
	_cleanup_(buffer_done) struct buffer text = {};
	_cleanup_(json_decrefp) json_t *list = NULL;
	struct pod *pod = NULL;
	size_t index;
	json_t *item;

	read_sample(file, &text);
	list = json_loadb((const char *)text.data, text.size, 0, NULL);
	json_array_foreach(json_object_get(list, "items"), index, item)
	{
		const json_t *metadata = json_object_get(item, "metadata");

		if (strcmp(json_string_value(json_object_get(metadata, "name")), name) == 0)
			assert_int_equal(pod_from_json(item, &keep_annotations, &pod), 0);
	}
	assert_non_null(pod);
	return pod;
}
