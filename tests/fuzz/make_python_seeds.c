/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Writes the memory of small interpreters to files of the directory that is named. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "python_heap.h"

#define ID 1

static struct python_heap heap;
static struct python_runtime runtime;

static void make_stack(void)
{
	struct python_walk walk = {.runtime = &runtime, .context = &heap};
	uint64_t interpreter = python_pointer(&walk, runtime.address, PYTHON_AT_INTERPRETERS);
	uint64_t thread = python_heap_thread(&heap, &runtime, interpreter, ID, 2);
	uint64_t code = python_heap_code(&heap, &runtime, "Server.handle", "/srv/app.py", 10);
	uint64_t lines = python_heap_new(&heap, 64), frame = 0;
	static const unsigned char table[] = {0x80, 0, 0x80 | 11 << 3, 1, 2};

	python_heap_put(&heap, &runtime, code, PYTHON_AT_CODE_LINES, lines);
	python_heap_put(&heap, &runtime, lines, PYTHON_AT_BYTES_SIZE, sizeof(table));
	memcpy(heap.bytes + lines - PYTHON_HEAP_BASE + runtime.offsets[PYTHON_AT_BYTES_DATA], table,
	       sizeof(table));
	for (uint32_t i = 0; i < 4; i++)
		frame = python_heap_frame(&heap, &runtime, thread, frame, code, 2, i % 2 == 0);
}

static int write_seed(const char *directory, __u32 version)
{
	_cleanup_(fclosep) FILE *file = NULL;
	char name[4096];

	python_heap_init(&heap, version, &runtime);
	make_stack();
	heap.bytes[heap.used++] = version & 1; /* tells the version */
	snprintf(name, sizeof(name), "%s/%x", directory, version);
	file = fopen(name, "we");
	if (!file || fwrite(heap.bytes, 1, heap.used, file) != heap.used) {
		perror(name);
		return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	return write_seed(argv[1], 0x030b) || write_seed(argv[1], 0x030c);
}
