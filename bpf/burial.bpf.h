/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The end of a loop: its last window is sent, and it is on the roster no more. */
#ifndef LOOPSCOPE_BURIAL_BPF_H
#define LOOPSCOPE_BURIAL_BPF_H

#include "emit.bpf.h"
#include "wait_source.h"

/* at: when it ended; what was open until then has been ended already. */
static __always_inline void loop_bury(struct loop *loop, __u64 at)
{
	__u32 tid = loop->kernel_tid;

	if (loop->state && loop->over != OVER_TOLD) {
		window_asked_take(loop);
		if (!loop->needs_evidence || loop_has_evidence(loop, at))
			window_send_own(loop, at, RECORD_LOOP_GONE);
	}
	loop->state = 0;
	bpf_map_delete_elem(&roster, &tid);
}

#endif
