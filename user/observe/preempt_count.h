/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where x86 keeps a CPU's preempt count, which tells whether an interrupt is being served. */
#ifndef LOOPSCOPE_PREEMPT_COUNT_H
#define LOOPSCOPE_PREEMPT_COUNT_H

#include <bpf/btf.h>
#include <stdint.h>

/* Bytes from the CPU's run queue to it, both per-CPU data; 0: not told by this kernel's BTF. */
int64_t preempt_count_at(const struct btf *btf);

#endif
