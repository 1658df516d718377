/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Of a stall on a timeline: what its slices are called, and their arguments. NULL: no memory. */
#ifndef LOOPSCOPE_TIMELINE_STALL_H
#define LOOPSCOPE_TIMELINE_STALL_H

#include <jansson.h>

#include "view/pictured.h"

json_t *timeline_stall_name(const struct stall *stall);
json_t *timeline_stall_arguments(const struct loop_entry *entry);
json_t *timeline_stack_name(const struct stack *stack);
json_t *timeline_stack_arguments(const struct stall *stall, const struct stack *stack);
json_t *timeline_begun_arguments(const struct stall *stall);
json_t *timeline_woken_arguments(const struct stall *stall);

#endif
