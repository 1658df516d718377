/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Limits bind whatever a library does, and cannot be raised again without a capability. */
#include "symbols/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/privileges.h"
#include "symbols/system_calls.h"

#define MAX_DESCRIPTORS 512
#define MAX_MAPPED_BYTES (16ULL << 30) /* files of others, mapped to be read, and all else */
#define OOM_SCORE "500"                /* of 1000: before what does the watching */

static int limit(__rlimit_resource_t resource, rlim_t value)
{
	struct rlimit own;

	if (getrlimit(resource, &own))
		return -errno;
	if (value > own.rlim_max)
		value = own.rlim_max;
	own = (struct rlimit){value, value};
	return setrlimit(resource, &own) ? -errno : 0;
}

/* The shadow of a sanitizer is larger than any limit. */
static int limit_memory(size_t bytes)
{
#if defined(__SANITIZE_ADDRESS__)
	(void)bytes;
	return 0;
#else
	return limit(RLIMIT_DATA, bytes) ?: limit(RLIMIT_AS, MAX_MAPPED_BYTES);
#endif
}

/* Not all systems let a process say so; none is worse off then. */
static void be_first_to_go(void)
{
	_cleanup_(closep) int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, OOM_SCORE, strlen(OOM_SCORE)) < 0)
		return;
}

int confine(size_t memory_bytes)
{
	int r;

	be_first_to_go();
	if (close_range(STDERR_FILENO + 1, ~0U, 0) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	r = limit(RLIMIT_FSIZE, 0) ?: limit(RLIMIT_NOFILE, MAX_DESCRIPTORS);
	r = r ?: limit_memory(memory_bytes) ?: privileges_keep_two();
	if (r)
		return r;
	/* a limit would not keep a core from a program that cores are piped to */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) || prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0))
		return -errno;
	return system_calls_limit();
}
