/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* gzip there and back: by pieces, bounded, and with what is not gzip. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "export/gzip.h"

/* Half of it can be compressed. */
static struct buffer make_text(size_t size, struct random *random)
{
	struct buffer text = {};

	buffer_reserve(&text, size + 1);
	while (text.size < size) {
		unsigned char byte = text.size & 64 ? random_next(random) : 'a';

		buffer_append(&text, &byte, 1);
	}
	return text;
}

static struct buffer compress(const struct buffer *text, size_t step)
{
	struct buffer out = {};
	struct gzip *gzip;

	assert_int_equal(gzip_new(&gzip), 0);
	for (size_t at = 0; at < text->size || !text->size; at += step) {
		size_t size = text->size - at < step ? text->size - at : step;

		assert_int_equal(
			gzip_add(gzip, text->data + at, size, at + size == text->size, &out), 0);
		if (!text->size)
			break;
	}
	gzip_free(gzip);
	return out;
}

static void test_there_and_back(void **state)
{
	static const size_t sizes[] = {0, 1, 100, 16384, 16385, 300000};
	static const size_t steps[] = {1000, 65536, 1 << 20};
	struct random random = {1};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes) * ARRAY_SIZE(steps); i++) {
		struct buffer text = make_text(sizes[i % ARRAY_SIZE(sizes)], &random), back = {};
		struct buffer zipped = compress(&text, steps[i / ARRAY_SIZE(sizes)]);

		assert_int_equal(gunzip(zipped.data, zipped.size, text.size, &back), 0);
		assert_int_equal(back.size, text.size);
		if (text.size)
			assert_memory_equal(back.data, text.data, text.size);
		buffer_done(&text);
		buffer_done(&zipped);
		buffer_done(&back);
	}
}

/* One byte more than may be. */
static void test_bound(void **state)
{
	struct random random = {2};
	struct buffer text = make_text(100000, &random), zipped = compress(&text, 4096);

	(void)state;
	for (size_t max = 0; max < text.size; max += 1 + max / 2) {
		struct buffer back = {};

		assert_int_equal(gunzip(zipped.data, zipped.size, max, &back), -EFBIG);
		assert_true(back.size <= max);
		buffer_done(&back);
	}
	buffer_done(&text);
	buffer_done(&zipped);
}

static void test_cut_and_corrupted(void **state)
{
	struct random random = {3};
	struct buffer text = make_text(5000, &random), zipped = compress(&text, 4096);

	(void)state;
	for (size_t size = 0; size < zipped.size; size += 7) {
		struct buffer back = {};

		assert_int_equal(gunzip(zipped.data, size, 1 << 20, &back), -EBADMSG);
		buffer_done(&back);
	}
	for (int i = 0; i < 2000; i++) {
		struct buffer back = {};
		size_t at = random_below(&random, zipped.size);
		unsigned char old = zipped.data[at];
		int r;

		zipped.data[at] ^= 1 + random_below(&random, 255);
		r = gunzip(zipped.data, zipped.size, 10000, &back);
		if (r == 0 && at > 10) /* a flag or time of the header may change */
			assert_memory_equal(back.data, text.data, text.size);
		assert_true(back.size <= 10000);
		zipped.data[at] = old;
		buffer_done(&back);
	}
	buffer_done(&text);
	buffer_done(&zipped);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_cut_and_corrupted),
	};

	return cmocka_run_group_tests_name("gzip", tests, NULL, NULL);
}
