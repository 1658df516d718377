/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A timer on each CPU (perf's cpu-clock) that runs a BPF program. */
#ifndef LOOPSCOPE_TICKS_H
#define LOOPSCOPE_TICKS_H

#include <bpf/libbpf.h>
#include <stddef.h>

#define TICKS_HZ 99         /* no divisor of what else runs on timers */
#define TICKS_DESCRIPTORS 2 /* for each CPU */

struct ticks {
	struct bpf_link **links;
	size_t nr;
};

/* Whether this kernel lets us have one: 0, or negative errno. */
int ticks_probe(void);

/* On every CPU that is online; one that comes later has none. -errno: none is left attached. */
int ticks_attach(struct bpf_program *program, struct ticks *ret_ticks);
void ticks_detach(struct ticks *ticks);

#endif
