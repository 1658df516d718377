/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Processes and loops come, and are found again. */
#include "agent/registry.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "agent/registry_parts.h"
#include "base/cleanup.h"

#define WORD_BITS 64

DEFINE_CLEANUP(struct registry *, registry_free)

int registry_new(const struct registry_options *options, struct registry **ret_registry)
{
	_cleanup_(registry_freep) struct registry *registry = calloc(1, sizeof(*registry));
	const struct process_key nobody = {};
	struct attributes attributes = {};
	int r;

	if (!registry)
		return -ENOMEM;
	registry->options = *options;
	r = attributes_add_missing(&attributes, options->departed);
	if (!r)
		r = registry_add_process(registry, &nobody, "", NULL, &attributes, false,
					 &registry->departed);
	if (r) {
		attributes_done(&attributes);
		return r;
	}
	*ret_registry = TAKE_PTR(registry);
	return 0;
}

static void process_free(struct registry *registry, struct watched_process *process)
{
	HASH_DEL(registry->processes, process);
	DL_DELETE(registry->order, process);
	attributes_done(&process->attributes);
	attributes_done(&process->pod.said);
	free(process->ordinals);
	if (process->overflow)
		delivery_done(&process->overflow->delivery);
	free(process->overflow);
	free(process);
}

static void give_ordinal(struct watched_process *process, unsigned int ordinal)
{
	process->ordinals[ordinal / WORD_BITS] &= ~(1ULL << ordinal % WORD_BITS);
}

void registry_forget_loop(struct registry *registry, struct watched_loop *loop)
{
	struct watched_process *process = loop->process;

	registry_give_name(registry, loop);
	give_ordinal(process, loop->ordinal);
	DL_DELETE(process->loops, loop);
	process->nr_loops--;
	HASH_DEL(registry->loops, loop);
	registry->nr_ended -= loop->ended;
	delivery_done(&loop->delivery);
	registry_forget_culprits(loop);
	free(loop->interval_lag_ns);
	free(loop);
	if (!process->nr_loops)
		process_free(registry, process);
}

void registry_free(struct registry *registry)
{
	if (!registry)
		return;
	while (registry->loops)
		registry_forget_loop(registry, registry->loops);
	while (registry->order)
		process_free(registry, registry->order);
	registry_view_done(&registry->view);
	free(registry);
}

void registry_set_options(struct registry *registry, const struct registry_options *options)
{
	bool delta = registry->options.delta;

	registry->options = *options;
	registry->options.delta = delta;
}

struct watched_process *registry_process(struct registry *registry, const struct process_key *key)
{
	struct watched_process *process;

	HASH_FIND(hh, registry->processes, key, sizeof(*key), process);
	return process;
}

int registry_add_process(struct registry *registry, const struct process_key *key, const char *comm,
			 const struct process_identity *identity, struct attributes *attributes,
			 bool nodejs, struct watched_process **ret_process)
{
	_cleanup_(freep) struct watched_process *process = calloc(1, sizeof(*process));

	if (!process)
		return -ENOMEM;
	process->key = *key;
	if (identity)
		process->identity = *identity;
	memcpy(process->comm, comm, strnlen(comm, RECORD_COMM_LEN));
	process->nodejs = nodejs;
	HASH_ADD(hh, registry->processes, key, sizeof(process->key), process);
	if (!process->hh.tbl)
		return -ENOMEM;
	process->attributes = *attributes;
	*attributes = (struct attributes){};
	DL_APPEND(registry->order, process);
	*ret_process = TAKE_PTR(process);
	return 0;
}

struct watched_loop *registry_loop(struct registry *registry, const struct loop_id *id)
{
	struct watched_loop *loop;

	HASH_FIND(hh, registry->loops, id, sizeof(*id), loop);
	return loop;
}

/* The lowest that is free, so that with few loops at a time none is ever beyond a limit. */
static int take_ordinal(struct watched_process *process, unsigned int *ret_ordinal)
{
	size_t word = 0;
	__u64 *words;

	while (word < process->nr_ordinal_words && !~process->ordinals[word])
		word++;
	if (word == process->nr_ordinal_words) {
		words = reallocarray(process->ordinals, word + 1, sizeof(*words));
		if (!words)
			return -ENOMEM;
		words[word] = 0;
		process->ordinals = words;
		process->nr_ordinal_words++;
	}
	*ret_ordinal = word * WORD_BITS + (unsigned int)__builtin_ctzll(~process->ordinals[word]);
	process->ordinals[word] |= 1ULL << *ret_ordinal % WORD_BITS;
	return 0;
}

static void name_loop(struct watched_loop *loop)
{
	loop->attributes[0] = ATTRIBUTE_OF_TEXT("event_loop.id", loop->id_text);
	loop->attributes[1] = ATTRIBUTE_OF_TEXT("thread.name", loop->thread);
}

static void repair_thread(struct watched_loop *loop, const char *thread)
{
	char name[RECORD_COMM_LEN + 1] = {};

	memcpy(name, thread, strnlen(thread, RECORD_COMM_LEN));
	utf8_repair(loop->thread, name);
}

int registry_add_loop(struct registry *registry, struct watched_process *process,
		      const struct loop_id *id, const char *thread, __u64 start_unix_ns, int group,
		      struct watched_loop **ret_loop)
{
	_cleanup_(freep) struct watched_loop *loop = calloc(1, sizeof(*loop));
	int r;

	if (!loop)
		return -ENOMEM;
	r = take_ordinal(process, &loop->ordinal);
	if (r)
		return r;
	loop->id = *id;
	loop->process = process;
	r = registry_take_name(registry, loop);
	if (r) {
		give_ordinal(process, loop->ordinal);
		return r;
	}
	HASH_ADD(hh, registry->loops, id, sizeof(loop->id), loop);
	if (!loop->hh.tbl) {
		registry_give_name(registry, loop);
		give_ordinal(process, loop->ordinal);
		return -ENOMEM;
	}
	loop->group = group;
	loop->start_unix_ns = start_unix_ns;
	loop->max_lag_ns = loop->utilization = NAN;
	repair_thread(loop, thread);
	DL_APPEND(process->loops, loop);
	process->nr_loops++;
	name_loop(loop);
	if (registry_overflown_groups(registry, loop->ordinal))
		registry->overflown++;
	*ret_loop = TAKE_PTR(loop);
	return 0;
}

void registry_each_loop(struct registry *registry, registry_loop_fn callback, void *context)
{
	struct watched_loop *loop, *next;

	HASH_ITER(hh, registry->loops, loop, next)
	{
		if (!loop->ended)
			callback(loop, context);
	}
}

void registry_each_loop_of(struct watched_process *process, registry_loop_fn callback,
			   void *context)
{
	struct watched_loop *loop, *next;

	DL_FOREACH_SAFE(process->loops, loop, next)
	callback(loop, context);
}

void registry_each_process(struct registry *registry, registry_process_fn callback, void *context)
{
	struct watched_process *process, *next;

	DL_FOREACH_SAFE(registry->order, process, next)
	{
		if (process != registry->departed)
			callback(process, context);
	}
}

/* An interval may have no export of its own: its exemplar stands until there is one. */
static void exemplar_end_interval(struct loop_stalls *stalls)
{
	if (stalls->given)
		stalls->shown.value_ms = 0;
	if (stalls->longest.value_ms > stalls->shown.value_ms) {
		stalls->shown = stalls->longest;
		stalls->on_way = stalls->given = false;
	}
	stalls->longest.value_ms = 0;
}

static void loop_end_interval(struct watched_loop *loop)
{
	if (loop->ended && !loop->process->pod.held)
		loop->intervals_ended++;
	if (loop->interval_poll_ns + loop->interval_busy_ns)
		loop->utilization = watched_loop_utilization(loop);
	loop->max_lag_ns = fmax(loop->interval_max_ns, (double)loop->now.current_busy_ns);
	loop->interval_max_ns = 0;
	loop->interval_poll_ns = loop->interval_busy_ns = 0;
	exemplar_end_interval(&loop->stalls);
	if (loop->interval_lag_ns)
		memset(loop->interval_lag_ns, 0,
		       HISTOGRAM_NR_BUCKETS * sizeof(*loop->interval_lag_ns));
}

void registry_end_interval(struct registry *registry)
{
	struct watched_loop *loop, *next;

	HASH_ITER(hh, registry->loops, loop, next)
	loop_end_interval(loop);
	registry_end_departures(registry);
}

void registry_counts(const struct registry *registry, struct registry_counts *ret_counts)
{
	*ret_counts = (struct registry_counts){
		.loops = HASH_COUNT(registry->loops) - registry->nr_ended,
		.waiting = registry->nr_ended,
		.overflown = registry->overflown,
		.departed = registry->nr_departed,
	};
	for (const struct watched_process *process = registry->order; process;
	     process = process->next) {
		ret_counts->processes += watched_process_lives(process);
	}
}
