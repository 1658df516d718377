/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names of JavaScript frames, read from the memory of an unmodified node. */
#ifndef LOOPSCOPE_V8_NAMES_H
#define LOOPSCOPE_V8_NAMES_H

#include "symbols/native/frames.h"
#include "symbols/process/process.h"
#include "symbols/native/stack_sample.h"

/* Names frames that have none and no module, by what their `fp` points to. -ENOMEM. */
int v8_names(struct process *process, const struct stack_sample *sample, struct frames *frames);

void v8_process_free(struct v8_process *v8);

#endif
