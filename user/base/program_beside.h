/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The other binaries, which lie beside this one. */
#ifndef LOOPSCOPE_PROGRAM_BESIDE_H
#define LOOPSCOPE_PROGRAM_BESIDE_H

#include <limits.h>

/* The path of the program `name` in the directory of our own. -errno: that cannot be read. */
int program_beside(const char *name, char ret_path[PATH_MAX]);

#endif
