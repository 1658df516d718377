/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Golden files: compared, or written where RENEW_GOLDEN is set. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "golden.h"

#define HEX_LINE 32

static void renew(const char *path, const void *data, size_t size)
{
	FILE *file = fopen(path, "we");

	if (!file || fwrite(data, 1, size, file) != size || fclose(file))
		fail_msg("cannot write %s: %s", path, strerror(errno));
}

static struct buffer whole_file(const char *path)
{
	FILE *file = fopen(path, "re");
	struct buffer content = {};
	char part[4096];
	size_t size;

	if (!file)
		fail_msg("cannot read %s: %s; `make golden` writes it", path, strerror(errno));
	while ((size = fread(part, 1, sizeof(part), file)) > 0)
		assert_int_equal(buffer_append(&content, part, size), 0);
	fclose(file);
	return content;
}

void assert_golden(const char *name, const void *data, size_t size)
{
	struct buffer expected;
	char path[256];
	size_t same = 0;

	snprintf(path, sizeof(path), "tests/unit/golden/%s", name);
	if (getenv("RENEW_GOLDEN")) {
		renew(path, data, size);
		return;
	}
	expected = whole_file(path);
	while (same < size && same < expected.size &&
	       ((const unsigned char *)data)[same] == expected.data[same])
		same++;
	if (same != size || same != expected.size)
		fail_msg("%s differs from byte %zu on (%zu bytes, expected %zu); `make golden` "
			 "writes it anew",
			 path, same, size, expected.size);
	buffer_done(&expected);
}

void assert_golden_hex(const char *name, const void *data, size_t size)
{
	struct buffer text = {};

	for (size_t i = 0; i < size; i++)
		buffer_printf(&text, "%02x%s", ((const unsigned char *)data)[i],
			      (i + 1) % HEX_LINE && i + 1 < size ? "" : "\n");
	assert_int_equal(text.error, 0);
	assert_golden(name, text.data, text.size);
	buffer_done(&text);
}
