/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a profile's messages are made of while they gather: each table a pool, a message's number
 * its index and one.
 */
#ifndef LOOPSCOPE_PPROF_TABLES_H
#define LOOPSCOPE_PPROF_TABLES_H

#include "base/byte_pool.h"
#include "model/stack.h"
#include "view/pictured.h"

#define PPROF_NR_LABELS 5
#define PPROF_NR_VALUES 2

/* Numbers of strings, 0 being the empty one, and of messages, 0 being none. */
struct pprof_function {
	__u64 name, filename;
};

struct pprof_line {
	__u64 function, line;
};

struct pprof_location {
	__u64 mapping, address;
	struct pprof_line lines[]; /* as many as fit in its bytes */
};

struct pprof_sample {
	__u64 labels[PPROF_NR_LABELS]; /* of their values; 0: it has none */
	__u64 locations[];
};

struct pprof_tables {
	struct byte_pool *strings;
	struct byte_pool *mappings; /* __u64: the number of the file's name */
	struct byte_pool *functions;
	struct byte_pool *locations;
	struct byte_pool *samples;
};

/* -ENOMEM. */
int pprof_tables_new(struct pprof_tables *tables, size_t max_bytes);
void pprof_tables_done(struct pprof_tables *tables);

/* -ENOSPC: there is no room for another; -ENOMEM. */
int pprof_tables_string(struct pprof_tables *tables, const char *text, __u64 *ret_string);

/* The location of a frame; inlined ones before it are of the same. *ret_nr: frames taken. */
int pprof_tables_location(struct pprof_tables *tables, const struct stack_frame *frames, size_t nr,
			  __u64 *ret_location, size_t *ret_nr);

/* One that stands for a stack that is not there. */
int pprof_tables_note(struct pprof_tables *tables, const char *note, __u64 *ret_location);

#endif
