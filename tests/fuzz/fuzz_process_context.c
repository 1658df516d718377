/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The input is what a process has published: a header, then a payload. A header that passes
 * must be within bounds; whatever the payload is, what comes of it must be a set as sets are.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "identity/process_context.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void check_header(const struct process_context_header *header)
{
	int r = process_context_check(header);

	require(r == 0 || r == -EAGAIN || r == -EBADMSG);
	if (r == 0)
		require(header->version == 2 && header->published_at_ns &&
			header->payload_size <= PROCESS_CONTEXT_MAX_PAYLOAD);
}

/* Within its bound, and nothing in it left to repair. */
static void check_text(const char *text, size_t max)
{
	char repaired[UTF8_REPAIRED_LEN(ATTRIBUTE_MAX_TEXT)];

	require(strlen(text) <= max);
	utf8_repair(repaired, text);
	require(strcmp(repaired, text) == 0);
}

static void check_set(const struct attributes *set)
{
	require(set->nr <= ATTRIBUTES_MAX);
	for (size_t i = 0; i < set->nr; i++) {
		const struct attribute *attribute = &set->items[i];

		check_text(attribute->key, ATTRIBUTE_MAX_KEY);
		require(*attribute->key);
		require(i == 0 || strcmp(set->items[i - 1].key, attribute->key) < 0);
		if (attribute->type == ATTRIBUTE_TEXT)
			check_text(attribute->text, ATTRIBUTE_MAX_TEXT);
		for (size_t j = 0; attribute->type == ATTRIBUTE_TEXTS && j < attribute->texts.nr;
		     j++)
			check_text(attribute->texts.items[j], ATTRIBUTE_MAX_TEXT);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct process_context_header header;
	struct attributes set = {};

	if (size < sizeof(header))
		return 0;
	memcpy(&header, data, sizeof(header));
	check_header(&header);
	if (process_context_decode(data + sizeof(header), size - sizeof(header), &set) == 0)
		check_set(&set);
	attributes_done(&set);
	return 0;
}
