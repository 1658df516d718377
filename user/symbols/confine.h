/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What loopscope-symbols takes from itself before it reads anything of others. */
#ifndef LOOPSCOPE_CONFINE_H
#define LOOPSCOPE_CONFINE_H

#include <stddef.h>

/*
 * It can write nothing to a file, leave no core, have no more memory of its own than
 * `memory_bytes`, gain nothing by exec; where it was root's it is nobody's, if that can be; it has
 * no descriptors but the first three, and few system calls (system_calls.h); it ends when its
 * parent does, unless that was before, and is the first to go where memory runs out. -errno:
 * something of that could not be had.
 */
int confine(size_t memory_bytes);

#endif
