/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* By the system calls, whose two words of 32 capabilities are all that is needed of a library. */
#include "base/privileges.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const unsigned int wanted[] = {CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH};

#define NOBODY 65534
#define NR_WANTED (sizeof(wanted) / sizeof(*wanted))

struct capabilities {
	struct __user_cap_data_struct words[_LINUX_CAPABILITY_U32S_3];
};

static int get(struct capabilities *capabilities)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};

	return syscall(SYS_capget, &header, capabilities->words) ? -errno : 0;
}

static int set(const struct capabilities *capabilities)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};

	return syscall(SYS_capset, &header, capabilities->words) ? -errno : 0;
}

static bool permitted(const struct capabilities *capabilities, unsigned int capability)
{
	return capabilities->words[CAP_TO_INDEX(capability)].permitted & CAP_TO_MASK(capability);
}

/* A capability must be inheritable before it can be ambient. */
void privileges_lend(void)
{
	struct capabilities own;

	if (get(&own))
		return;
	for (unsigned int i = 0; i < NR_WANTED; i++) {
		if (permitted(&own, wanted[i]))
			own.words[CAP_TO_INDEX(wanted[i])].inheritable |= CAP_TO_MASK(wanted[i]);
	}
	if (set(&own))
		return;
	for (unsigned int i = 0; i < NR_WANTED; i++)
		prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, wanted[i], 0, 0);
}

/* What is not inheritable is not ambient either. */
void privileges_call_back(void)
{
	struct capabilities own;

	if (get(&own))
		return;
	for (unsigned int i = 0; i < NR_WANTED; i++)
		own.words[CAP_TO_INDEX(wanted[i])].inheritable &= ~CAP_TO_MASK(wanted[i]);
	set(&own);
}

static bool is_wanted(unsigned int capability)
{
	return capability == wanted[0] || capability == wanted[1];
}

/*
 * Root's files, those of /proc/sys too, may be written without any capability: so it becomes a user
 * who owns nothing. Only with the two, without which that user sees less than root, and where its
 * parent may end another user's process. Not all user namespaces have that user, or let groups go:
 * there it stays who it is.
 */
static void leave_root(const struct capabilities *own)
{
	static const unsigned int needed[] = {CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH, CAP_SETUID,
					      CAP_SETGID, CAP_KILL};

	if (geteuid())
		return;
	for (unsigned int i = 0; i < sizeof(needed) / sizeof(*needed); i++) {
		if (!permitted(own, needed[i]))
			return;
	}
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) || setgroups(0, NULL) ||
	    setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY))
		return;
}

int privileges_use_two(void)
{
	struct capabilities own, kept = {};
	int r = get(&own);

	if (r)
		return r;
	for (unsigned int i = 0; i < NR_WANTED; i++) {
		if (permitted(&own, wanted[i]))
			kept.words[CAP_TO_INDEX(wanted[i])].permitted |= CAP_TO_MASK(wanted[i]);
	}
	for (unsigned int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		kept.words[i].effective = kept.words[i].permitted;
	return set(&kept);
}

int privileges_keep_two(void)
{
	struct capabilities own;
	int r;

	/* without CAP_SETPCAP it cannot be done, but then nothing can be gained either */
	for (unsigned int i = 0; prctl(PR_CAPBSET_READ, i, 0, 0, 0) >= 0; i++) {
		if (!is_wanted(i))
			prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
	}
	r = get(&own);
	if (r)
		return r;
	leave_root(&own);
	return privileges_use_two();
}
