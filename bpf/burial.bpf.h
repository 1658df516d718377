/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The end of a loop: its last window is sent, once, and it is on the roster no more. */
#ifndef LOOPSCOPE_BURIAL_BPF_H
#define LOOPSCOPE_BURIAL_BPF_H

#include "emit.bpf.h"
#include "wait_source.h"

/* Whether anybody is to hear of it: what was told of once is, whatever became of the evidence. */
static __always_inline bool loop_is_shown(const struct loop *loop, __u64 now)
{
	return !loop->needs_evidence || loop->sent_epoch || loop_has_evidence(loop, now);
}

/* at: when it ended; what was open until then has been ended already. */
static __always_inline void loop_bury(struct loop *loop, __u64 at)
{
	__u32 tid = loop->kernel_tid;

	if (loop->state) {
		window_asked_take(loop);
		if (loop_is_shown(loop, at) &&
		    __sync_lock_test_and_set(&loop->over, OVER_TOLD) != OVER_TOLD)
			window_send_own(loop, at, RECORD_LOOP_GONE);
	}
	loop->state = 0;
	bpf_map_delete_elem(&roster, &tid);
}

#endif
