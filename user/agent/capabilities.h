/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the agent may still do once it is attached: watch, and no more. */
#ifndef LOOPSCOPE_CAPABILITIES_H
#define LOOPSCOPE_CAPABILITIES_H

/*
 * Gives up, for good, every capability but CAP_BPF and CAP_PERFMON (maps, iterators, perf
 * events), CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH (/proc of other users' processes). Of these
 * the process keeps what it has; CAP_SYS_ADMIN too where that stands for a missing one of the
 * first two. It gains nothing by exec from then on.
 *
 * Of the calling thread and those it starts later: call it before there are others.
 * Negative errno: some are left.
 */
int capabilities_drop(void);

#endif
