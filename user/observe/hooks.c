/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Probing by loading: a program that returns 0, on the hook in question. What
 * a version number or a configuration says is not asked.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "observe/hooks.h"
#include "observe/preempt_count.h"
#include "observe/privilege.h"
#include "observe/ticks.h"

#define STACKS "stacks"

#if defined(__x86_64__)
#define SYSCALL_PREFIX "__x64_sys_"
#else
#define SYSCALL_PREFIX "__arm64_sys_"
#endif

const char *const edges_names[NR_EDGES] = {
	[EDGES_FENTRY] = "fentry",
	[EDGES_TP_BTF] = "tp_btf",
	[EDGES_TRACEPOINT] = "tracepoint",
};

DEFINE_CLEANUP(struct btf *, btf__free)

/* Loads, and for fentry attaches, an empty program on a BTF target. 0, or -errno. */
static int probe_tracing(const struct btf *btf, enum bpf_attach_type type, const char *target,
			 int target_kind)
{
	const struct bpf_insn empty[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = type);
	_cleanup_(closep) int program = -1;
	_cleanup_(closep) int link = -1;
	int id;

	id = btf__find_by_name_kind(btf, target, target_kind);
	if (id < 0)
		return -ENOENT;
	options.attach_btf_id = id;
	program = bpf_prog_load(BPF_PROG_TYPE_TRACING, NULL, "GPL", empty, 2, &options);
	if (program < 0)
		return -errno;
	if (type != BPF_TRACE_FENTRY)
		return 0;
	link = bpf_raw_tracepoint_open(NULL, program);
	return link < 0 ? -errno : 0;
}

static bool has_member(const struct btf *btf, const char *structure, const char *name)
{
	int id = btf__find_by_name_kind(btf, structure, BTF_KIND_STRUCT);
	const struct btf_type *type = id < 0 ? NULL : btf__type_by_id(btf, id);

	for (int i = 0; type && i < btf_vlen(type); i++)
		if (!strcmp(btf__name_by_offset(btf, btf_members(type)[i].name_off), name))
			return true;
	return false;
}

static int probe_fentry(const struct btf *btf)
{
	return probe_tracing(btf, BPF_TRACE_FENTRY, SYSCALL_PREFIX "epoll_pwait", BTF_KIND_FUNC);
}

static int probe_tp_btf(const struct btf *btf)
{
	return probe_tracing(btf, BPF_TRACE_RAW_TP, "btf_trace_sys_enter", BTF_KIND_TYPEDEF);
}

/* -ENOTDIR: tracefs is not mounted. */
static int probe_tracepoint(const struct btf *btf)
{
	(void)btf;
	if (access("/sys/kernel/tracing/events", F_OK) &&
	    access("/sys/kernel/debug/tracing/events", F_OK))
		return -ENOTDIR;
	if (!access("/sys/kernel/tracing/events/syscalls/sys_enter_epoll_wait/id", R_OK) ||
	    !access("/sys/kernel/debug/tracing/events/syscalls/sys_enter_epoll_wait/id", R_OK))
		return 0;
	return -errno;
}

static const struct {
	int (*probe)(const struct btf *btf);
	const char *good;
} edges_probes[NR_EDGES] = {
	[EDGES_FENTRY] = {probe_fentry, "on the wait calls' own functions: no other call pays"},
	[EDGES_TP_BTF] = {probe_tp_btf, "every system call pays some 20 ns"},
	[EDGES_TRACEPOINT] = {probe_tracepoint, "every system call pays some 20 ns; needs tracefs"},
};

static const char *const wait_calls[NR_WAIT_CALLS] = {
#define WAIT_CALL_NAME(program, name) #name,
	WAIT_CALLS(WAIT_CALL_NAME)
#undef WAIT_CALL_NAME
};

static bool has_function(const struct btf *btf, const char *call)
{
	char name[64];

	snprintf(name, sizeof(name), SYSCALL_PREFIX "%s", call);
	return btf__find_by_name_kind(btf, name, BTF_KIND_FUNC) > 0;
}

static bool has_tracepoint(const char *call)
{
	static const char *const mounts[] = {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"};
	char path[128];

	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		snprintf(path, sizeof(path), "%s/events/syscalls/sys_exit_%s/id", mounts[i], call);
		if (!access(path, R_OK))
			return true;
	}
	return false;
}

/* A kernel may be built without some of the calls. */
static void find_wait_calls(const struct btf *btf, struct hooks *hooks)
{
	for (size_t i = 0; i < NR_WAIT_CALLS; i++) {
		hooks->has_wait_call[i] = true;
		if (hooks->edges == EDGES_FENTRY)
			hooks->has_wait_call[i] = has_function(btf, wait_calls[i]);
		else if (hooks->edges == EDGES_TRACEPOINT)
			hooks->has_wait_call[i] = has_tracepoint(wait_calls[i]);
	}
}

static const char *refusal(int err)
{
	switch (err) {
	case -EPERM:
		return "refused (kernel locked down, or a capability is missing)";
	case -ENOENT:
		return "not in this kernel";
	case -ENOTDIR:
		return "tracefs is not mounted (mount -t tracefs tracefs /sys/kernel/tracing)";
	default:
		return strerror(-err);
	}
}

__attribute__((format(printf, 4, 5))) static void
add_point(struct hooks *hooks, const char *point, const char *program, const char *format, ...)
{
	struct observer_hook *hook = &hooks->points[hooks->nr_points++];
	va_list arguments;

	hook->point = point;
	hook->program = program;
	va_start(arguments, format);
	vsnprintf(hook->reason, sizeof(hook->reason), format, arguments);
	va_end(arguments);
}

static int forced_index(const char *name)
{
	for (int i = 0; i < NR_EDGES; i++)
		if (!strcmp(name, edges_names[i]))
			return i;
	return -EINVAL;
}

static int choose_edges(const struct btf *btf, const char *forced, struct hooks *hooks, char *error)
{
	int first = 0, last = NR_EDGES - 1, err = -ENOENT;
	char why[200] = "";

	if (forced) {
		first = last = forced_index(forced);
		if (first < 0) {
			snprintf(error, OBSERVER_ERROR_LEN,
				 "no edges \"%s\": fentry, tp_btf or tracepoint", forced);
			return -EINVAL;
		}
	}
	for (int i = first; i <= last; i++) {
		size_t used = strlen(why);

		err = edges_probes[i].probe(btf);
		if (!err) {
			hooks->edges = i;
			find_wait_calls(btf, hooks);
			add_point(hooks, "wait_edges", edges_names[i], "%s%s", edges_probes[i].good,
				  why);
			return 0;
		}
		snprintf(why + used, sizeof(why) - used, "; %s: %s", edges_names[i], refusal(err));
	}
	add_point(hooks, "wait_edges", NULL, "%s", why[0] ? why + 2 : "");
	snprintf(error, OBSERVER_ERROR_LEN, "no way to see wait calls: %s", why + 2);
	return err == -EPERM ? -EPERM : -EOPNOTSUPP;
}

struct requirement {
	const char *point;
	const char *program; /* as shown */
	enum bpf_attach_type type;
	const char *target;
	int kind;
	const char *good;
};

static const struct requirement requirements[] = {
	{"off_cpu", "tp_btf", BPF_TRACE_RAW_TP, "btf_trace_sched_switch", BTF_KIND_TYPEDEF,
	 "sched_switch, sched_waking and sched_migrate_task"},
	{"life", "tp_btf", BPF_TRACE_RAW_TP, "btf_trace_sched_process_exit", BTF_KIND_TYPEDEF,
	 "sched_process_fork, _exec and _exit"},
	{"scan", "iter", BPF_TRACE_ITER, "bpf_iter_task", BTF_KIND_FUNC, "over all tasks, once"},
};

/* Without them a stall on CPU is found by the watch alone, and has no stack. */
static void choose_ticks(struct hooks *hooks)
{
	int err = ticks_probe();

	add_point(hooks, STACKS, "perf_event", "a timer on each CPU, %d a second", TICKS_HZ);
	if (err)
		hooks_without_ticks(hooks, err);
}

void hooks_without_ticks(struct hooks *hooks, int err)
{
	hooks->no_ticks = err;
	for (size_t i = 0; i < hooks->nr_points; i++) {
		struct observer_hook *hook = &hooks->points[i];

		if (strcmp(hook->point, STACKS) != 0)
			continue;
		hook->program = NULL;
		snprintf(hook->reason, sizeof(hook->reason), "on CPU: %s", refusal(err));
	}
}

static int choose_rest(const struct btf *btf, struct hooks *hooks, char *error)
{
	for (size_t i = 0; i < sizeof(requirements) / sizeof(requirements[0]); i++) {
		const struct requirement *need = &requirements[i];
		int err = probe_tracing(btf, need->type, need->target, need->kind);

		if (err) {
			add_point(hooks, need->point, NULL, "%s", refusal(err));
			snprintf(error, OBSERVER_ERROR_LEN, "%s on %s: %s", need->program,
				 need->target, refusal(err));
			return err == -EPERM ? -EPERM : -EOPNOTSUPP;
		}
		add_point(hooks, need->point, need->program, "%s", need->good);
	}
	choose_ticks(hooks);
	hooks->preempt_count_at = preempt_count_at(btf);
	hooks->queues_per_cpu = !has_member(btf, "task_group", "se");
	hooks->roster_walk = btf__find_by_name_kind(btf, "bpf_task_from_pid", BTF_KIND_FUNC) > 0;
	add_point(hooks, "windows", "iter",
		  hooks->roster_walk ? "over the loops (bpf_task_from_pid)"
				     : "over all tasks: this kernel finds no task by its number");
	return 0;
}

int hooks_choose(const char *forced_edges, struct hooks *ret_hooks, char *error)
{
	_cleanup_(btf__freep) struct btf *btf = NULL;
	char missing[PRIVILEGE_MISSING_LEN];
	int err;

	*ret_hooks = (struct hooks){};
	privilege_missing(missing, sizeof(missing));
	if (missing[0]) {
		snprintf(error, OBSERVER_ERROR_LEN, PRIVILEGE_MISSING, missing);
		return -EPERM;
	}
	btf = btf__load_vmlinux_btf();
	if (!btf) {
		snprintf(error, OBSERVER_ERROR_LEN,
			 "this kernel has no BTF (/sys/kernel/btf/vmlinux): "
			 "it needs CONFIG_DEBUG_INFO_BTF");
		return -EOPNOTSUPP;
	}
	if (btf__find_by_name_kind(btf, "bpf_task_pt_regs", BTF_KIND_FUNC) < 0) {
		snprintf(error, OBSERVER_ERROR_LEN,
			 "this kernel is too old: it lacks bpf_task_pt_regs, which came with 5.15");
		return -EOPNOTSUPP;
	}
	err = choose_edges(btf, forced_edges, ret_hooks, error);
	return err ?: choose_rest(btf, ret_hooks, error);
}
