/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a thread sleeps for is at the address that it gave to futex. All of it is read twice, since
 * a lock may change hands and a thread may end meanwhile.
 */
#include "symbols/lock_holder.h"

#include <errno.h>
#include <linux/futex.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include "identity/proc.h"
#include "symbols/thread_numbers.h"

/* Of the system call, by their DWARF numbers. */
#if defined(__aarch64__)
enum { FUTEX_OPERATION = 1, FUTEX_VALUE = 2 };
#else
enum { FUTEX_OPERATION = 4, FUTEX_VALUE = 1 };
#endif

#define MUTEX_CONTENDED 2 /* its lock while threads wait for it: no more than that they wait */
#define MUTEX_RECURSIVE 1
#define MUTEX_KINDS 3       /* normal to adaptive: neither robust, nor shared between processes */
#define MUTEX_ELISION 0x300 /* may be with any of them */

/* pthread_mutex_t of glibc, as its debuggers know it. */
struct mutex {
	uint32_t lock;
	uint32_t count;
	uint32_t owner;
	uint32_t users;
	uint32_t kind;
};

/* Others call futex otherwise: only glibc's mutex, and what it is made of, wait so. */
static bool is_mutex_wait(const struct stack_record *record)
{
	return (uint32_t)record->registers[FUTEX_OPERATION] == FUTEX_WAIT_PRIVATE &&
	       (uint32_t)record->registers[FUTEX_VALUE] == MUTEX_CONTENDED;
}

static uint64_t mutex_holder(const struct process *process, uint64_t address)
{
	struct mutex mutex;
	uint32_t kind;

	if (process_read(process, address, &mutex, sizeof(mutex)))
		return 0;
	kind = mutex.kind & ~MUTEX_ELISION;
	if (mutex.lock != MUTEX_CONTENDED || !mutex.users || kind > MUTEX_KINDS ||
	    !mutex.count != (kind != MUTEX_RECURSIVE))
		return 0;
	return mutex.owner;
}

static uint64_t find_holder(struct process *process, const struct stack_record *record)
{
	uint64_t address = record->registers[STACK_REGISTER_ARGUMENT];

	if (is_mutex_wait(record))
		return mutex_holder(process, address);
	return python_gil_holder(process, address);
}

static int read_name(const struct process *process, struct stack_holder *holder)
{
	char path[64],
		name[RECORD_COMM_LEN + 1] = {}; /* as long as there are, and the end of the line */
	ssize_t n;

	snprintf(path, sizeof(path), "task/%u/comm", holder->tid);
	n = proc_read(process->proc_fd, path, name, sizeof(name));
	if (n <= 0)
		return -ESRCH;
	name[n - 1] = '\0';
	memcpy(holder->thread, name, sizeof(holder->thread));
	return 0;
}

void lock_holder_read(struct process *process, const struct stack_record *record,
		      struct stack_holder *ret_holder)
{
	struct stack_holder holder = {};
	uint64_t native_id;

	*ret_holder = holder;
	if (record->cause != CAUSE_LOCK || record->syscall_nr != SYS_futex)
		return;
	native_id = find_holder(process, record);
	if (!native_id)
		return;
	holder.tid = (uint32_t)thread_of_native_id(process, native_id);
	if (!holder.tid || holder.tid == record->id.tid || read_name(process, &holder) ||
	    find_holder(process, record) != native_id)
		return;
	*ret_holder = holder;
}
