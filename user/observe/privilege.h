/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The capabilities that this process has in effect. */
#ifndef LOOPSCOPE_PRIVILEGE_H
#define LOOPSCOPE_PRIVILEGE_H

#include <linux/capability.h>
#include <stdbool.h>
#include <stddef.h>

bool privilege_has(int capability);

/*
 * "CAP_BPF and CAP_PERFMON": those that watching needs and this process lacks;
 * CAP_SYS_ADMIN stands for both. Empty if none is missing.
 */
void privilege_missing(char *text, size_t size);
#define PRIVILEGE_MISSING "%s missing: run as root, or with CAP_BPF and CAP_PERFMON"
#define PRIVILEGE_MISSING_LEN 64

#endif
