/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a busy or unseen loop is doing, in words. */
#ifndef LOOPSCOPE_WHERE_H
#define LOOPSCOPE_WHERE_H

#include "view/snapshot.h"

#define WHERE_LEN 64

/* "blocked in fsync", "on the CPU", ...; returns buffer. */
const char *where_text(char buffer[WHERE_LEN], const struct loop_entry *entry);

/* The same of any cause, and call; -1: none. */
const char *where_phrase(char buffer[WHERE_LEN], enum cause cause, int syscall_nr,
			 const struct syscall_names *syscalls);

#endif
