/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A process whose stacks get names, and what each part knows of it. The parts' structs are made by
 * the parts when first needed, so they may be NULL, and are freed by process_free through each
 * part's own function, which takes NULL. All that is read of a process is hostile.
 */
#ifndef LOOPSCOPE_SYMBOLS_PROCESS_H
#define LOOPSCOPE_SYMBOLS_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/cleanup.h"

struct address_space;  /* address_space.h: its mappings and the ELF files in them */
struct python_process; /* python_merge.h: its interpreter */
struct perf_map;       /* perf_map.h: names that a compiler at run time has written */
struct v8_process;     /* v8_names.h: a node */

struct process {
	pid_t pid;
	uint64_t start_ns; /* of its leader, CLOCK_BOOTTIME, as records have it */
	/* of the program that it runs: after an exec it is another `struct process` */
	uint64_t image;
	/* /proc/PID as a directory, for openat: -ESRCH once it is gone, even if its pid is used
	 * again */
	int proc_fd;
	struct address_space *space;
	struct python_process *python;
	struct perf_map *perf_map;
	struct v8_process *v8;
};

/* -ESRCH: there is none that began at `start_ns`; -errno: it cannot be looked into. */
int process_new(pid_t pid, uint64_t start_ns, struct process **ret_process);
void process_free(struct process *process);
DEFINE_CLEANUP(struct process *, process_free)

/* It is there still, and runs the same program. */
bool process_is_current(const struct process *process);

/*
 * `size` bytes of its memory as they are now, which may change while they are read; -EFAULT: not
 * all of them are mapped. For heaps and code: stacks come from stack_sample.h.
 */
int process_read(const struct process *process, uint64_t address, void *to, size_t size);

/* As much of it as there is from `address` on: how many bytes, 0 included; -errno. */
ssize_t process_read_some(const struct process *process, uint64_t address, void *to, size_t size);

/*
 * A text that ends with NUL, at most `size` bytes with it, cut if it is longer. Its length, or
 * -EFAULT.
 */
ssize_t process_read_text(const struct process *process, uint64_t address, char *to, size_t size);

#endif
