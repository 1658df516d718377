/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Records of stalls: see record.h. A stall is the busy interval of the loop `id` that began at
 * `start_ns`, once it lasts for the threshold. Of one stall come, in this order and each if a
 * ceiling or a full ring did not hold it back: begun, then stacks and, at growing ages, lasts, then
 * ended. One too short for anyone to have looked is only ended.
 *
 * A thread not seen to wait since attach is no loop yet. Of one that user space names (see
 * observer_watch_unseen) come stacks alone, whose start_ns is 0.
 */
#ifndef LOOPSCOPE_STALL_H
#define LOOPSCOPE_STALL_H

#include "record.h"

#define STALL_LASTS_MAX_NS 60000000000ULL /* that it lasts is told again at least so often */
#define STALL_NR_SYSCALLS 8 /* distinct blocking calls kept of a stall; the last is "other" */

/* stall_record.flags */
#define STALL_STACK_FOLLOWS 1 /* with begun: its first stack comes next, unless the ring is full */
#define STALL_WOKEN 2         /* `waker` is known */
#define STALL_THREAD_EXITS 4  /* with ended: that is its end */

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"

/* The thread that ended a sleep: of all that a stall slept, the longest that a thread ended. */
struct stall_waker {
	__u32 pid; /* as in loop_id */
	__u32 tid;
	char thread[RECORD_COMM_LEN]; /* hostile, not always terminated */
	char process[RECORD_COMM_LEN];
};
_Static_assert(sizeof(struct stall_waker) == 40, "wire format");

/* RECORD_STALL_BEGUN, RECORD_STALL_LASTS, RECORD_STALL_ENDED */
struct stall_record {
	struct record_header header; /* ENDED: its end */
	struct loop_id id;
	__u64 process_start_ns; /* as in loop_window, as those below */
	__u64 cgroup_id;
	char thread[RECORD_COMM_LEN];
	char process[RECORD_COMM_LEN];
	__u64 start_ns;
	__u64 blocking_ns;         /* the threshold */
	__u64 cause_ns[NR_CAUSES]; /* their sum = header.time_ns - start_ns */
	__u8 family;
	__u8 cause; /* what it does now; ENDED: what most of it went on */
	__u8 flags;
	__u8 nr_syscalls;
	__s32 syscall_nr; /* that it sleeps in now; else -1 */
	struct stall_waker waker;
	__u32 nr_stacks; /* of this stall, sent so far or next */
	__u32 reserved;
	__u64 stalls_held; /* of this loop since first seen: stalls that ceilings held back, */
	__u64 stacks_held; /* and stacks */
	struct window_syscall syscalls[STALL_NR_SYSCALLS];
};
_Static_assert(sizeof(struct stall_record) == 360, "wire format");

/* Registers by DWARF number, the stack pointer among them, then the instruction's address. */
#if defined(__TARGET_ARCH_arm64) || defined(__aarch64__)
#define STACK_NR_REGISTERS 33
#define STACK_REGISTER_ARGUMENT 0 /* the first of a system call */
#define STACK_REGISTER_FP 29
#define STACK_REGISTER_SP 31
#define STACK_REGISTER_PC 32
#define STACK_RED_ZONE 0
#else
#define STACK_NR_REGISTERS 17
#define STACK_REGISTER_ARGUMENT 5
#define STACK_REGISTER_FP 6
#define STACK_REGISTER_SP 7
#define STACK_REGISTER_PC 16
#define STACK_RED_ZONE 128 /* bytes below the stack pointer that are in use too */
#endif
#define STACK_MAX_REGISTERS 34

#define STACK_MAX_MEMORY 32768 /* bytes of user stack copied with a stack taken on CPU */

/* stack_record.flags */
#define STACK_OFF_CPU 1 /* it does not run: no memory is copied; capture.h says when it is read */
#define STACK_CUT 2     /* the copy ends early: what follows was not resident */

/* RECORD_STACK: user space resolves it (symbols.h); it holds a program's memory and is not kept. */
struct stack_record {
	struct record_header header;
	struct loop_id id;
	__u64 process_start_ns;
	__u64 start_ns; /* of the stall; 0: of a thread not seen to wait */
	__u64 switches; /* of the thread, voluntary or not, ever */
	__u8 cause;     /* what it does */
	__u8 flags;
	__u16 nr_registers;
	__s32 syscall_nr; /* that it sleeps in; else -1 */
	__u64 registers[STACK_MAX_REGISTERS];
	__u64 thread_pointer; /* fs base, tpidr_el0: pthread_self() */
	__u32 memory_size;    /* of the bytes from STACK_MEMORY on, which follow this: 8 * n */
	__u32 nr_python;      /* struct python_frame, which follow those, the innermost first */
};
_Static_assert(sizeof(struct stack_record) == 360, "wire format");

/* The address of the first byte of a stack that is copied. */
#define STACK_MEMORY(record) ((record)->registers[STACK_REGISTER_SP] - STACK_RED_ZONE)

#pragma GCC diagnostic pop

#endif
