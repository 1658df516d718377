/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who a loop is: process, runtime, cgroup; and threads that may be loops but
 * have not been seen to wait. Reads /proc only; everything there is hostile.
 */
#ifndef LOOPSCOPE_IDENTITY_H
#define LOOPSCOPE_IDENTITY_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/apart.h"
#include "identity/version_text.h"

/* Of a pod on a node that is a container itself, some 330 are needed. */
#define IDENTITY_CGROUP_LEN 512

struct identity_cache;

struct process_identity {
	const char *runtime; /* static: "node", "redis", "nginx", "python", ...; NULL: unknown */
	char runtime_version[VERSION_LEN]; /* "": not known */
	const char *loop_library; /* static: "uvloop", "libuv", ...; NULL: none, or not known */
	char loop_library_version[VERSION_LEN];
	char cgroup[IDENTITY_CGROUP_LEN]; /* path below the mount; "" if unknown */
	char executable[256];             /* target of /proc/PID/exe; "" if unknown */
	__u64 start_ticks;                /* field 22 of /proc/PID/stat */
	__u32 own_pid;                    /* in its own pid namespace; 0: not known */
};

int identity_cache_new(size_t max_processes, struct identity_cache **ret_cache);
void identity_cache_free(struct identity_cache *cache);

/*
 * The process of that pid, owned by the cache and valid until the next call;
 * never NULL: what cannot be read, or not in time, is left empty. start_ns (the leader's,
 * CLOCK_BOOTTIME; 0: not known) and exec_id tell it from others that had the pid.
 */
const struct process_identity *identity_of(struct identity_cache *cache, pid_t pid, __u64 start_ns,
					   __u64 exec_id);

/* How many processes were forgotten because the cache was full. */
__u64 identity_cache_evictions(const struct identity_cache *cache);

/* What reads the files of processes, for others that do; owned by the cache. */
struct apart *identity_cache_apart(struct identity_cache *cache);

/* A thread that may own an eventpoll nobody waits on. */
struct unseen_thread {
	pid_t pid, tid;
	__u64 start_ticks;
	char thread[16];
	char process[16];
	bool running; /* on a CPU or waiting for one */
	bool stopped;
	int syscall_nr; /* blocked in it, or -1 */
};

/*
 * Threads of process `pid` that own an eventpoll and are not in `seen_tids`, which ascend:
 * as many as the process has eventpolls beyond those its seen loops wait on,
 * the leader first, then running ones, then blocked ones; never one that sleeps
 * in epoll's wait calls, or in another for several descriptors, nor any of more
 * threads on a lock than there are eventpolls left. A guess (see unseen.c).
 * Returns how many were written, or -errno.
 */
int unseen_find(pid_t pid, const pid_t *seen_tids, size_t nr_seen, struct unseen_thread *threads,
		size_t max_threads);

/*
 * Why a pid cannot be watched: "no such process", "a kernel thread", "a thread of
 * process 1200: use --pid 1200", ...; NULL if it can. Valid until the next call.
 */
const char *identity_pid_problem(pid_t pid);

#endif
