/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Stalls, as far as user space has to do with finding them: the watch for loops that are overdue
 * and do not run, and the threads that are no loops yet.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "identity/proc.h"
#include "observe/observer_parts.h"

#define WATCH_MIN_NS 25000000ULL
#define WATCH_MAX_NS 500000000ULL
#define WATCH_COST 200 /* a walk may take this part of the time between two */

void observer_configure_stalls(struct observer *observer, const struct observer_options *options)
{
	struct loopscope_bpf *skeleton = observer->skeleton;
	int nr_cpus = libbpf_num_possible_cpus();

	skeleton->rodata->scope.stalls = options->stalls;
	skeleton->rodata->scope.max_stalls = options->scope.max_stalls ?: SCOPE_STALLS_A_MINUTE;
	skeleton->rodata->scope.max_stacks = options->scope.max_stacks ?: SCOPE_STACKS_A_MINUTE;
	skeleton->rodata->scope.preempt_count_at = observer->hooks.preempt_count_at;
	observer->hooks.stalls = options->stalls;
	observer->watch_interval_ns = options->scope.blocking_ns / 2;
	if (options->stalls && nr_cpus > 0)
		bpf_map__set_max_entries(skeleton->maps.stacks, (__u32)nr_cpus);
	if (!options->stalls) {
		bpf_map__set_max_entries(skeleton->maps.unseen, 1);
		bpf_map__set_max_entries(skeleton->maps.python_runtimes, 1);
	}
}

int observer_prepare_watch(struct observer *observer)
{
	if (!observer->hooks.stalls)
		return 0;
	observer->unseen_walk =
		bpf_program__attach_iter(programs_unseen(observer->skeleton->obj), NULL);
	return observer->unseen_walk ? 0 : -errno;
}

int observer_ticks(const struct observer *observer)
{
	return observer->hooks.no_ticks;
}

static uint64_t within_bounds(uint64_t interval_ns)
{
	if (interval_ns < WATCH_MIN_NS)
		return WATCH_MIN_NS;
	return interval_ns < WATCH_MAX_NS ? interval_ns : WATCH_MAX_NS;
}

uint64_t observer_watch_interval_ns(const struct observer *observer)
{
	return within_bounds(observer->watch_interval_ns);
}

/* It is dearer with more loops, or tasks: then it comes less often. One slow walk counts little. */
static void pace(struct observer *observer, uint64_t took_ns)
{
	uint64_t wanted_ns = observer->skeleton->rodata->scope.blocking_ns / 2;

	if (wanted_ns < took_ns * WATCH_COST)
		wanted_ns = took_ns * WATCH_COST;
	wanted_ns = within_bounds(wanted_ns);
	observer->watch_interval_ns = (observer->watch_interval_ns * 7 + wanted_ns) / 8;
}

int observer_watch(struct observer *observer, observer_record_fn callback, void *context)
{
	struct loopscope_bpf__bss *state = observer->skeleton->bss;
	uint64_t started_ns = clock_monotonic_ns();
	int err;

	state->watching = 1;
	err = observer_iterate(observer, observer->walk, callback, context);
	state->watching = 0;
	if (!err && state->nr_unseen)
		err = observer_iterate(observer, observer->unseen_walk, callback, context);
	if (err)
		return err;
	pace(observer, clock_monotonic_ns() - started_ns);
	err = observer_read(observer, callback, context);
	return err < 0 ? err : 0;
}

int observer_watch_last(struct observer *observer, observer_record_fn callback, void *context)
{
	int err;

	observer->skeleton->bss->watch_is_last = 1;
	err = observer_watch(observer, callback, context);
	observer->skeleton->bss->watch_is_last = 0;
	return err;
}

static int unseen_fd(const struct observer *observer)
{
	return bpf_map__fd(observer->skeleton->maps.unseen);
}

int observer_watch_unseen(struct observer *observer, const struct loop_id *id,
			  uint64_t process_start_ns)
{
	const struct unseen_request request = {*id, process_start_ns, clock_monotonic_ns()};
	_cleanup_(freep) void *value =
		calloc(1, bpf_map__value_size(observer->skeleton->maps.unseen));

	if (!value)
		return -ENOMEM;
	memcpy(value, &request, sizeof(request)); /* what follows is the kernel side's */
	if (bpf_map_update_elem(unseen_fd(observer), &id->tid, value, BPF_NOEXIST))
		return -errno;
	observer->skeleton->bss->nr_unseen++;
	return 0;
}

void observer_forget_unseen(struct observer *observer, const struct loop_id *id)
{
	if (!bpf_map_delete_elem(unseen_fd(observer), &id->tid))
		observer->skeleton->bss->nr_unseen--;
}

/*
 * Its last thread tells the kernel side, but not before it is marked so; the first, which is looked
 * at here, may end long before.
 */
static bool is_ending(pid_t pid)
{
	_cleanup_(closep) int directory = proc_open(pid);
	struct proc_stat stat;

	return directory < 0 || proc_stat_read(directory, "stat", &stat) ||
	       (stat.flags & PROC_FLAG_EXITING && stat.nr_threads <= 1);
}

int observer_set_python(struct observer *observer, pid_t pid, const struct python_runtime *runtime)
{
	int fd = bpf_map__fd(observer->skeleton->maps.python_runtimes);
	__u32 key = (__u32)pid;

	if (bpf_map_update_elem(fd, &key, runtime, BPF_ANY))
		return -errno;
	if (!is_ending(pid))
		return 0;
	bpf_map_delete_elem(fd, &key);
	return -ESRCH;
}
