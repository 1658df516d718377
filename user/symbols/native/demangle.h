/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names as linkers have them, made what people have written: C++ and Rust. */
#ifndef LOOPSCOPE_DEMANGLE_H
#define LOOPSCOPE_DEMANGLE_H

#include <stddef.h>

#include "model/stack.h"

/*
 * Writes the name without parameters, return type, hashes and what compilers add to parts of
 * functions; cut to fit. Its language, if the name tells; FRAME_NATIVE.
 */
enum frame_language demangle(const char *symbol, char name[static STACK_MAX_TEXT]);

#endif
