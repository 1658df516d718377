/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Items: what passes through a session of watching, in order. All that a report is made of comes
 * as items, live or from a file, so that both give the same. Kinds are append-only; a reader
 * skips, and counts, kinds that it does not know.
 *
 * Decoders take nothing on trust: an item may come from a file.
 */
#ifndef LOOPSCOPE_RECORDING_ITEM_H
#define LOOPSCOPE_RECORDING_ITEM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "model/report.h"
#include "view/snapshot.h"

enum item_kind {
	ITEM_RECORD = 1,  /* a record of the kernel (record.h), as it came; no RECORD_STACK */
	ITEM_PROCESS = 2, /* struct process_facts: in place of what was known of the process */
	ITEM_UNSEEN = 3,  /* struct item_unseen, as many as there are: in place of earlier ones */
	ITEM_WALK = 4,    /* struct item_mark: every loop has been brought up to this moment */
	ITEM_WINDOW = 5,  /* struct item_mark: a window was opened */
	ITEM_SUMMARY = 6, /* struct summary: in place of an earlier one */
	ITEM_END = 7,     /* struct item_mark: whoever recorded has ended it; nothing follows */
	ITEM_STACK = 8,   /* a stack of a stall, with its names: see model/stack.h */
};

#define ITEM_MAX_SIZE 65536
#define ITEM_MAX_UNSEEN (ITEM_MAX_SIZE / sizeof(struct item_unseen))
#define ITEM_HOOK_LEN 32

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"

/* One instant by three clocks: of two marks each tells whether time was set, or stood still. */
struct item_mark {
	__u64 monotonic_ns; /* as records have it */
	__u64 boottime_ns;
	__u64 unix_ns;
};
_Static_assert(sizeof(struct item_mark) == 24, "file format");

/* A thread that owns an eventpoll and has not been seen to wait. */
struct item_unseen {
	struct loop_id id;
	__u64 process_start_ns;
	__u64 busy_ns; /* the least it can be */
	char thread[RECORD_COMM_LEN];
	char process[RECORD_COMM_LEN];
	__s32 syscall_nr; /* -1: in none */
	__u8 cause;       /* enum cause */
	__u8 family;      /* enum wait_family */
	__u16 reserved;
};
_Static_assert(sizeof(struct item_unseen) == 80, "file format");

#pragma GCC diagnostic pop

/* Which process: pids are used again. As identity_of has it. */
struct process_key {
	__u64 start_ns; /* of the leader; 0: not known */
	__u64 exec_id;
	__u64 pid;
};

/* What is known of a process beside its records. Texts are "" where it is not. */
struct process_facts {
	struct process_key key;
	bool hidden;       /* not one of those that were asked for */
	bool in_container; /* `container` says in which */
	char runtime[32];  /* printable */
	char runtime_version[32];
	char loop_library[32]; /* what its loops are made of */
	char loop_library_version[32];
	char executable[256]; /* hostile, as are those below */
	char cgroup[512];
	struct entry_container container;
};

/* Each appends the item's bytes; an error stays in the buffer. */
void item_put_mark(struct buffer *buffer, const struct item_mark *mark);
void item_put_process(struct buffer *buffer, const struct process_facts *facts);
void item_put_unseen(struct buffer *buffer, const struct loop_report *report);
void item_put_summary(struct buffer *buffer, const struct summary *summary);

/* -EBADMSG: the bytes are no such item. */
int item_get_mark(const void *data, size_t size, struct item_mark *ret_mark);
int item_get_process(const void *data, size_t size, struct process_facts *ret_facts);

/* Texts of hooks are kept in `hooks`, which the summary points into. */
struct item_hooks {
	char texts[SUMMARY_MAX_HOOKS][2][ITEM_HOOK_LEN];
};
int item_get_summary(const void *data, size_t size, struct summary *ret_summary,
		     struct item_hooks *ret_hooks);

/* Checks all threads; *ret_threads is for free(), NULL where there are none. */
int item_get_unseen(const void *data, size_t size, struct item_unseen **ret_threads,
		    size_t *ret_nr);

/* A report without figures. */
void item_unseen_report(const struct item_unseen *thread, struct loop_report *ret_report);

#endif
