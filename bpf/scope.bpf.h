/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which threads are watched, and how one becomes a loop. Asked at a wait call
 * of a thread not watched, and by the scan; never while scheduling.
 */
#ifndef LOOPSCOPE_SCOPE_BPF_H
#define LOOPSCOPE_SCOPE_BPF_H

#include "kernel_fields.bpf.h"
#include "state.bpf.h"

#define SCOPE_CGROUP_DEPTH 32

/* A task's number in the observer's pid namespace; 0 where it has none there. */
static __always_inline __u32 task_visible_nr(struct task_struct *task)
{
	struct upid upid = {};
	struct pid *pid;

	if (!observer_ns_level)
		return BPF_CORE_READ(task, pid);
	pid = BPF_CORE_READ(task, thread_pid);
	if (!pid || BPF_CORE_READ(pid, level) < observer_ns_level)
		return 0;
	pid_upid(pid, observer_ns_level, &upid);
	return (__u64)upid.ns == observer_ns ? upid.nr : 0;
}

/* The same; the initial namespace's where it has none there. */
static __always_inline __u32 task_observed_nr(struct task_struct *task)
{
	return task_visible_nr(task) ?: BPF_CORE_READ(task, pid);
}

static __always_inline __u32 task_observed_pid(struct task_struct *task)
{
	return task_observed_nr(BPF_CORE_READ(task, group_leader));
}

/* The key in `targets`: nobody asks for a process that he cannot see. 0: not to be found there. */
static __always_inline __u32 task_target(struct task_struct *task)
{
	return task_visible_nr(BPF_CORE_READ(task, group_leader));
}

static __always_inline struct cgroup *task_cgroup(struct task_struct *task, __s32 subsys)
{
	struct cgroup_subsys_state *state = NULL;
	struct css_set *set = BPF_CORE_READ(task, cgroups);

	if (subsys < 0)
		return BPF_CORE_READ(set, dfl_cgrp);
	bpf_probe_read_kernel(&state, sizeof(state),
			      (void *)set + bpf_core_field_offset(struct css_set, subsys) +
				      subsys * sizeof(state));
	return BPF_CORE_READ(state, cgroup);
}

/* By hand, since the helper knows the unified hierarchy only. */
static __always_inline bool task_in_cgroup(struct task_struct *task, __s32 subsys, __u64 id)
{
	struct cgroup *cgroup = task_cgroup(task, subsys);

	for (int i = 0; i < SCOPE_CGROUP_DEPTH && cgroup; i++) {
		struct cgroup_subsys_state *parent;

		if (BPF_CORE_READ(cgroup, kn, id) == id)
			return true;
		parent = BPF_CORE_READ(cgroup, self.parent);
		if (!parent)
			break;
		cgroup = BPF_CORE_READ(parent, cgroup);
	}
	return false;
}

static __noinline bool scope_has_cgroup(struct task_struct *task)
{
	for (int i = 0; i < SCOPE_MAX_CGROUPS; i++) {
		if (i >= scope.nr_cgroups)
			break;
		if (task_in_cgroup(task, scope.cgroups[i].subsys, scope.cgroups[i].id))
			return true;
	}
	return false;
}

/* Whether the thread's or its process's name matches any. Always inlined: the globs are read-only
 * data, whose address a function taken by itself would not know the bounds of. */
static __always_inline bool task_name_matches(struct task_struct *task,
					      const volatile struct comm_glob *globs, __u8 nr)
{
	char thread[RECORD_COMM_LEN] = {}, process[RECORD_COMM_LEN] = {};

	BPF_CORE_READ_INTO(&thread, task, comm);
	BPF_CORE_READ_INTO(&process, task, group_leader, comm);
	for (int i = 0; i < SCOPE_MAX_GLOBS; i++) {
		if (i >= nr)
			break;
		if (comm_glob_match(&globs[i], process) || comm_glob_match(&globs[i], thread))
			return true;
	}
	return false;
}

static __noinline bool scope_has_comm(struct task_struct *task)
{
	return task_name_matches(task, scope.globs, scope.nr_globs);
}

static __noinline bool scope_has_not_comm(struct task_struct *task)
{
	return task_name_matches(task, scope.not_globs, scope.nr_not_globs);
}

static __always_inline bool scope_excludes(struct task_struct *task)
{
	struct exclusion *exclusion = bpf_task_storage_get(&excluded, task, NULL, 0);
	char thread[RECORD_COMM_LEN] = {};

	if (!exclusion || exclusion->epoch != policy_epoch)
		return false;
	BPF_CORE_READ_INTO(&thread, task, comm);
	for (int i = 0; i < RECORD_COMM_LEN; i++) {
		if (thread[i] != exclusion->thread[i])
			return false;
	}
	return true;
}

static __always_inline bool scope_wants(struct task_struct *task)
{
	__u32 pid;

	if (scope.policies && scope_excludes(task))
		return false;
	if (scope.nr_not_globs && scope_has_not_comm(task))
		return false;
	if (scope.all)
		return true;
	if (scope.pids) {
		pid = task_target(task);
		if (bpf_map_lookup_elem(&targets, &pid))
			return true;
	}
	if (scope.nr_cgroups && scope_has_cgroup(task))
		return true;
	return scope.nr_globs && scope_has_comm(task);
}

static __always_inline void loop_identify(struct loop *loop, struct task_struct *task)
{
	loop->id.pid = task_observed_pid(task);
	loop->id.tid = task_observed_nr(task);
	loop->id.start_ns = BPF_CORE_READ(task, start_boottime);
	loop->process_start_ns = BPF_CORE_READ(task, group_leader, start_boottime);
	loop->id.exec_id = BPF_CORE_READ(task, self_exec_id);
	loop->blocking_ns = scope.blocking_ns;
	loop->kernel_tid = BPF_CORE_READ(task, pid);
	loop->cgroup_id = BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
	BPF_CORE_READ_INTO(&loop->thread, task, comm);
	BPF_CORE_READ_INTO(&loop->process, task, group_leader, comm);
}

/* Nothing is kept of an earlier loop of the thread but what the ceilings of this minute count. */
static __always_inline void stall_adopt(struct task_struct *task)
{
	struct stall *stall =
		bpf_task_storage_get(&stalls, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (!stall)
		return;
	stall->interval_ns = 0;
	stall->blocking_ns = 0;
	stall->begun_ns = 0;
	stall->stalls_held = 0;
	stall->stacks_held = 0;
	stall->waking.pid = 0;
}

/*
 * Storage for a thread that is to be watched (scope_wants), identified but not yet
 * started (state 0). NULL if there is none to be had: counted.
 */
static __always_inline struct loop *loop_adopt(struct task_struct *task)
{
	struct loop *loop;
	__u32 tid;

	tid = BPF_CORE_READ(task, pid);
	if (bpf_map_update_elem(&roster, &tid, &tid, BPF_ANY)) {
		count(COUNTER_LOOPS_LOST);
		return NULL;
	}
	loop = bpf_task_storage_get(&loops, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!loop) {
		bpf_map_delete_elem(&roster, &tid);
		count(COUNTER_LOOPS_LOST);
		return NULL;
	}
	loop_identify(loop, task);
	if (scope.stalls)
		stall_adopt(task);
	return loop;
}

#endif
