/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From CPython's _PyRuntime to the frames of one of its threads. Pure: whoever includes this has
 * defined before
 *
 *   PYTHON_READ(context, to, size, address)  reads the process's memory; not 0: it cannot
 *   PYTHON_CONTEXT                           the type of `context`
 *   PYTHON_STEP                              how a step of a loop is declared
 *
 * So the same source reads the present task's memory in the kernel, another process's in user
 * space, and none at all in tests. Memory is hostile, and changes while it is read: loops have
 * constant bounds, and what is read is copied, never believed. For the kernel's verifier (5.15)
 * steps are global functions, each verified once and not once for each round of its loop.
 */
#ifndef LOOPSCOPE_PYTHON_WALK_H
#define LOOPSCOPE_PYTHON_WALK_H

#include "python_frames.h"

#ifndef PYTHON_MAX_THREADS
#define PYTHON_MAX_THREADS 512 /* looked at, of all interpreters together: some 100 ns each */
#endif
#define PYTHON_MAX_SHIMS 2         /* in a row: the outermost frame has two since 3.14 */
#define PYTHON_MAX_CODE (16 << 20) /* bytes of one function */

#define PYTHON_STRING_KIND 7
#define PYTHON_STRING_COMPACT 8
#define PYTHON_STRING_ASCII 16

struct python_walk {
	const struct python_runtime *runtime;
	PYTHON_CONTEXT context;
	__u32 failed; /* a read did */
};

/* A thread that is looked for: by one of the two numbers, of which 0 matches none. */
struct python_search {
	__u64 thread_pointer; /* pthread_self() */
	__u64 native_id;      /* gettid(), in the process's own namespace */
	__u64 interpreter;    /* where the search is */
	__u64 thread;
};

static __always_inline __u64 python_address(const struct python_walk *walk, __u64 base,
					    enum python_offset at)
{
	return base + walk->runtime->offsets[at];
}

/* The pointer there; 0: it is NULL, or `base` is, or it cannot be read. */
static __always_inline __u64 python_pointer(struct python_walk *walk, __u64 base,
					    enum python_offset at)
{
	__u64 value = 0;

	if (!base)
		return 0;
	if (PYTHON_READ(walk->context, &value, sizeof(value), python_address(walk, base, at))) {
		walk->failed = 1;
		return 0;
	}
	return value;
}

static __always_inline __u64 python_current_frame(struct python_walk *walk, __u64 thread)
{
	__u64 at = python_pointer(walk, thread, PYTHON_AT_THREAD_FRAME);

	return walk->runtime->version <= 0x030c ? python_pointer(walk, at, PYTHON_AT_CFRAME_FRAME)
						: at;
}

static __always_inline __u8 python_frame_byte(struct python_walk *walk, __u64 frame,
					      enum python_offset at)
{
	__u8 byte = 0;

	if (PYTHON_READ(walk->context, &byte, sizeof(byte), python_address(walk, frame, at)))
		walk->failed = 1;
	return byte;
}

/* Since 3.12 each call from C begins with a frame of no function, its shim. */
static __always_inline bool python_is_shim(struct python_walk *walk, __u64 frame)
{
	__u16 first = walk->runtime->offsets[PYTHON_FIRST_SHIM];

	return first && python_frame_byte(walk, frame, PYTHON_AT_FRAME_OWNER) >= first;
}

static __always_inline __u64 python_skip_shims(struct python_walk *walk, __u64 frame)
{
	for (int i = 0; i < PYTHON_MAX_SHIMS && frame && python_is_shim(walk, frame); i++)
		frame = python_pointer(walk, frame, PYTHON_AT_FRAME_PREVIOUS);
	return frame;
}

static __always_inline bool python_has_id(struct python_walk *walk,
					  const struct python_search *search)
{
	__u64 id = search->thread_pointer, native_id = search->native_id;

	if (id && python_pointer(walk, search->thread, PYTHON_AT_THREAD_ID) == id)
		return true;
	return native_id &&
	       python_pointer(walk, search->thread, PYTHON_AT_THREAD_NATIVE) == native_id;
}

/* A thread may be of several interpreters, and run code of one: the others' have no frame. */
static __always_inline bool python_is_found(struct python_walk *walk,
					    const struct python_search *search)
{
	return python_has_id(walk, search) &&
	       python_skip_shims(walk, python_current_frame(walk, search->thread));
}

static __always_inline void python_first_thread(struct python_walk *walk,
						struct python_search *search, __u64 interpreter)
{
	search->interpreter = interpreter;
	search->thread = python_pointer(walk, interpreter, PYTHON_AT_INTERPRETER_THREADS);
}

/* Looks at one thread. 1: search->thread is what was looked for, or 0: there is no such thread. */
PYTHON_STEP int python_thread_step(const struct python_runtime *runtime, PYTHON_CONTEXT context,
				   struct python_search *search)
{
	struct python_walk walk = {.runtime = runtime, .context = context};

	if (!runtime || !search)
		return 1;
	if (search->thread && python_is_found(&walk, search))
		return 1;
	search->thread = python_pointer(&walk, search->thread, PYTHON_AT_THREAD_NEXT);
	if (!search->thread)
		python_first_thread(
			&walk, search,
			python_pointer(&walk, search->interpreter, PYTHON_AT_INTERPRETER_NEXT));
	return !search->interpreter;
}

/* Its PyThreadState; 0: none of the first PYTHON_MAX_THREADS is that. */
static __always_inline __u64 python_thread(const struct python_runtime *runtime,
					   PYTHON_CONTEXT context, __u64 thread_pointer,
					   __u64 native_id)
{
	struct python_walk walk = {.runtime = runtime, .context = context};
	struct python_search search = {.thread_pointer = thread_pointer, .native_id = native_id};

	python_first_thread(&walk, &search,
			    python_pointer(&walk, runtime->address, PYTHON_AT_INTERPRETERS));
	for (int i = 0; i < PYTHON_MAX_THREADS; i++)
		if (python_thread_step(runtime, context, &search))
			return search.thread;
	return 0;
}

/*
 * Copies a text of ASCII and ends it with NUL; `size` is a power of two. 1: it has other
 * characters, and is left empty, or does not fit, and its beginning or end is left out.
 */
static __always_inline int python_string(struct python_walk *walk, __u64 string, char *to,
					 __u32 size, bool keep_end)
{
	__u64 length = 0, from;
	__u32 state = 0, n;
	bool cut;

	to[0] = '\0';
	if (!string ||
	    PYTHON_READ(walk->context, &length, sizeof(length),
			python_address(walk, string, PYTHON_AT_STRING_LENGTH)) ||
	    PYTHON_READ(walk->context, &state, sizeof(state),
			python_address(walk, string, PYTHON_AT_STRING_STATE)))
		return 1;
	state >>= walk->runtime->offsets[PYTHON_STRING_KIND_SHIFT] & 31;
	if (!(state & PYTHON_STRING_COMPACT) || !(state & PYTHON_STRING_ASCII))
		return 1;
	from = python_address(walk, string, PYTHON_AT_STRING_ASCII);
	cut = length >= size;
	n = cut ? size - 1 : length;
	if (cut && keep_end)
		from += length - n;
	n &= size - 1;
	if (PYTHON_READ(walk->context, to, n, from))
		n = 0;
	to[n] = '\0';
	return cut || (length && !n);
}

static __always_inline void python_frame_names(struct python_walk *walk, struct python_frame *to)
{
	__u64 name = python_pointer(walk, to->code, PYTHON_AT_CODE_NAME);
	__u64 file = python_pointer(walk, to->code, PYTHON_AT_CODE_FILE);

	if (python_string(walk, name, to->function, PYTHON_NAME_LEN, false))
		to->flags |= PYTHON_FRAME_NAME_CUT;
	if (python_string(walk, file, to->file, PYTHON_FILE_LEN, true))
		to->flags |= PYTHON_FRAME_FILE_CUT;
}

/* References on the stack carry tags in their lowest bits (3.14). */
static __always_inline __u64 python_frame_code(struct python_walk *walk, __u64 frame)
{
	return python_pointer(walk, frame, PYTHON_AT_FRAME_CODE) & ~3ULL;
}

static __always_inline void python_frame_read(struct python_walk *walk, __u64 frame,
					      struct python_frame *to)
{
	__u64 instruction = python_pointer(walk, frame, PYTHON_AT_FRAME_INSTRUCTION);
	__s32 line = 0;

	to->code = python_frame_code(walk, frame);
	to->flags = 0;
	to->entered_at = 0;
	instruction -= python_address(walk, to->code, PYTHON_AT_CODE_BYTES);
	to->instruction = instruction < PYTHON_MAX_CODE ? instruction : PYTHON_NO_INSTRUCTION;
	if (PYTHON_READ(walk->context, &line, sizeof(line),
			python_address(walk, to->code, PYTHON_AT_CODE_FIRST_LINE)))
		walk->failed = 1;
	to->first_line = line;
	python_frame_names(walk, to);
}

/* The frame that called this one; notes in `to` whether that was from C. */
static __always_inline __u64 python_caller(struct python_walk *walk, __u64 frame,
					   struct python_frame *to)
{
	__u64 previous = python_pointer(walk, frame, PYTHON_AT_FRAME_PREVIOUS);
	__u64 caller = python_skip_shims(walk, previous);

	if (caller != previous)
		to->entered_at = (__u32)previous; /* a variable of the interpreter's function */
	if (caller != previous || (!walk->runtime->offsets[PYTHON_FIRST_SHIM] &&
				   python_frame_byte(walk, frame, PYTHON_AT_FRAME_ENTRY)))
		to->flags |= PYTHON_FRAME_ENTRY;
	return caller;
}

/* Its caller; 0: there is none, or it is not known, and `to` has PYTHON_FRAME_LAST. */
PYTHON_STEP __u64 python_frame_step(const struct python_runtime *runtime, PYTHON_CONTEXT context,
				    __u64 frame, struct python_frame *to)
{
	struct python_walk walk = {.runtime = runtime, .context = context};
	__u64 caller;

	if (!runtime || !to)
		return 0;
	python_frame_read(&walk, frame, to);
	caller = python_caller(&walk, frame, to);
	if (!walk.failed)
		return caller;
	to->flags |= PYTHON_FRAME_LAST;
	return 0;
}

/* The innermost frame of a PyThreadState. */
PYTHON_STEP __u64 python_first_frame(const struct python_runtime *runtime, PYTHON_CONTEXT context,
				     __u64 thread)
{
	struct python_walk walk = {.runtime = runtime, .context = context};

	return runtime ? python_skip_shims(&walk, python_current_frame(&walk, thread)) : 0;
}

/* Of a PyThreadState, at most PYTHON_MAX_FRAMES, the innermost first. Returns how many. */
static __always_inline int python_frames(const struct python_runtime *runtime,
					 PYTHON_CONTEXT context, __u64 thread,
					 struct python_frame *frames)
{
	__u64 frame = python_first_frame(runtime, context, thread);

	for (int i = 0; i < PYTHON_MAX_FRAMES; i++) {
		if (!frame)
			return i;
		frame = python_frame_step(runtime, context, frame, &frames[i]);
	}
	if (frame)
		frames[PYTHON_MAX_FRAMES - 1].flags |= PYTHON_FRAME_LAST;
	return PYTHON_MAX_FRAMES;
}

#endif
