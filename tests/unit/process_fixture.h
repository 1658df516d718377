/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Children to be looked at, and memory that is the test's and each child's, who begin as copies. */
#ifndef LOOPSCOPE_PROCESS_FIXTURE_H
#define LOOPSCOPE_PROCESS_FIXTURE_H

#include "symbols/process/process.h"
#include "symbols/process/thread_switches.h"
#include "unseen_fixture.h"

#define NSEC_PER_SEC 1000000000ULL
#define PAGE ((size_t)4096)
#define NR_PAGES ((size_t)7) /* of the memory; behind them is nothing */

extern unsigned char *memory;

/* Of each test that wants it. */
int memory_setup(void **state);
int memory_teardown(void **state);

uint64_t start_ns_of(pid_t pid);
struct process *look_at(const struct child *child);

/* Of its first thread. */
struct thread_switches switches_of(const struct process *process);
struct thread_switches await_sleep(const struct process *process);

/* For start_child. */
void sleep_at_once(int ready);
void run_for_ever(int ready);

#endif
