/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The table is made by the Makefile: one line for each __NR_ of this architecture. */
#include "base/syscall_name.h"

#include <asm/unistd.h>
#include <stddef.h>
#include <stdio.h>

#include "record.h"

static const char *const names[] = {
#include "syscall_table.h"
};

const char *syscall_name(int nr, char buffer[SYSCALL_NAME_LEN])
{
	if (nr == RECORD_SYSCALL_OTHER)
		return "other";
	if (nr >= 0 && (size_t)nr < sizeof(names) / sizeof(names[0]) && names[nr])
		return names[nr];
	snprintf(buffer, SYSCALL_NAME_LEN, "sys_%d", nr);
	return buffer;
}
