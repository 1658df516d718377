/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The table of lines of a code object, as 3.11 and later have it: co_linetable. */
#ifndef LOOPSCOPE_PYTHON_LINES_H
#define LOOPSCOPE_PYTHON_LINES_H

#include <stddef.h>
#include <stdint.h>

/*
 * The line of the instruction that many bytes from the beginning of the bytecode. 0: the table,
 * which is hostile, does not tell.
 */
uint32_t python_line(const unsigned char *table, size_t size, int32_t first_line,
		     uint32_t instruction);

#endif
