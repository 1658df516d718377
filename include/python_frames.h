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

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"

struct python_frame {
	__u64 code;        /* address of the code object */
	__u32 instruction; /* bytes from the beginning of its bytecode */
	__s32 first_line;  /* of the function */
	__u32 flags;
	__u32 reserved;
	char function[PYTHON_NAME_LEN]; /* qualified name; hostile; terminated */
	char file[PYTHON_FILE_LEN];     /* its end, if it is cut */
};
_Static_assert(sizeof(struct python_frame) == 216, "wire format");

/* Of one process: where its interpreter is, and how its structures are laid out. Hostile. */
struct python_runtime {
	__u64 address; /* of _PyRuntime */
	__u32 version; /* PY_VERSION_HEX >> 16: 0x030b .. 0x030e; 0: none */
	__u32 reserved;
	__u16 offsets[32]; /* by enum python_offset */
};

#pragma GCC diagnostic pop

#endif
