/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What `check` tells of the machine before any program is loaded. */
#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "observe/features.h"
#include "observe/privilege.h"

#define FOUND(check, ...) snprintf((check)->found, sizeof((check)->found), __VA_ARGS__)
#define ADVISE(check, ...) snprintf((check)->advice, sizeof((check)->advice), __VA_ARGS__)

static void check_kernel(struct feature_check *check)
{
	struct utsname name;

	check->name = "kernel";
	check->ok = true;
	if (!uname(&name))
		FOUND(check, "%.30s %.60s %.30s", name.sysname, name.release, name.machine);
}

static void check_btf(struct feature_check *check)
{
	struct btf *btf = btf__load_vmlinux_btf();

	check->name = "btf";
	check->required = true;
	check->ok = btf;
	if (btf)
		FOUND(check, "%u types", btf__type_cnt(btf));
	else
		ADVISE(check, "a kernel with CONFIG_DEBUG_INFO_BTF=y, and /sys mounted");
	btf__free(btf);
}

/* stand_in: another one that serves as well. */
static void check_capability(struct feature_check *check, const char *name, int capability,
			     int stand_in, bool required, const char *advice)
{
	check->name = name;
	check->required = required;
	check->ok = privilege_has(capability) || privilege_has(stand_in);
	FOUND(check, "%s", check->ok ? "in effect" : "missing");
	if (!check->ok)
		ADVISE(check, "%s", advice);
}

static void check_lockdown(struct feature_check *check)
{
	_cleanup_(fclosep) FILE *file = fopen("/sys/kernel/security/lockdown", "re");
	char text[128] = "";

	check->name = "lockdown";
	check->ok = true;
	if (!file || !fgets(text, sizeof(text), file)) {
		FOUND(check, "not known (securityfs is not mounted)");
		return;
	}
	text[strcspn(text, "\n")] = '\0';
	FOUND(check, "%s", text);
	check->ok = strstr(text, "[none]");
	if (!check->ok)
		ADVISE(check,
		       "nothing: edges other than fentry serve, at a cost to each system call");
}

static void check_tracefs(struct feature_check *check)
{
	check->name = "tracefs";
	check->ok = !access("/sys/kernel/tracing/events", R_OK) ||
		    !access("/sys/kernel/debug/tracing/events", R_OK);
	FOUND(check, "%s",
	      check->ok ? "mounted" : "not mounted: needed for --edges=tracepoint only");
	if (!check->ok)
		ADVISE(check, "nothing, or: mount -t tracefs tracefs /sys/kernel/tracing");
}

size_t features_check(struct feature_check *checks, size_t max)
{
	struct feature_check all[8] = {};
	size_t nr = sizeof(all) / sizeof(all[0]);

	check_kernel(&all[0]);
	check_btf(&all[1]);
	check_capability(&all[2], "cap_bpf", CAP_BPF, CAP_SYS_ADMIN, true,
			 "run as root, or add CAP_BPF");
	check_capability(&all[3], "cap_perfmon", CAP_PERFMON, CAP_SYS_ADMIN, true,
			 "run as root, or add CAP_PERFMON");
	check_capability(&all[4], "cap_sys_ptrace", CAP_SYS_PTRACE, CAP_SYS_ADMIN, false,
			 "add CAP_SYS_PTRACE: without it runtimes and stuck loops of other users "
			 "are not told");
	check_capability(&all[5], "cap_dac_read_search", CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE,
			 false,
			 "add CAP_DAC_READ_SEARCH: without it container runtimes' files, and what "
			 "other users' processes say of themselves, may not be read");
	check_lockdown(&all[6]);
	check_tracefs(&all[7]);
	if (nr > max)
		nr = max;
	memcpy(checks, all, nr * sizeof(all[0]));
	return nr;
}
