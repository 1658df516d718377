/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The GIL is a condition variable, on which the threads that want it sleep, and behind which they
 * find who has it. So whoever sleeps there waits for the GIL and nothing else, whatever the
 * interpreter's functions are called. There may be one for each interpreter of a process.
 */
#include "symbols/lock_holder.h"
#include "symbols/python/python_memory.h"
#include "symbols/python/python_merge.h"

#define MAX_INTERPRETERS 64
#define CONDITION_SIZE 48 /* of glibc's pthread_cond_t: its futexes are inside it */

/* A part of struct _gil_runtime_state, the same from 3.11 to 3.14. The condition is behind it. */
struct gil {
	uint64_t holder; /* the PyThreadState that has it, or had it last */
	int32_t locked;  /* 1: that has it */
	int32_t padding;
	uint64_t nr_switches;
};

/* Where the interpreter's `struct gil` is; 0: it has none. */
static uint64_t gil_of(struct python_walk *walk, uint64_t interpreter)
{
	uint64_t base = walk->runtime->address;

	if (walk->runtime->offsets[PYTHON_AT_GIL])
		base = python_pointer(walk, interpreter, PYTHON_AT_GIL);
	return base && interpreter ? python_address(walk, base, PYTHON_AT_GIL_HOLDER) : 0;
}

static bool is_waited_for_at(uint64_t gil, uint64_t address)
{
	return gil && address - gil >= sizeof(struct gil) &&
	       address - gil < sizeof(struct gil) + CONDITION_SIZE;
}

static uint64_t find_gil(struct python_walk *walk, uint64_t address)
{
	uint64_t interpreter = python_pointer(walk, walk->runtime->address, PYTHON_AT_INTERPRETERS);

	for (int i = 0; i < MAX_INTERPRETERS && interpreter; i++) {
		uint64_t gil = gil_of(walk, interpreter);

		if (is_waited_for_at(gil, address))
			return gil;
		interpreter = python_pointer(walk, interpreter, PYTHON_AT_INTERPRETER_NEXT);
	}
	return 0;
}

uint64_t python_gil_holder(struct process *process, uint64_t address)
{
	struct python_runtime runtime;
	struct python_walk walk = {.runtime = &runtime, .context = process};
	struct gil gil;
	uint64_t at;

	if (python_find(process, &runtime) || !runtime.version)
		return 0;
	at = find_gil(&walk, address);
	if (!at || process_read(process, at, &gil, sizeof(gil)) || gil.locked != 1)
		return 0;
	if (gil_of(&walk, python_pointer(&walk, gil.holder, PYTHON_AT_THREAD_INTERPRETER)) != at)
		return 0;
	return python_pointer(&walk, gil.holder, PYTHON_AT_THREAD_NATIVE);
}
