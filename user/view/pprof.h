/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Stalls as a profile for pprof: a sample for each stack, with how many stalls it is of and their
 * time; labels tell process, thread, cause and pod. Of a stall with several parts (see
 * stall_split.h), the largest counts it. Bounded: stacks that find no room are left out, and
 * counted.
 */
#ifndef LOOPSCOPE_PPROF_H
#define LOOPSCOPE_PPROF_H

#include "base/buffer.h"
#include "view/pictured.h"

struct pprof;

/* -ENOMEM, as the others. `max_bytes`: of memory; 0: the default. pprof_free takes NULL. */
int pprof_new(size_t max_bytes, struct pprof **ret_pprof);
void pprof_free(struct pprof *pprof);
DEFINE_CLEANUP(struct pprof *, pprof_free)

int pprof_add_stall(struct pprof *pprof, const struct loop_entry *entry);

/*
 * Appends the profile, compressed: of so much time from the host's beginning on. *ret_left_out:
 * stacks.
 */
int pprof_finish(struct pprof *pprof, const struct pictured_host *host, __u64 duration_ns,
		 struct buffer *out, __u64 *ret_left_out);

#endif
