/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A thread's number here, and in its own pid namespace, where it may have another. */
#ifndef LOOPSCOPE_THREAD_NUMBERS_H
#define LOOPSCOPE_THREAD_NUMBERS_H

#include "symbols/process/process.h"

/* What gettid() is to the thread itself; 0: not known. */
uint64_t thread_native_id(const struct process *process, pid_t tid);

/* The process's thread to which gettid() is that; 0: it has none, of the first some thousand. */
pid_t thread_of_native_id(const struct process *process, uint64_t native_id);

#endif
