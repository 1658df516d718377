/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names of frames from ELF files: symbols, DWARF, and separate debug files. */
#ifndef LOOPSCOPE_NATIVE_NAMES_H
#define LOOPSCOPE_NATIVE_NAMES_H

#include "symbols/native/frames.h"
#include "symbols/process/process.h"

/*
 * Gives frames their module, offset, function, file, line, language and FRAME_RUNTIME. Inlined
 * frames are put in before the one they are inlined into, and share its address. Addresses in no
 * file stay without a module: v8_names.h and perf_map.h look at those. -ENOMEM.
 */
int native_names(struct process *process, struct frames *frames);

#endif
