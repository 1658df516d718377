/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is written comes out again, compressed and plain, in pieces of any size. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "export/gzip.h"
#include "export/prometheus/gzip_body.h"

/* Text that compresses well, and bytes that do not. */
static unsigned char *make_data(size_t size, bool text, struct random *random)
{
	unsigned char *data = malloc(size + 1);

	for (size_t i = 0; i < size; i++)
		data[i] = text ? (unsigned char)('a' + i % 26) : (unsigned char)random_next(random);
	return data;
}

static struct gzip_body *make_body(const unsigned char *data, size_t size, struct random *random)
{
	struct gzip_body *body;
	size_t done = 0;

	assert_int_equal(gzip_body_new(&body), 0);
	while (done < size) {
		size_t n = 1 + random_below(random, size - done);

		assert_int_equal(gzip_body_write(body, data + done, n), 0);
		done += n;
	}
	assert_int_equal(gzip_body_finish(body), 0);
	assert_int_equal(gzip_body_plain_size(body), size);
	return body;
}

static void check(size_t size, bool text, struct random *random)
{
	unsigned char *data = make_data(size, text, random), piece[5000];
	struct gzip_body *body = make_body(data, size, random);
	struct buffer compressed = {}, plain = {};
	size_t n, max = 1 + random_below(random, sizeof(piece));
	ssize_t got;

	while ((n = gzip_body_read(body, compressed.size, piece, max)) > 0)
		buffer_append(&compressed, piece, n);
	assert_int_equal(compressed.size, gzip_body_size(body));
	assert_int_equal(gunzip(compressed.data, compressed.size, size + 1, &plain), 0);
	assert_int_equal(plain.size, size);
	assert_memory_equal(plain.data ? plain.data : piece, data, size);
	buffer_reset(&plain);
	while ((got = gzip_body_read_plain(body, piece, max)) > 0)
		buffer_append(&plain, piece, (size_t)got);
	assert_int_equal(got, 0);
	assert_int_equal(plain.size, size);
	assert_memory_equal(plain.data ? plain.data : piece, data, size);
	buffer_done(&plain);
	buffer_done(&compressed);
	gzip_body_free(body);
	free(data);
}

static void bodies_come_out_again(void **state)
{
	static const size_t sizes[] = {0, 1, 100, 16384, 32768, 100001, 1 << 20};
	struct random random = {.state = 2};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		check(sizes[i], true, &random);
		check(sizes[i], false, &random);
	}
}

static void unfinished_ones_are_freed(void **state)
{
	struct gzip_body *body;

	(void)state;
	assert_int_equal(gzip_body_new(&body), 0);
	assert_int_equal(gzip_body_write(body, "abc", 3), 0);
	gzip_body_free(body);
	gzip_body_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies_come_out_again),
		cmocka_unit_test(unfinished_ones_are_freed),
	};

	return cmocka_run_group_tests_name("gzip_body", tests, NULL, NULL);
}
