/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The BPF programs by name: which of them the hooks chosen call for, and attaching those. */
#ifndef LOOPSCOPE_PROGRAMS_H
#define LOOPSCOPE_PROGRAMS_H

#include <bpf/libbpf.h>

#include "observe/hooks.h"
#include "observe/ticks.h"

#define PROGRAMS_MAX_LINKS 32

/* Links of the programs attached; programs_detach frees them. */
struct program_links {
	struct bpf_link *links[PROGRAMS_MAX_LINKS];
	size_t nr;
	struct ticks ticks;
};

/* Marks what is wanted for loading: before the object is loaded. */
void programs_select(struct bpf_object *object, const struct hooks *hooks);

/*
 * -errno, and `error` (OBSERVER_ERROR_LEN) says which; what was attached stays in `links`. Ticks
 * are not needed: hooks tell if there are none.
 */
int programs_attach(struct bpf_object *object, struct hooks *hooks, struct program_links *links,
		    char *error);
void programs_detach(struct program_links *links);

/* The iterators, attached by whoever runs them. */
struct bpf_program *programs_scan(struct bpf_object *object);
struct bpf_program *programs_usage(struct bpf_object *object);
struct bpf_program *programs_unseen(struct bpf_object *object);
struct bpf_program *programs_walk(struct bpf_object *object, const struct hooks *hooks);

#endif
