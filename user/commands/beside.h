/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The other binary, which lies beside this one. */
#ifndef LOOPSCOPE_BESIDE_H
#define LOOPSCOPE_BESIDE_H

#include <limits.h>

#define BESIDE_AGENT "loopscope-agent"
#define BESIDE_PATH_LEN (PATH_MAX + sizeof(BESIDE_AGENT) + 1)

/* The path of BESIDE_AGENT. -errno: our own cannot be read. */
int beside_path(char ret_path[BESIDE_PATH_LEN]);

#endif
