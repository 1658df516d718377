/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What loopscope-symbols takes from itself before it reads anything of others. */
#ifndef LOOPSCOPE_CONFINE_H
#define LOOPSCOPE_CONFINE_H

#include <stddef.h>

/*
 * It can write nothing to a file, leave no core, have no more memory of its own than
 * `memory_bytes`, gain nothing by exec; it has no descriptors but the first three, ends with its
 * parent, and is the first to go where memory runs out. -errno: something of that could not be had.
 */
int confine(size_t memory_bytes);

#endif
