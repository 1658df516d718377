/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Records of stall.h, checked in full before anything of them is used. */
#ifndef LOOPSCOPE_RECORD_CHECK_H
#define LOOPSCOPE_RECORD_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "python_frames.h"
#include "stall.h"

#define STACK_RECORD_MAX_SIZE                             \
	(sizeof(struct stack_record) + STACK_MAX_MEMORY + \
	 PYTHON_MAX_FRAMES * sizeof(struct python_frame))

/* `record` need not be aligned. */
bool record_check_stall(const void *record, size_t size); /* begun, lasts, ended */
bool record_check_stack(const void *record, size_t size);

#endif
