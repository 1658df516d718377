/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The input is the memory of a process, from its _PyRuntime on, which describes itself or is of a
 * version that its last byte tells. Whatever it is, walks have an end, and frames and names are
 * such as may be handed on.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "symbols/python/python_memory.h"
#include "symbols/python/python_merge.h"
#include "symbols/python/python_offsets.h"

#define BASE 0x10000
#define ID 1
#define MAX_READS (1 << 18)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
	const uint8_t *data;
	size_t size;
	unsigned int nr_reads;
	struct python_runtime runtime;
} memory;

static void require(bool condition)
{
	if (!condition)
		abort();
}

/* In place of process.c's: there is no process. */
int process_read(const struct process *process, uint64_t address, void *to, size_t size)
{
	uint64_t offset = address - BASE;

	(void)process;
	require(++memory.nr_reads < MAX_READS);
	if (offset > memory.size || size > memory.size - offset)
		return -EFAULT;
	memcpy(to, memory.data + offset, size);
	return 0;
}

/* In place of python_find.c's. */
int python_find(struct process *process, struct python_runtime *ret_runtime)
{
	(void)process;
	*ret_runtime = memory.runtime;
	return 0;
}

static bool read_runtime(const uint8_t *data, size_t size)
{
	struct python_runtime *runtime = &memory.runtime;

	*runtime = (struct python_runtime){.address = BASE};
	if (!size)
		return false;
	if (size >= PYTHON_DEBUG_OFFSETS_SIZE && !python_offsets_read(data, runtime))
		return true;
	return !python_offsets_known(data[size - 1] & 1 ? 0x030b : 0x030c, runtime);
}

static void check_merged(const struct frames *frames, size_t nr_python)
{
	size_t nr = 0;

	for (size_t i = 0; i < frames->nr; i++) {
		const struct frame *frame = &frames->frame[i];

		require(strlen(frame->function) < STACK_MAX_TEXT);
		require(strlen(frame->file) < STACK_MAX_TEXT);
		nr += frame->language == FRAME_PYTHON;
	}
	require(nr == nr_python);
}

static void merge(const struct python_frame *python, size_t nr)
{
	static struct stack_record record;
	const struct stack_sample sample = {
		.record = &record,
		.python = python,
		.nr_python = nr,
	};
	static struct process process;
	static struct frames frames;

	frames_reset(&frames);
	record.registers[STACK_REGISTER_SP] = BASE;
	frames_append(&frames, 1)->cfa = BASE + 64;
	frames_append(&frames, 2)->cfa = BASE + 512;
	frames_append(&frames, 3)->function = "_PyEval_EvalFrameDefault";
	frames_append(&frames, 4)->cfa = BASE + 1024;
	require(!python_merge(&process, &sample, &frames));
	check_merged(&frames, nr);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct python_frame frames[PYTHON_MAX_FRAMES];
	uint64_t thread;
	int nr;

	memory.data = data;
	memory.size = size;
	memory.nr_reads = 0;
	if (!read_runtime(data, size))
		return 0;
	thread = python_thread(&memory.runtime, NULL, ID, 0);
	nr = thread ? python_frames(&memory.runtime, NULL, thread, frames) : 0;
	require(nr >= 0 && nr <= PYTHON_MAX_FRAMES);
	for (int i = 0; i < nr; i++)
		require(memchr(frames[i].function, '\0', PYTHON_NAME_LEN) &&
			memchr(frames[i].file, '\0', PYTHON_FILE_LEN));
	merge(frames, (size_t)nr);
	return 0;
}
