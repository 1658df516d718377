/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The table is made by the Makefile: one line for each __NR_ of this architecture. */
#include "base/syscall_name.h"

#include <asm/unistd.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "record.h"

static const char *const known[] = {
#include "syscall_table.h"
};

const char *syscall_name_known(int nr)
{
	return nr >= 0 && (size_t)nr < sizeof(known) / sizeof(known[0]) ? known[nr] : NULL;
}

static const char *look_up(const struct syscall_names *names, int nr)
{
	if (!names)
		return syscall_name_known(nr);
	return nr >= 0 && nr < SYSCALL_NAMES_MAX && *names->names[nr] ? names->names[nr] : NULL;
}

const char *syscall_name_by(const struct syscall_names *names, int nr,
			    char buffer[SYSCALL_NAME_LEN])
{
	const char *name = nr == RECORD_SYSCALL_OTHER ? "other" : look_up(names, nr);

	if (name)
		return name;
	snprintf(buffer, SYSCALL_NAME_LEN, "sys_%d", nr);
	return buffer;
}

const char *syscall_name(int nr, char buffer[SYSCALL_NAME_LEN])
{
	return syscall_name_by(NULL, nr, buffer);
}

bool syscall_names_set(struct syscall_names *names, int nr, const char *name)
{
	size_t length = strlen(name);

	if (nr < 0 || nr >= SYSCALL_NAMES_MAX || !length || length >= SYSCALL_NAME_LEN ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != length)
		return false;
	memcpy(names->names[nr], name, length + 1);
	return true;
}
