/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The cause that an open busy interval is charged to now, and the system call. */
#include "view/where.h"

#include <stdio.h>

#include "base/syscall_name.h"

const char *where_phrase(char buffer[WHERE_LEN], enum cause cause, int syscall_nr,
			 const struct syscall_names *syscalls)
{
	static const char *const phrases[NR_CAUSES] = {
		[CAUSE_CPU] = "on the CPU",
		[CAUSE_RUNQUEUE] = "waiting for a CPU",
		[CAUSE_CPU_QUOTA] = "throttled by its CPU quota",
		[CAUSE_SYSCALL] = "blocked in a system call",
		[CAUSE_PAGE_FAULT] = "blocked in a page fault",
		[CAUSE_LOCK] = "waiting for a lock",
		[CAUSE_OTHER] = "stopped, or traced",
	};
	char name[SYSCALL_NAME_LEN];

	if (syscall_nr < 0)
		snprintf(buffer, WHERE_LEN, "%s", phrases[cause]);
	else
		snprintf(buffer, WHERE_LEN, "%s %s",
			 cause == CAUSE_LOCK ? "waiting for a lock in" : "blocked in",
			 syscall_name_by(syscalls, syscall_nr, name));
	return buffer;
}

const char *where_text(char buffer[WHERE_LEN], const struct loop_entry *entry)
{
	const struct loop_report *report = entry->report;

	return where_phrase(buffer, report->where, report->where_syscall, entry->syscalls);
}
