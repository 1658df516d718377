/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How the structures of a CPython are laid out. */
#ifndef LOOPSCOPE_PYTHON_OFFSETS_H
#define LOOPSCOPE_PYTHON_OFFSETS_H

#include <stddef.h>

#include "python_frames.h"

/* What _PyRuntime begins with since 3.13, as far as it is read. */
#define PYTHON_DEBUG_OFFSETS_SIZE 648

/*
 * Version and offsets of `ret_runtime` from the first PYTHON_DEBUG_OFFSETS_SIZE bytes of a
 * _PyRuntime. -ENODATA: it does not begin with offsets; -ENOTSUP: they are of a version not known;
 * -EBADMSG: they cannot be true.
 */
int python_offsets_read(const void *bytes, struct python_runtime *ret_runtime);

/* The same of a version that has none of its own, as PY_VERSION_HEX >> 16. -ENOTSUP. */
int python_offsets_known(__u32 version, struct python_runtime *ret_runtime);

#endif
