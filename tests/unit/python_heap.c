/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "python_heap.h"

#include "symbols/python/python_offsets.h"
#include "unit.h"

#define STATE_ASCII ((1 | PYTHON_STRING_COMPACT | PYTHON_STRING_ASCII) << 2)
#define LARGEST 256 /* bytes of a structure, as far as they are read */

uint64_t python_heap_new(struct python_heap *heap, size_t size)
{
	size_t at = (heap->used + 15) & ~(size_t)15;

	assert_true(at + size <= PYTHON_HEAP_SIZE);
	heap->used = at + size;
	return PYTHON_HEAP_BASE + at;
}

static void put(struct python_heap *heap, uint64_t address, const void *from, size_t size)
{
	assert_true(address >= PYTHON_HEAP_BASE &&
		    address + size <= PYTHON_HEAP_BASE + PYTHON_HEAP_SIZE);
	memcpy(heap->bytes + address - PYTHON_HEAP_BASE, from, size);
}

void python_heap_put(struct python_heap *heap, const struct python_runtime *runtime, uint64_t base,
		     enum python_offset at, uint64_t value)
{
	put(heap, base + runtime->offsets[at], &value, sizeof(value));
}

uint64_t python_heap_interpreter(struct python_heap *heap, struct python_runtime *runtime)
{
	uint64_t interpreter = python_heap_new(heap, LARGEST), next;

	memcpy(&next,
	       heap->bytes + runtime->address - PYTHON_HEAP_BASE +
		       runtime->offsets[PYTHON_AT_INTERPRETERS],
	       sizeof(next));
	python_heap_put(heap, runtime, interpreter, PYTHON_AT_INTERPRETER_NEXT, next);
	python_heap_put(heap, runtime, runtime->address, PYTHON_AT_INTERPRETERS, interpreter);
	return interpreter;
}

void python_heap_init(struct python_heap *heap, __u32 version, struct python_runtime *ret_runtime)
{
	*heap = (struct python_heap){};
	*ret_runtime = (struct python_runtime){};
	assert_int_equal(python_offsets_known(version, ret_runtime), 0);
	ret_runtime->address = python_heap_new(heap, LARGEST);
	python_heap_interpreter(heap, ret_runtime);
}

uint64_t python_heap_thread(struct python_heap *heap, const struct python_runtime *runtime,
			    uint64_t interpreter, uint64_t id, uint64_t native_id)
{
	uint64_t thread = python_heap_new(heap, LARGEST), cframe = python_heap_new(heap, 32), next;

	memcpy(&next,
	       heap->bytes + interpreter - PYTHON_HEAP_BASE +
		       runtime->offsets[PYTHON_AT_INTERPRETER_THREADS],
	       sizeof(next));
	python_heap_put(heap, runtime, thread, PYTHON_AT_THREAD_NEXT, next);
	python_heap_put(heap, runtime, thread, PYTHON_AT_THREAD_ID, id);
	python_heap_put(heap, runtime, thread, PYTHON_AT_THREAD_NATIVE, native_id);
	python_heap_put(heap, runtime, thread, PYTHON_AT_THREAD_FRAME, cframe);
	python_heap_put(heap, runtime, interpreter, PYTHON_AT_INTERPRETER_THREADS, thread);
	return thread;
}

uint64_t python_heap_text(struct python_heap *heap, const struct python_runtime *runtime,
			  const char *text)
{
	size_t header = runtime->offsets[PYTHON_AT_STRING_ASCII], length = strlen(text);
	uint64_t string = python_heap_new(heap, header + length + 1);
	const uint32_t state = STATE_ASCII;

	python_heap_put(heap, runtime, string, PYTHON_AT_STRING_LENGTH, length);
	put(heap, string + runtime->offsets[PYTHON_AT_STRING_STATE], &state, sizeof(state));
	put(heap, string + header, text, length + 1);
	return string;
}

uint64_t python_heap_code(struct python_heap *heap, const struct python_runtime *runtime,
			  const char *name, const char *file, int32_t first_line)
{
	uint64_t code = python_heap_new(heap, LARGEST);

	python_heap_put(heap, runtime, code, PYTHON_AT_CODE_NAME,
			python_heap_text(heap, runtime, name));
	python_heap_put(heap, runtime, code, PYTHON_AT_CODE_FILE,
			python_heap_text(heap, runtime, file));
	put(heap, code + runtime->offsets[PYTHON_AT_CODE_FIRST_LINE], &first_line,
	    sizeof(first_line));
	return code;
}

static void set_current(struct python_heap *heap, const struct python_runtime *runtime,
			uint64_t thread, uint64_t frame)
{
	uint64_t cframe;

	memcpy(&cframe,
	       heap->bytes + thread - PYTHON_HEAP_BASE + runtime->offsets[PYTHON_AT_THREAD_FRAME],
	       sizeof(cframe));
	python_heap_put(heap, runtime, cframe, PYTHON_AT_CFRAME_FRAME, frame);
}

static uint64_t new_frame(struct python_heap *heap, const struct python_runtime *runtime,
			  uint64_t caller, uint64_t code, uint64_t instruction, uint8_t owner)
{
	uint64_t frame = python_heap_new(heap, 96);

	python_heap_put(heap, runtime, frame, PYTHON_AT_FRAME_CODE, code);
	python_heap_put(heap, runtime, frame, PYTHON_AT_FRAME_PREVIOUS, caller);
	python_heap_put(heap, runtime, frame, PYTHON_AT_FRAME_INSTRUCTION, instruction);
	put(heap, frame + runtime->offsets[PYTHON_AT_FRAME_OWNER], &owner, 1);
	return frame;
}

uint64_t python_heap_frame(struct python_heap *heap, const struct python_runtime *runtime,
			   uint64_t thread, uint64_t caller, uint64_t code, uint32_t instruction,
			   bool is_entry)
{
	uint64_t at = code + runtime->offsets[PYTHON_AT_CODE_BYTES] + instruction;
	uint64_t frame;

	if (is_entry && runtime->offsets[PYTHON_FIRST_SHIM])
		caller = new_frame(heap, runtime, caller, 0, 0, PYTHON_OWNER_SHIM);
	frame = new_frame(heap, runtime, caller, code, at, PYTHON_OWNER_THREAD);
	if (is_entry && !runtime->offsets[PYTHON_FIRST_SHIM])
		put(heap, frame + runtime->offsets[PYTHON_AT_FRAME_ENTRY], "\1", 1);
	set_current(heap, runtime, thread, frame);
	return frame;
}
