/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where new loops are, as the kernel has told, until their first windows come, which is at once.
 * Bounded: of too many the oldest are forgotten, and /proc is asked. Pure.
 */
#ifndef LOOPSCOPE_PLACES_H
#define LOOPSCOPE_PLACES_H

#include "identity/identity.h"
#include "model/place.h"

struct places;

int places_new(size_t max_places, struct places **ret_places);
void places_free(struct places *places);

/* For want of memory, or of a path that is whole, it is not noted. */
void places_note(struct places *places, const struct place *place);

/*
 * Puts the loop's cgroup and its process's own pid into the identity. Of two hierarchies the one
 * that tells of a container is taken. False: nothing is known, nothing put.
 */
bool places_find(const struct places *places, const struct loop_id *id,
		 struct process_identity *identity);

/* The loop's first window has come. */
void places_forget(struct places *places, const struct loop_id *id);

#endif
