/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The cause that an open busy interval is charged to now, and the system call. */
#include "view/where.h"

#include <stdio.h>

#include "base/syscall_name.h"

const char *where_text(char buffer[WHERE_LEN], const struct loop_entry *entry)
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
	const struct loop_report *report = entry->report;
	char name[SYSCALL_NAME_LEN];

	if (report->where_syscall < 0)
		snprintf(buffer, WHERE_LEN, "%s", phrases[report->where]);
	else
		snprintf(buffer, WHERE_LEN, "%s %s",
			 report->where == CAUSE_LOCK ? "waiting for a lock in" : "blocked in",
			 syscall_name_by(entry->syscalls, report->where_syscall, name));
	return buffer;
}
