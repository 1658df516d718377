/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What runs in a JVM, which maps no more of it than native libraries: jars on the class path stay
 * open, and threads have the names that libraries give them, also where all is in one jar.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "identity/proc.h"
#include "identity/runtime_parts.h"

#define MAX_DESCRIPTORS 1024 /* looked at; jars are opened early, and have low numbers */
#define MAX_THREADS 256

typedef void look_at_entry(struct detection *detection, const char *name);

static void take_seen(struct detection *detection, enum runtime_evidence evidence, const char *name,
		      const char *version)
{
	__u32 loops = loop_library_seen(evidence, name);

	if (!loops)
		return;
	detection->loops_seen |= loops;
	runtime_note_seen(detection, evidence, name, loop_library_name(__builtin_ctz(loops)),
			  version);
}

static void take_jar_version(struct detection *detection, const char *name, const char *version)
{
	if (strncmp(name, "vertx-core-", strlen("vertx-core-")) == 0)
		version_copy(detection->vertx_version, version);
	else if (strncmp(name, "netty-transport-", strlen("netty-transport-")) == 0 ||
		 strncmp(name, "netty-all-", strlen("netty-all-")) == 0)
		version_copy(detection->netty_version, version);
}

static void look_at_descriptor(struct detection *detection, const char *number)
{
	char path[32], target[PATH_MAX], version[VERSION_LEN];
	const char *name;

	snprintf(path, sizeof(path), "fd/%.16s", number);
	if (proc_read_link(detection->directory, path, target, sizeof(target)) < 0)
		return;
	name = strrchr(target, '/');
	if (!name || !strstr(name, ".jar"))
		return;
	name++;
	version_of_digits(name + strcspn(name, "0123456789"), version);
	if (*version)
		take_jar_version(detection, name, version);
	take_seen(detection, EVIDENCE_JAR, name, version);
}

static void look_at_thread(struct detection *detection, const char *tid)
{
	char path[48], comm[PROC_COMM_LEN + 1];

	snprintf(path, sizeof(path), "task/%.16s/comm", tid);
	if (proc_read(detection->directory, path, comm, sizeof(comm)) < 0)
		return;
	comm[strcspn(comm, "\n")] = '\0';
	take_seen(detection, EVIDENCE_THREAD, comm, "");
}

static void look_at_each(struct detection *detection, const char *path, size_t max,
			 look_at_entry *look_at)
{
	int fd = openat(detection->directory, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(closedirp) DIR *list = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!list) {
		closep(&fd);
		return;
	}
	for (size_t i = 0; i < max && (entry = readdir(list)); i++) {
		if (entry->d_name[0] != '.')
			look_at(detection, entry->d_name);
	}
}

void runtime_look_at_jvm(struct detection *detection)
{
	look_at_each(detection, "fd", MAX_DESCRIPTORS, look_at_descriptor);
	look_at_each(detection, "task", MAX_THREADS, look_at_thread);
}
