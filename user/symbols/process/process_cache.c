/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A table in the order of use, the latest first: few enough to be looked through. */
#include "symbols/process/process_cache.h"

#include <errno.h>
#include <string.h>

struct process_cache {
	size_t max, nr;
	uint64_t evictions;
	struct process *processes[];
};

int process_cache_new(size_t max_processes, struct process_cache **ret_cache)
{
	struct process_cache *cache;

	cache = calloc(1, sizeof(*cache) + max_processes * sizeof(*cache->processes));
	if (!cache)
		return -ENOMEM;
	cache->max = max_processes;
	*ret_cache = cache;
	return 0;
}

void process_cache_free(struct process_cache *cache)
{
	if (!cache)
		return;
	for (size_t i = 0; i < cache->nr; i++)
		process_free(cache->processes[i]);
	free(cache);
}

static struct process *take_out(struct process_cache *cache, size_t at)
{
	struct process *process = cache->processes[at];

	cache->nr--;
	memmove(&cache->processes[at], &cache->processes[at + 1],
		(cache->nr - at) * sizeof(*cache->processes));
	return process;
}

static struct process *put_first(struct process_cache *cache, struct process *process)
{
	memmove(&cache->processes[1], &cache->processes[0], cache->nr * sizeof(*cache->processes));
	cache->processes[0] = process;
	cache->nr++;
	return process;
}

static struct process *take_out_known(struct process_cache *cache, pid_t pid, uint64_t start_ns)
{
	for (size_t i = 0; i < cache->nr; i++) {
		const struct process *process = cache->processes[i];

		if (process->pid == pid && process->start_ns == start_ns)
			return take_out(cache, i);
	}
	return NULL;
}

int process_cache_get(struct process_cache *cache, pid_t pid, uint64_t start_ns,
		      struct process **ret_process)
{
	_cleanup_(process_freep) struct process *process = take_out_known(cache, pid, start_ns);

	if (process && !process_is_current(process)) {
		process_free(process);
		process = NULL;
	}
	if (!process) {
		int r = process_new(pid, start_ns, &process);

		if (r)
			return r;
	}
	if (cache->nr == cache->max) {
		process_free(take_out(cache, cache->nr - 1));
		cache->evictions++;
	}
	*ret_process = put_first(cache, TAKE_PTR(process));
	return 0;
}

size_t process_cache_count(const struct process_cache *cache)
{
	return cache->nr;
}

uint64_t process_cache_evictions(const struct process_cache *cache)
{
	return cache->evictions;
}
