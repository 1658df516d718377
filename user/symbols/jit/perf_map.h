/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names that Node or Java have written to perf-PID.map, as perf reads them. */
#ifndef LOOPSCOPE_PERF_MAP_H
#define LOOPSCOPE_PERF_MAP_H

#include "symbols/native/frames.h"
#include "symbols/process/process.h"

/*
 * Names frames that have none and no module. STACK_IS_PARTIAL: one has none still, and of the map
 * only the end was read. -ENOMEM.
 */
int perf_map_names(struct process *process, struct frames *frames);

/* How much of the map was left out, for its size: bytes, and lines beside them. */
uint64_t perf_map_left_out(const struct perf_map *map);

void perf_map_free(struct perf_map *map);

#endif
