/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Frames of CPython 3.11 to 3.14 read from an unmodified interpreter: what user space tells the
 * kernel side of a process, and what a frame is when it comes back.
 */
#ifndef LOOPSCOPE_PYTHON_FRAMES_H
#define LOOPSCOPE_PYTHON_FRAMES_H

#include "types.h"

#define PYTHON_MAX_FRAMES 64
#define PYTHON_NAME_LEN 64
#define PYTHON_FILE_LEN 128

/* python_frame.flags */
#define PYTHON_FRAME_ENTRY 1    /* the interpreter's C function was called anew for it */
#define PYTHON_FRAME_NAME_CUT 2 /* did not fit, or is not ASCII: ask the process */
#define PYTHON_FRAME_FILE_CUT 4
#define PYTHON_FRAME_LAST 8 /* frames outside this one are missing: too many, or not resident */

#define PYTHON_NO_INSTRUCTION 0xffffffff /* it is outside of the bytecode: before its first */

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"

struct python_frame {
	__u64 code;        /* address of the code object */
	__u32 instruction; /* bytes from the beginning of its bytecode */
	__s32 first_line;  /* of the function */
	__u32 flags;
	__u32 entered_at; /* on C's stack, its lowest bits: an entry frame's, 3.12 on; else 0 */
	char function[PYTHON_NAME_LEN]; /* qualified name; hostile; terminated */
	char file[PYTHON_FILE_LEN];     /* its end, if it is cut */
};
_Static_assert(sizeof(struct python_frame) == 216, "wire format");

/*
 * Where a field is in its structure, in bytes, but for the last two. All CPython of one version
 * have the same, unless built for debugging; 3.13 and later tell them.
 */
enum python_offset {
	PYTHON_AT_INTERPRETERS, /* _PyRuntime: the first of them */
	PYTHON_AT_INTERPRETER_NEXT,
	PYTHON_AT_INTERPRETER_THREADS, /* the one begun last */
	PYTHON_AT_GIL_HOLDER, /* from _PyRuntime (3.11), or from what is at PYTHON_AT_GIL */
	PYTHON_AT_GIL,        /* 3.12 and later, in the interpreter: a pointer */
	PYTHON_AT_THREAD_NEXT,
	PYTHON_AT_THREAD_INTERPRETER,
	PYTHON_AT_THREAD_ID,     /* pthread_self() */
	PYTHON_AT_THREAD_NATIVE, /* gettid(), in the process's own namespace */
	PYTHON_AT_THREAD_FRAME,  /* the innermost; 3.11, 3.12: a _PyCFrame, which has that frame */
	PYTHON_AT_CFRAME_FRAME,
	PYTHON_AT_FRAME_PREVIOUS,
	PYTHON_AT_FRAME_CODE,
	PYTHON_AT_FRAME_INSTRUCTION,
	PYTHON_AT_FRAME_OWNER,
	PYTHON_AT_FRAME_ENTRY, /* 3.11 */
	PYTHON_AT_CODE_FILE,
	PYTHON_AT_CODE_NAME, /* the qualified one */
	PYTHON_AT_CODE_LINES,
	PYTHON_AT_CODE_FIRST_LINE,
	PYTHON_AT_CODE_BYTES,
	PYTHON_AT_BYTES_SIZE,
	PYTHON_AT_BYTES_DATA,
	PYTHON_AT_STRING_LENGTH,
	PYTHON_AT_STRING_STATE,
	PYTHON_AT_STRING_ASCII,   /* the text, if it is all of ASCII */
	PYTHON_AT_STRING_WIDE,    /* else */
	PYTHON_STRING_KIND_SHIFT, /* of `state`: three bits of kind, then compact, then ascii */
	PYTHON_FIRST_SHIM,        /* owners from this on: no frame, but a call from C; 0: none */
	NR_PYTHON_OFFSETS,
};
_Static_assert(NR_PYTHON_OFFSETS <= 32, "they fit");

/* Of one process: where its interpreter is, and how its structures are laid out. Hostile. */
struct python_runtime {
	__u64 address; /* of _PyRuntime */
	__u32 version; /* PY_VERSION_HEX >> 16: 0x030b .. 0x030e; 0: none */
	__u32 reserved;
	__u16 offsets[32]; /* by enum python_offset */
};

#pragma GCC diagnostic pop

#endif
