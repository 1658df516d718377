/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The record stream that joins kernel and user space.
 *
 * Every record starts with a record_header; `size` counts the whole record in
 * bytes. Kinds are append-only; a reader skips, and counts, kinds it does not
 * know. Times are nanoseconds of CLOCK_MONOTONIC, except start_ns.
 *
 * A window record is cumulative: it holds the loop's totals since it was first
 * seen, up to header.time_ns, the open span included. A lost one therefore
 * loses nothing but the maxima of its window.
 */
#ifndef LOOPSCOPE_RECORD_H
#define LOOPSCOPE_RECORD_H

#include "types.h"
#include "histogram.h"

#define RECORD_COMM_LEN 16
#define RECORD_NR_SYSCALLS 32 /* distinct blocking syscalls kept for a loop; the last is "other" */
#define RECORD_SYSCALL_OTHER (-1)

enum record_kind {
	RECORD_LOOP_WINDOW = 1, /* struct loop_window, then its syscalls, then its buckets */
	/* The same, for the last time: its thread exited, became another program, waits in calls
	 * of another family, or has stopped being a loop. */
	RECORD_LOOP_GONE = 2,
	RECORD_LOOP_PLACE =
		3, /* struct loop_place: before a new loop's first window, if asked for */
	/* See stall.h. */
	RECORD_STALL_BEGUN = 4,
	RECORD_STALL_LASTS = 5,
	RECORD_STALL_ENDED = 6,
	RECORD_STACK = 7,
};

/* The calls by which a thread waits for events. */
enum wait_family {
	WAIT_NONE = 0,
	WAIT_EPOLL = 1,    /* epoll_wait, epoll_pwait, epoll_pwait2 */
	WAIT_POLL = 2,     /* poll, ppoll */
	WAIT_SELECT = 3,   /* select, pselect6 */
	WAIT_IO_URING = 4, /* io_uring_enter that waits for completions */
	WAIT_AIO = 5,      /* io_getevents, io_pgetevents */
	NR_WAIT_FAMILIES,
};

/* Where the time of a busy interval goes. */
enum cause {
	CAUSE_CPU = 0,    /* running, minor faults, interrupts and steal included */
	CAUSE_RUNQUEUE,   /* runnable, not running */
	CAUSE_CPU_QUOTA,  /* runnable, its cgroup throttled */
	CAUSE_SYSCALL,    /* asleep in a system call other than futex */
	CAUSE_PAGE_FAULT, /* asleep in a page fault taken in user mode */
	CAUSE_LOCK,       /* asleep in futex */
	CAUSE_OTHER,      /* stopped, traced, frozen */
	NR_CAUSES,
};

enum loop_state {
	LOOP_POLL = 1, /* in its wait call */
	LOOP_BUSY = 2, /* between two wait calls */
};

enum loop_histogram {
	HISTOGRAM_BUSY = 0, /* ended busy intervals, ms */
	HISTOGRAM_POLL,     /* ended poll intervals, ms */
	HISTOGRAM_WAKE,     /* wake delays, ms: one for each wait call that slept */
	HISTOGRAM_EVENTS,   /* events an iteration; sums count events */
	NR_LOOP_HISTOGRAMS,
};

/* loop_window.flags */
#define WINDOW_BUCKETS_UNCHANGED \
	1              /* no histogram or syscall changed since the last record: left out */
#define WINDOW_PARKS 2 /* shares its reactor: the futex that it parks on when idle counts as poll */

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"

struct record_header {
	__u16 kind;
	__u16 reserved; /* 0 */
	__u32 size;
	__u64 time_ns;
};
_Static_assert(sizeof(struct record_header) == 16, "wire format");

/*
 * Two loops are the same iff all of this is: tids are used again, and outlive an exec, a change
 * of the wait family, and loops that end.
 */
struct loop_id {
	__u32 pid;      /* thread group and thread, in the observer's pid namespace */
	__u32 tid;      /* (the initial one's where the task is not visible there) */
	__u64 start_ns; /* the thread's start, CLOCK_BOOTTIME */
	__u32 exec_id;
	__u32 changes; /* how many loops of the thread, and program, there were before */
};
_Static_assert(sizeof(struct loop_id) == 24, "wire format");

struct loop_window {
	struct record_header header;
	struct loop_id id;
	__u64 process_start_ns;        /* the leader's start, CLOCK_BOOTTIME */
	__u64 cgroup_id;               /* of the unified hierarchy */
	char thread[RECORD_COMM_LEN];  /* the thread's comm and its leader's; hostile, not */
	char process[RECORD_COMM_LEN]; /* always terminated */
	__u8 family;                   /* enum wait_family */
	__u8 state;                    /* enum loop_state at header.time_ns */
	__u8 cause;                    /* enum cause: what the open busy interval does now */
	__u8 flags;
	__s32 syscall_nr; /* that it sleeps in, or was woken from but does not run yet; else -1 */
	__u64 first_seen_ns;
	__u64 interval_start_ns; /* of the open poll or busy interval */
	__u64 poll_ns;
	__u64 cause_ns[NR_CAUSES]; /* poll_ns + all causes = header.time_ns - first_seen_ns */
	__u64 iterations;
	__u64 events;            /* sum of positive returns */
	__u64 stalls[NR_CAUSES]; /* ended busy intervals of at least the threshold, by what most
				  * of each went on */
	__u64 blocking_ns;       /* that threshold */
	__u64 busy_square_sum;   /* of ended busy intervals, each in units of 1024 ns */
	__u64 wake_runqueue_ns;  /* wake delays in all, by what they waited for */
	__u64 wake_quota_ns;
	__u64 busy_max_ns; /* of the intervals that ended since the previous record */
	__u64 poll_max_ns;
	__u64 wake_max_ns;
	__u32 nr_syscalls; /* struct window_syscall follow */
	__u32 nr_buckets;  /* struct window_bucket follow them: those not empty, in order */
};
_Static_assert(sizeof(struct loop_window) == 312, "wire format");

/* Time asleep in one system call during busy intervals. */
struct window_syscall {
	__s32 nr;    /* RECORD_SYSCALL_OTHER: all that found no place */
	__u32 count; /* sleeps, not calls */
	__u64 time_ns;
};
_Static_assert(sizeof(struct window_syscall) == 16, "wire format");

struct window_bucket {
	__u16 histogram; /* enum loop_histogram */
	__u16 index;     /* below HISTOGRAM_NR_BUCKETS */
	__u32 reserved;  /* 0 */
	__u64 count;
	__u64 sum; /* ns; events in HISTOGRAM_EVENTS */
};
_Static_assert(sizeof(struct window_bucket) == 24, "wire format");

/*
 * Where a loop is, told by the kernel since its process may be gone when the record is read.
 * `names` holds the names of its cgroup and of those above it, the innermost first, the root left
 * out, each terminated: first of the unified hierarchy, then of a v1 controller's. Names that found
 * no room are left out: the outermost ones. None is where there are fewer than PLACE_MAX_DEPTH in
 * at most PLACE_WHOLE_SIZE bytes.
 */
#define PLACE_MAX_NAMES_SIZE 1536
#define PLACE_MAX_NAMES_OF_ONE (PLACE_MAX_NAMES_SIZE / 2)
#define PLACE_MAX_NAME 256 /* NAME_MAX and its end */
#define PLACE_MAX_DEPTH 24
#define PLACE_WHOLE_SIZE (PLACE_MAX_NAMES_OF_ONE - PLACE_MAX_NAME)

struct loop_place {
	struct record_header header;
	struct loop_id id;
	__u64 cgroup_id;    /* as in the loop's windows */
	__u32 own_pid;      /* of the process, in the pid namespace that it is in itself */
	__u16 unified_size; /* bytes of names */
	__u16 v1_size;      /* which follow; 0: no such hierarchy, or none was asked for */
	char names[];       /* hostile */
};
_Static_assert(sizeof(struct loop_place) == 56, "wire format");

#define PLACE_MAX_SIZE (sizeof(struct loop_place) + PLACE_MAX_NAMES_SIZE)

#pragma GCC diagnostic pop

#define WINDOW_MAX_BUCKETS (NR_LOOP_HISTOGRAMS * HISTOGRAM_NR_BUCKETS)
#define WINDOW_MAX_SIZE                                                                    \
	(sizeof(struct loop_window) + RECORD_NR_SYSCALLS * sizeof(struct window_syscall) + \
	 WINDOW_MAX_BUCKETS * sizeof(struct window_bucket))

#endif
