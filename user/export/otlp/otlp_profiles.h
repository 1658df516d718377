/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * OTLP's profiles (v1development): the stacks of a stall as a request of their own, of one profile.
 * A sample's value is the time that its stack stands for, in ns. Pure.
 */
#ifndef LOOPSCOPE_OTLP_PROFILES_H
#define LOOPSCOPE_OTLP_PROFILES_H

#include "base/buffer.h"
#include "identity/attributes.h"
#include "model/stalls.h"

/*
 * Appends an ExportProfilesServiceRequest. unix_offset_ns: from CLOCK_MONOTONIC to the time since
 * the epoch. -ENODATA: the stall has no stack with frames; -ENOMEM.
 */
int otlp_encode_profile(const struct stall *stall, const struct attributes *resource,
			__u64 unix_offset_ns, struct buffer *request);

#endif
