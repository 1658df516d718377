/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A table of programs in place of a long set-up. They are attached in its
 * order: ends of a wait call before its beginnings, so that no loop is begun
 * whose end would not be seen.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "observe/programs.h"

struct program {
	const char *name;
	bool (*wanted)(const struct hooks *hooks);
	enum wait_call_index wait_call; /* that it watches; NR_WAIT_CALLS: none in particular */
};

static bool always(const struct hooks *hooks)
{
	(void)hooks;
	return true;
}

static bool by_fentry(const struct hooks *hooks)
{
	return hooks->edges == EDGES_FENTRY;
}

static bool by_tp_btf(const struct hooks *hooks)
{
	return hooks->edges == EDGES_TP_BTF;
}

static bool by_tracepoint(const struct hooks *hooks)
{
	return hooks->edges == EDGES_TRACEPOINT;
}

static bool by_queue_array(const struct hooks *hooks)
{
	return !hooks->queues_per_cpu;
}

static bool by_queue_per_cpu(const struct hooks *hooks)
{
	return hooks->queues_per_cpu;
}

#define FENTRY_OUT(program, call) {#program "_out", by_fentry, WAIT_CALL_##call},
#define FENTRY_IN(program, call) {#program "_in", by_fentry, WAIT_CALL_##call},
#define TRACEPOINT_OUT(program, call) {"tp_" #program "_out", by_tracepoint, WAIT_CALL_##call},
#define TRACEPOINT_IN(program, call) {"tp_" #program "_in", by_tracepoint, WAIT_CALL_##call},

static const struct program programs[] = {
	{"process_fork", always, NR_WAIT_CALLS},
	{"process_exec", always, NR_WAIT_CALLS},
	{"process_exit", always, NR_WAIT_CALLS},
	{"sched_waking", always, NR_WAIT_CALLS},
	{"sched_migrate", by_queue_array, NR_WAIT_CALLS},
	{"sched_migrate_7", by_queue_per_cpu, NR_WAIT_CALLS},
	{"sched_switch", always, NR_WAIT_CALLS},
	/* clang-format off */
	WAIT_CALLS(FENTRY_OUT)
	WAIT_CALLS(FENTRY_IN)
	{"close_in", by_fentry, NR_WAIT_CALLS},
	{"wait_exit", by_tp_btf, NR_WAIT_CALLS},
	{"wait_enter", by_tp_btf, NR_WAIT_CALLS},
	WAIT_CALLS(TRACEPOINT_OUT)
	WAIT_CALLS(TRACEPOINT_IN)
	{"tp_close_in", by_tracepoint, NR_WAIT_CALLS},
	/* clang-format on */
};

#define TICK "stall_tick"

#define NR_PROGRAMS (sizeof(programs) / sizeof(programs[0]))

static bool program_wanted(const struct program *program, const struct hooks *hooks)
{
	return program->wanted(hooks) &&
	       (program->wait_call == NR_WAIT_CALLS || hooks->has_wait_call[program->wait_call]);
}

static struct bpf_program *program_of(struct bpf_object *object, const char *name)
{
	return bpf_object__find_program_by_name(object, name);
}

struct bpf_program *programs_scan(struct bpf_object *object)
{
	return program_of(object, "scan");
}

struct bpf_program *programs_usage(struct bpf_object *object)
{
	return program_of(object, "walk_usage");
}

struct bpf_program *programs_walk(struct bpf_object *object, const struct hooks *hooks)
{
	return program_of(object, hooks->roster_walk ? "walk_roster" : "walk_tasks");
}

struct bpf_program *programs_unseen(struct bpf_object *object)
{
	return program_of(object, "watch_unseen");
}

void programs_select(struct bpf_object *object, const struct hooks *hooks)
{
	for (size_t i = 0; i < NR_PROGRAMS; i++)
		if (program_wanted(&programs[i], hooks))
			bpf_program__set_autoload(program_of(object, programs[i].name), true);
	bpf_program__set_autoload(programs_scan(object), true);
	bpf_program__set_autoload(programs_walk(object, hooks), true);
	bpf_program__set_autoload(programs_usage(object), hooks->usage);
	bpf_program__set_autoload(programs_unseen(object), hooks->stalls);
	bpf_program__set_autoload(program_of(object, TICK), hooks->stalls && !hooks->no_ticks);
}

static int attach_listed(struct bpf_object *object, const struct hooks *hooks,
			 struct program_links *links, char *error)
{
	for (size_t i = 0; i < NR_PROGRAMS; i++) {
		struct bpf_link *link;

		if (!program_wanted(&programs[i], hooks))
			continue;
		link = links->nr < PROGRAMS_MAX_LINKS
			       ? bpf_program__attach(program_of(object, programs[i].name))
			       : NULL;
		if (!link) {
			int err = -errno;

			snprintf(error, OBSERVER_ERROR_LEN, "attaching %s: %s", programs[i].name,
				 strerror(-err));
			return err;
		}
		links->links[links->nr++] = link;
	}
	return 0;
}

int programs_attach(struct bpf_object *object, struct hooks *hooks, struct program_links *links,
		    char *error)
{
	int err = attach_listed(object, hooks, links, error);

	if (err || !hooks->stalls || hooks->no_ticks)
		return err;
	err = ticks_attach(program_of(object, TICK), &links->ticks);
	if (err)
		hooks_without_ticks(hooks, err);
	return 0;
}

void programs_detach(struct program_links *links)
{
	while (links->nr)
		bpf_link__destroy(links->links[--links->nr]);
	ticks_detach(&links->ticks);
}
