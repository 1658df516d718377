/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The host's part of every resource. The agent may run in a container of its own, whose /etc and
 * name are not the host's: both are asked of the first process, which is the host's wherever the
 * agent can see all processes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "identity/proc.h"
#include "identity/resource.h"

#define HOST_ROOT "/proc/1/root"
#define FILE_SIZE 4096

/* The file's text, of the host's root if that can be seen. */
static bool read_file(const char *path, char *text)
{
	char of_host[64];

	snprintf(of_host, sizeof(of_host), HOST_ROOT "%s", path);
	return proc_read(AT_FDCWD, of_host, text, FILE_SIZE) > 0 ||
	       proc_read(AT_FDCWD, path, text, FILE_SIZE) > 0;
}

static int put_text(struct attributes *set, const char *key, const char *text)
{
	return *text ? attributes_put_text(set, key, text) : 0;
}

static int put_line(struct attributes *set, const char *key, char *text)
{
	text[strcspn(text, " \t\r\n")] = '\0';
	return put_text(set, key, text);
}

static bool shares_host_name(void)
{
	struct stat own, first;

	/* where it cannot be told, the own name is the better guess */
	return stat("/proc/self/ns/uts", &own) < 0 || stat("/proc/1/ns/uts", &first) < 0 ||
	       own.st_ino == first.st_ino;
}

static int put_host_name(struct attributes *set, const struct utsname *names)
{
	char text[FILE_SIZE];

	if (!shares_host_name() &&
	    proc_read(AT_FDCWD, HOST_ROOT "/etc/hostname", text, sizeof(text)) > 0)
		return put_line(set, "host.name", text);
	return put_text(set, "host.name", names->nodename);
}

static const char *architecture_in_conventions(const char *machine)
{
	static const char *const names[][2] = {
		{"x86_64", "amd64"}, {"aarch64", "arm64"}, {"i386", "x86"},      {"i486", "x86"},
		{"i586", "x86"},     {"i686", "x86"},      {"ppc64le", "ppc64"}, {"ppc", "ppc32"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strcmp(machine, names[i][0]) == 0)
			return names[i][1];
	}
	return strncmp(machine, "arm", 3) == 0 ? "arm32" : machine;
}

/* The value of a line, as a shell would take it, in place. */
static char *unquote(char *value)
{
	char quote = *value == '"' || *value == '\'' ? *value : '\0', *to = value;

	for (const char *from = value + (quote != '\0'); *from && *from != quote; from++) {
		if (*from == '\\' && quote != '\'' && from[1])
			from++;
		*to++ = *from;
	}
	*to = '\0';
	return value;
}

int resource_parse_os_release(const char *text, struct attributes *set)
{
	static const char *const keys[][2] = {
		{"NAME=", "os.name"},
		{"VERSION_ID=", "os.version"},
		{"PRETTY_NAME=", "os.description"},
		{"BUILD_ID=", "os.build_id"},
	};
	_cleanup_(freep) char *copy = strdup(text);
	char *rest = copy, *line;

	if (!copy)
		return -ENOMEM;
	while ((line = strsep(&rest, "\n"))) {
		for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
			size_t length = strlen(keys[i][0]);
			int r = strncmp(line, keys[i][0], length) == 0
					? put_text(set, keys[i][1], unquote(line + length))
					: 0;

			if (r)
				return r;
		}
	}
	return 0;
}

static int put_files(struct attributes *set)
{
	char text[FILE_SIZE];
	int r = 0;

	if (read_file("/etc/machine-id", text) || read_file("/var/lib/dbus/machine-id", text))
		r = put_line(set, "host.id", text);
	if (!r && (read_file("/etc/os-release", text) || read_file("/usr/lib/os-release", text)))
		r = resource_parse_os_release(text, set);
	return r;
}

int resource_of_host(struct attributes *ret_attributes)
{
	struct attributes set = {};
	struct utsname names;
	int r;

	if (uname(&names) < 0)
		return -errno;
	r = put_host_name(&set, &names)
		    ?: put_text(&set, "host.arch", architecture_in_conventions(names.machine))
		    ?: put_text(&set, "os.type", "linux") ?: put_files(&set);
	if (r) {
		attributes_done(&set);
		return r;
	}
	*ret_attributes = set;
	return 0;
}
