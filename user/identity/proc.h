/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Bounded reads of /proc. All of it is hostile: names hold any byte, files are
 * of any length, and the process may be gone between two reads. Paths are
 * relative to a directory opened once, so that one process is read throughout
 * even if its pid is used again meanwhile (-ESRCH then).
 */
#ifndef LOOPSCOPE_PROC_H
#define LOOPSCOPE_PROC_H

#include <linux/types.h>
#include <stddef.h>
#include <sys/types.h>

#define PROC_COMM_LEN 16

/* task flags, of <linux/sched.h>: not in the uapi, but shown in stat and never changed */
#define PROC_FLAG_EXITING 0x00000004
#define PROC_FLAG_IO_WORKER 0x00000010
#define PROC_FLAG_KTHREAD 0x00200000

struct proc_stat {
	char comm[PROC_COMM_LEN];
	char state; /* 'R', 'S', ... */
	unsigned int flags;
	unsigned int nr_threads;
	pid_t parent;
	__u64 start_ticks;
	__u64 start_code, start_stack; /* other ones after an exec */
};

/* To the tick, which is coarser. */
__u64 proc_ticks_of_ns(__u64 time_ns);
__u64 proc_ns_of_ticks(__u64 ticks);

/* A descriptor of /proc/PID, or -errno. A pid that is a thread's has one too. */
int proc_open(pid_t pid);

/* The bytes read, at most size - 1; always terminated. Or -errno. */
ssize_t proc_read(int directory, const char *path, char *buffer, size_t size);

/* The link's target, terminated. -ENAMETOOLONG if it does not fit. */
ssize_t proc_read_link(int directory, const char *path, char *buffer, size_t size);

/* Takes off what the kernel adds to the path of a file that has been replaced: " (deleted)". */
void proc_strip_deleted(char *path);

/* A text of /proc/PID/stat. -EBADMSG if it is not one. */
int proc_stat_parse(const char *text, struct proc_stat *ret_stat);
int proc_stat_read(int directory, const char *path, struct proc_stat *ret_stat);

/* What all threads of a process have used, and what it has in memory. 0: it is gone. */
__u64 proc_cpu_ns(pid_t pid);
__u64 proc_resident_bytes(pid_t pid);

/* What a text of /proc/PID/task/TID/syscall says. */
struct proc_syscall {
	int nr; /* the call that the thread is in; -1: none, or it is running */
	_Bool running;
	__u64 args[4];
	__u64 sp, pc; /* from where it made the call; 0: it is in none */
};

int proc_syscall_parse(const char *text, struct proc_syscall *ret_syscall);
int proc_syscall_read(int directory, const char *path, struct proc_syscall *ret_syscall);

#endif
