/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a tick tells. */
#ifndef LOOPSCOPE_TESTS_PYTHON_TICK_H
#define LOOPSCOPE_TESTS_PYTHON_TICK_H

#include "python_frames.h"

struct python_tick {
	__u64 took_ns;
	__s32 nr;
	__u32 reserved;
	struct python_frame frames[PYTHON_MAX_FRAMES];
};

#endif
