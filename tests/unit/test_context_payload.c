/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Payloads of process contexts: every type of value, bounds, garbage. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "identity/process_context.h"
#include "published_context.h"

static void example_is_decoded(void **state)
{
	struct attributes set = {};
	const struct attribute *texts;

	(void)state;
	assert_int_equal(process_context_decode(published_example, published_example_size, &set),
			 0);
	assert_string_equal(attributes_get_text(&set, "service.name"), "checkout");
	assert_string_equal(attributes_get_text(&set, "service.instance.id"),
			    "627cc493-f310-47de-96bd-71410b7dec09");
	assert_int_equal(attributes_get(&set, "int")->integer, -7);
	assert_true(attributes_get(&set, "bool")->boolean);
	assert_true(attributes_get(&set, "double")->number == 0.25);
	assert_string_equal(attributes_get_text(&set, "empty"), "");
	texts = attributes_get(&set, "texts");
	assert_int_equal(texts->texts.nr, 2);
	assert_string_equal(texts->texts.items[0], "a");
	assert_string_equal(texts->texts.items[1], "b");
	/* neither plain nor texts, and what is no attribute of the resource */
	assert_null(attributes_get(&set, "mixed"));
	assert_null(attributes_get(&set, "nested"));
	assert_null(attributes_get(&set, "bytes"));
	assert_null(attributes_get(&set, "threadlocal.schema_version"));
	assert_int_equal(set.nr, 7);
	attributes_done(&set);
}

static void payloads_without_attributes(void **state)
{
	struct attributes set = {};

	(void)state;
	assert_int_equal(process_context_decode("", 0, &set), 0);
	assert_int_equal(process_context_decode("\x0a\x00", 2, &set), 0);
	/* KeyValue with a key alone */
	assert_int_equal(process_context_decode("\x0a\x05\x0a\x03\x0a\x01k", 7, &set), 0);
	assert_int_equal(set.nr, 0);
	/* a field longer than the payload */
	assert_int_equal(process_context_decode("\x0a\x7f", 2, &set), -EBADMSG);
}

static void texts_are_repaired(void **state)
{
	static struct payload_writer writer;
	struct attributes set = {};

	(void)state;
	payload_add(&writer, "\xff", "a\xfe\nb", 4);
	payload_add(&writer, "nul", "a\0b", 3);
	payload_add(&writer, "", "no key", 6);
	payload_finish(&writer);
	assert_int_equal(process_context_decode(writer.bytes, writer.size, &set), 0);
	assert_int_equal(set.nr, 2);
	assert_string_equal(attributes_get_text(&set, "\xef\xbf\xbd"), "a\xef\xbf\xbd\nb");
	assert_string_equal(attributes_get_text(&set, "nul"), "a");
	attributes_done(&set);
}

static void many_attributes_are_bounded(void **state)
{
	static struct payload_writer writer;
	struct attributes set = {};
	char key[16];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		payload_add(&writer, key, "v", 1);
	}
	payload_finish(&writer);
	assert_true(writer.size < PROCESS_CONTEXT_MAX_PAYLOAD);
	assert_int_equal(process_context_decode(writer.bytes, writer.size, &set), 0);
	assert_int_equal(set.nr, ATTRIBUTES_MAX);
	assert_int_equal(set.nr_left_out, 1000 - ATTRIBUTES_MAX);
	assert_string_equal(attributes_get_text(&set, "k0"), "v");
	attributes_done(&set);
}

/* Whatever the bytes are, what comes out is a set as it should be. */
static void decode_any(const unsigned char *bytes, size_t size)
{
	struct attributes set = {};
	int r = process_context_decode(bytes, size, &set);

	assert_true(r == 0 || r == -EBADMSG);
	assert_true(set.nr <= ATTRIBUTES_MAX);
	for (size_t i = 0; i < set.nr; i++)
		assert_string_not_equal(set.items[i].key, "");
	attributes_done(&set);
}

static void garbage_does_no_harm(void **state)
{
	struct random random = {4719};

	(void)state;
	for (int i = 0; i < 20000; i++) {
		size_t size = i % 2 ? random_below(&random, 64) : published_example_size;
		unsigned char *bytes = malloc(size + 1);

		assert_non_null(bytes);
		for (size_t j = 0; j < size; j++)
			bytes[j] = i % 2 ? random_next(&random) : published_example[j];
		for (int j = 0; i % 2 == 0 && j < 3; j++)
			bytes[random_below(&random, size)] ^= 1 << random_below(&random, 8);
		decode_any(bytes, size);
		free(bytes);
	}
	for (size_t size = 0; size < published_example_size; size++)
		decode_any(published_example, size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(example_is_decoded),
		cmocka_unit_test(payloads_without_attributes),
		cmocka_unit_test(texts_are_repaired),
		cmocka_unit_test(many_attributes_are_bounded),
		cmocka_unit_test(garbage_does_no_harm),
	};

	return cmocka_run_group_tests_name("context_payload", tests, NULL, NULL);
}
