/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Publishing, and writing protobuf by hand: what reads it must not be what wrote it. */
#include "published_context.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "unit.h"

const unsigned char published_example[] =
	"\x0a\xf3\x01\x0a\x1a\x0a\x0c\x73\x65\x72\x76\x69\x63\x65\x2e\x6e"
	"\x61\x6d\x65\x12\x0a\x0a\x08\x63\x68\x65\x63\x6b\x6f\x75\x74\x0a"
	"\x3d\x0a\x13\x73\x65\x72\x76\x69\x63\x65\x2e\x69\x6e\x73\x74\x61"
	"\x6e\x63\x65\x2e\x69\x64\x12\x26\x0a\x24\x36\x32\x37\x63\x63\x34"
	"\x39\x33\x2d\x66\x33\x31\x30\x2d\x34\x37\x64\x65\x2d\x39\x36\x62"
	"\x64\x2d\x37\x31\x34\x31\x30\x62\x37\x64\x65\x63\x30\x39\x0a\x12"
	"\x0a\x03\x69\x6e\x74\x12\x0b\x18\xf9\xff\xff\xff\xff\xff\xff\xff"
	"\xff\x01\x0a\x0a\x0a\x04\x62\x6f\x6f\x6c\x12\x02\x10\x01\x0a\x13"
	"\x0a\x06\x64\x6f\x75\x62\x6c\x65\x12\x09\x21\x00\x00\x00\x00\x00"
	"\x00\xd0\x3f\x0a\x15\x0a\x05\x74\x65\x78\x74\x73\x12\x0c\x2a\x0a"
	"\x0a\x03\x0a\x01\x61\x0a\x03\x0a\x01\x62\x0a\x14\x0a\x05\x6d\x69"
	"\x78\x65\x64\x12\x0b\x2a\x09\x0a\x03\x0a\x01\x61\x0a\x02\x18\x01"
	"\x0a\x16\x0a\x06\x6e\x65\x73\x74\x65\x64\x12\x0c\x32\x0a\x0a\x08"
	"\x0a\x01\x78\x12\x03\x0a\x01\x79\x0a\x0d\x0a\x05\x62\x79\x74\x65"
	"\x73\x12\x04\x3a\x02\x01\x02\x0a\x0b\x0a\x05\x65\x6d\x70\x74\x79"
	"\x12\x02\x0a\x00\x10\x03\x12\x22\x0a\x1a\x74\x68\x72\x65\x61\x64"
	"\x6c\x6f\x63\x61\x6c\x2e\x73\x63\x68\x65\x6d\x61\x5f\x76\x65\x72"
	"\x73\x69\x6f\x6e\x12\x04\x0a\x02\x76\x31";
const size_t published_example_size = sizeof(published_example) - 1;

struct published_context *published_new(const void *payload, size_t size)
{
	int fd = memfd_create("OTEL_CTX", MFD_CLOEXEC);
	struct published_context *context;

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, sizeof(*context)), 0);
	context = mmap(NULL, sizeof(*context), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(context, MAP_FAILED);
	close(fd);
	assert_true(size <= sizeof(context->payload));
	memcpy(context->payload, payload, size);
	context->header.version = 2;
	context->header.payload_size = size;
	context->header.published_at_ns = 1;
	context->header.payload = (uintptr_t)context->payload;
	memcpy(context->header.signature, "OTEL_CTX", sizeof(context->header.signature));
	return context;
}

void published_free(struct published_context *context)
{
	munmap(context, sizeof(*context));
}

static size_t put_length(unsigned char *to, size_t length)
{
	size_t nr = 0;

	for (; length > 0x7f; length >>= 7)
		to[nr++] = (length & 0x7f) | 0x80;
	to[nr++] = length;
	return nr;
}

/* A field of bytes. Returns its size. */
static size_t put_field(unsigned char *to, int number, const void *data, size_t size)
{
	unsigned char head[16];
	size_t nr = 1;

	head[0] = number << 3 | 2;
	nr += put_length(head + 1, size);
	memmove(to + nr, data, size); /* may be in place */
	memcpy(to, head, nr);
	return nr + size;
}

void payload_add(struct payload_writer *writer, const char *key, const void *value, size_t size)
{
	unsigned char pair[PUBLISHED_SIZE], any[PUBLISHED_SIZE];
	size_t any_size, pair_size;

	assert_true(size + strlen(key) < PUBLISHED_SIZE - 64);
	any_size = put_field(any, 1, value, size);
	pair_size = put_field(pair, 1, key, strlen(key));
	pair_size += put_field(pair + pair_size, 2, any, any_size);
	assert_true(writer->size + pair_size < PUBLISHED_SIZE - 64);
	writer->size += put_field(writer->bytes + writer->size, 1, pair, pair_size);
}

void payload_finish(struct payload_writer *writer)
{
	writer->size = put_field(writer->bytes, 1, writer->bytes, writer->size);
}
