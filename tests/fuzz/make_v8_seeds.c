/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Heaps with one function each, for fuzz_v8_heap: written to the directory that is named. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fake_v8.h"

static struct fake_v8 v8;

static int write_seed(const char *directory, const char *name, uint64_t function)
{
	char path[4096];
	FILE *file;
	int failed;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "w");
	if (!file)
		return -errno;
	failed = fwrite(&function, sizeof(function), 1, file) != 1 ||
		 fwrite(v8.memory, v8.used, 1, file) != 1;
	failed |= fclose(file);
	return failed ? -EIO : 0;
}

static uint64_t script(void)
{
	return fake_v8_script(&v8, fake_v8_text(&v8, "file:///app/a%20b.mjs"),
			      fake_v8_text(&v8, "one\ntwo\r\nthree\nfour"));
}

static int named(const char *directory)
{
	uint64_t scope;

	fake_v8_reset(&v8);
	scope = fake_v8_scope(&v8, 2, fake_v8_text(&v8, "handle"), 9);
	return write_seed(directory, "named", fake_v8_function(&v8, scope, script()));
}

static int composed(const char *directory)
{
	uint64_t left, name;

	fake_v8_reset(&v8);
	left = fake_v8_text(&v8, "left");
	name = fake_v8_cons(&v8, left, fake_v8_cons(&v8, left, left, 8), 12);
	return write_seed(directory, "composed", fake_v8_function(&v8, name, script()));
}

static int builtin(const char *directory)
{
	uint64_t name;

	fake_v8_reset(&v8);
	name = fake_v8_text(&v8, "map");
	return write_seed(directory, "builtin", fake_v8_function(&v8, name, v8.undefined));
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	return named(argv[1]) || composed(argv[1]) || builtin(argv[1]);
}
