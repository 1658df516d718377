/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Processes whose stacks were given names lately: at most so many at once. */
#ifndef LOOPSCOPE_PROCESS_CACHE_H
#define LOOPSCOPE_PROCESS_CACHE_H

#include "symbols/process/process.h"

struct process_cache;

/* -ENOMEM. process_cache_free takes NULL. */
int process_cache_new(size_t max_processes, struct process_cache **ret_cache);
void process_cache_free(struct process_cache *cache);
DEFINE_CLEANUP(struct process_cache *, process_cache_free)

/* Owned by the cache, valid until the next call. -errno as process_new. */
int process_cache_get(struct process_cache *cache, pid_t pid, uint64_t start_ns,
		      struct process **ret_process);

size_t process_cache_count(const struct process_cache *cache);
uint64_t process_cache_evictions(const struct process_cache *cache);

#endif
