/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reading one process's identity, and the bounded cache of those read. */
#include "identity/identity.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1 /* an entry not added has no table */
#include <uthash.h>
#include <utlist.h>

#include "base/cleanup.h"
#include "identity/container/cgroup_containers.h"
#include "identity/proc.h"
#include "identity/runtime.h"

#define CGROUP_TEXT_SIZE 16384
#define MAX_PROGRAM_FILES 1024 /* read once: some 300 bytes each */

struct identity_key {
	__u64 start_ns;
	__u64 exec_id;
	__u64 pid; /* as wide as its neighbours: keys are compared byte by byte */
};

struct identity_entry {
	struct identity_key key;
	struct process_identity identity;
	struct identity_entry *prev, *next; /* by last use */
	UT_hash_handle hh;
};

struct identity_cache {
	struct identity_entry *index;  /* uthash */
	struct identity_entry *oldest; /* utlist: least recently used first */
	size_t max_processes;
	__u64 evictions;
	struct program_files *files; /* used by the child of `apart` only */
	struct apart *apart;
	struct process_identity nobody; /* for want of memory: empty */
};

int identity_cache_new(size_t max_processes, struct identity_cache **ret_cache)
{
	struct identity_cache *cache = calloc(1, sizeof(*cache));
	int r = cache ? program_files_new(MAX_PROGRAM_FILES, &cache->files)
				?: apart_new(&cache->apart)
		      : -ENOMEM;

	if (r) {
		identity_cache_free(cache);
		return r;
	}
	cache->max_processes = max_processes;
	*ret_cache = cache;
	return 0;
}

static void forget(struct identity_cache *cache, struct identity_entry *entry)
{
	HASH_DEL(cache->index, entry);
	DL_DELETE(cache->oldest, entry);
	free(entry);
}

void identity_cache_free(struct identity_cache *cache)
{
	if (!cache)
		return;
	while (cache->oldest)
		forget(cache, cache->oldest);
	apart_free(cache->apart);
	program_files_free(cache->files);
	free(cache);
}

struct apart *identity_cache_apart(struct identity_cache *cache)
{
	return cache->apart;
}

__u64 identity_cache_evictions(const struct identity_cache *cache)
{
	return cache->evictions;
}

#define WORTH_OF_CONTAINER 4

/* How well a line of /proc/PID/cgroup places the process: the root not at all, a container best. */
static int cgroup_worth(const char *controllers, const char *path)
{
	struct cgroup_containers containers;
	int worth;

	if (strcmp(path, "/") == 0)
		return 1;
	if (*controllers == '\0')
		worth = 4; /* the unified hierarchy */
	else
		worth = strncmp(controllers, "cpu", strlen("cpu")) == 0 ? 3 : 2;
	cgroup_containers_parse(path, &containers);
	return containers.nr ? worth + WORTH_OF_CONTAINER : worth;
}

/* Takes the text of /proc/PID/cgroup apart: lines of `id:controllers:path`. */
static void choose_cgroup(char *text, char *cgroup, size_t size)
{
	int best = 0;

	for (char *line, *rest; (line = strtok_r(text, "\n", &rest)); text = NULL) {
		char *controllers = strchr(line, ':'), *path;
		int worth;

		path = controllers ? strchr(controllers + 1, ':') : NULL;
		if (!path)
			continue;
		*path++ = '\0';
		worth = cgroup_worth(controllers + 1, path);
		if (worth > best && strlen(path) < size) {
			best = worth;
			strcpy(cgroup, path);
		}
	}
}

/* Whether it is a later process that got the pid, or one of another namespace that has it. */
static bool started_after(const struct proc_stat *stat, __u64 start_ns)
{
	return start_ns && stat->start_ticks > proc_ticks_of_ns(start_ns);
}

struct runtime_question {
	struct program_files *files;
	pid_t pid;
	__u64 start_ticks;
	char executable[PATH_MAX];
};

static void look_at_runtime(const void *question, void *answer)
{
	const struct runtime_question *process = question;
	_cleanup_(closep) int directory = proc_open(process->pid);
	struct proc_stat stat;

	if (directory >= 0 && proc_stat_read(directory, "stat", &stat) == 0 &&
	    stat.start_ticks == process->start_ticks)
		runtime_detect(process->files, directory, process->executable, NULL, answer);
}

static void read_runtime(struct identity_cache *cache, pid_t pid, const char *executable,
			 struct process_identity *identity)
{
	struct runtime_question question = {
		.files = cache->files, .pid = pid, .start_ticks = identity->start_ticks};
	struct runtime runtime;

	snprintf(question.executable, sizeof(question.executable), "%s", executable);
	if (apart_call(cache->apart, look_at_runtime, &question, sizeof(question), &runtime,
		       sizeof(runtime)))
		return;
	identity->runtime = runtime.name;
	version_copy(identity->runtime_version, runtime.version);
	identity->loop_library = runtime.loop_library;
	version_copy(identity->loop_library_version, runtime.loop_library_version);
}

static void read_identity(struct identity_cache *cache, pid_t pid, __u64 start_ns,
			  struct process_identity *identity)
{
	_cleanup_(closep) int directory = proc_open(pid);
	char executable[PATH_MAX], text[CGROUP_TEXT_SIZE];
	struct proc_stat stat;

	if (directory < 0 || proc_stat_read(directory, "stat", &stat) < 0 ||
	    started_after(&stat, start_ns))
		return;
	identity->start_ticks = stat.start_ticks;
	if (proc_read(directory, "cgroup", text, sizeof(text)) > 0)
		choose_cgroup(text, identity->cgroup, sizeof(identity->cgroup));
	if (proc_read_link(directory, "exe", executable, sizeof(executable)) < 0)
		return;
	read_runtime(cache, pid, executable, identity);
	if (strlen(executable) < sizeof(identity->executable))
		strcpy(identity->executable, executable);
}

static struct identity_entry *add(struct identity_cache *cache, const struct identity_key *key)
{
	struct identity_entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return NULL;
	while (cache->oldest && HASH_COUNT(cache->index) >= cache->max_processes) {
		forget(cache, cache->oldest);
		cache->evictions++;
	}
	entry->key = *key;
	HASH_ADD(hh, cache->index, key, sizeof(entry->key), entry);
	if (!entry->hh.tbl) {
		free(entry);
		return NULL;
	}
	DL_APPEND(cache->oldest, entry);
	return entry;
}

const struct process_identity *identity_of(struct identity_cache *cache, pid_t pid, __u64 start_ns,
					   __u64 exec_id)
{
	struct identity_key key = {.start_ns = start_ns, .exec_id = exec_id, .pid = pid};
	struct identity_entry *entry;

	HASH_FIND(hh, cache->index, &key, sizeof(key), entry);
	if (entry) {
		DL_DELETE(cache->oldest, entry);
		DL_APPEND(cache->oldest, entry);
		return &entry->identity;
	}
	entry = add(cache, &key);
	if (!entry)
		return &cache->nobody;
	read_identity(cache, pid, start_ns, &entry->identity);
	return &entry->identity;
}
