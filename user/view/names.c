/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names of causes, wait families and states. */
#include "view/names.h"

#include <stddef.h>

static const struct {
	const char *name;
	char letter;
} causes[NR_CAUSES] = {
	[CAUSE_CPU] = {"cpu", 'c'},
	[CAUSE_RUNQUEUE] = {"runqueue", 'r'},
	[CAUSE_CPU_QUOTA] = {"cpu_quota", 'q'},
	[CAUSE_SYSCALL] = {"syscall", 's'},
	[CAUSE_PAGE_FAULT] = {"page_fault", 'f'},
	[CAUSE_LOCK] = {"lock", 'l'},
	[CAUSE_OTHER] = {"other", 'o'},
};

const char *cause_name(enum cause cause)
{
	return causes[cause].name;
}

char cause_letter(enum cause cause)
{
	return causes[cause].letter;
}

const char *wait_family_name(enum wait_family family)
{
	static const char *const families[NR_WAIT_FAMILIES] = {
		[WAIT_EPOLL] = "epoll",       [WAIT_POLL] = "poll", [WAIT_SELECT] = "select",
		[WAIT_IO_URING] = "io_uring", [WAIT_AIO] = "aio",
	};

	return family < NR_WAIT_FAMILIES ? families[family] : NULL;
}

const char *report_state_name(enum report_state state)
{
	static const char *const states[] = {
		[REPORT_POLL] = "poll",
		[REPORT_BUSY] = "busy",
		[REPORT_UNSEEN] = "unseen",
		[REPORT_ENDED] = "ended",
	};

	return states[state];
}
