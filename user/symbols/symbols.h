/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The room's door: stacks with addresses go in, stacks with names come out. Files and memory of
 * other processes are read by a program of its own, loopscope-symbols, that may crash over them,
 * run out of its memory or take too long without harm: it is begun anew, and the stack has
 * addresses alone. All that is submitted comes out in the order in which it went in.
 *
 * One thread; nothing here waits but symbols_start.
 */
#ifndef LOOPSCOPE_SYMBOLS_H
#define LOOPSCOPE_SYMBOLS_H

#include <stdbool.h>
#include <sys/types.h>

#include "python_frames.h"
#include "model/stack.h"

#define SYMBOLS_ERROR_LEN 512

struct symbols;

struct symbols_options {
	size_t memory_bytes;      /* that its process may have; 0: the default */
	unsigned int timeout_ms;  /* for one stack; 0: the default */
	unsigned int max_waiting; /* stacks submitted and not out yet; 0: the default */
};

struct symbols_stats {
	uint64_t stacks;    /* resolved */
	uint64_t missing;   /* of those, without any frame: the process or the sleep was over */
	uint64_t cut;       /* of those, cut short */
	uint64_t held_back; /* not given names: too many waited, or the program ended over them */
	uint64_t restarts;  /* of the program: crashed, too slow, out of memory */
	uint64_t cpu_ns;    /* that the program has used, all restarts together */
	uint64_t memory_bytes; /* resident, now */
	uint64_t processes;    /* whose symbols it holds now */
	uint64_t evictions;    /* of such processes, for want of room */
};

/* Each may be NULL. Data are valid during the call; a negative return ends symbols_read. */
struct symbols_listener {
	int (*record)(const void *record, size_t size, void *context); /* begun, lasts, ended */
	int (*stack)(const void *data, size_t size, void *context);    /* bytes of a stack */
	/* What symbols_submit_process was asked for: to be handed to the kernel side. */
	int (*python)(pid_t pid, const struct python_runtime *runtime, void *context);
	void *context;
};

/* Negative errno; `error` (SYMBOLS_ERROR_LEN) then says why: the program is not there. */
int symbols_start(const struct symbols_options *options, struct symbols **ret_symbols, char *error);
void symbols_free(struct symbols *symbols);
DEFINE_CLEANUP(struct symbols *, symbols_free)

/*
 * A process that runs a loop: its interpreter is looked for before it stalls. Each program that it
 * runs is submitted anew.
 */
int symbols_submit_process(struct symbols *symbols, pid_t pid, uint64_t process_start_ns);

/*
 * A record of stall.h, checked in full: -EBADMSG. -ENOMEM, also if nobody reads: it is lost, and
 * counted if it is a stack.
 */
int symbols_submit(struct symbols *symbols, const void *record, size_t size);

typedef void (*symbols_take_fn)(const void *record, size_t size, void *context);

/*
 * Any record, on its way to `take`: those of stalls and stacks are submitted, others are taken at
 * once. So is a stall that could not be submitted, as one that no stack follows; a stack without
 * symbols (NULL) is dropped.
 */
void symbols_pass(struct symbols *symbols, const void *record, size_t size, symbols_take_fn take,
		  void *context);

/* Readable when there is something to read, or the program takes too long; always the same. */
int symbols_fd(const struct symbols *symbols);

int symbols_read(struct symbols *symbols, const struct symbols_listener *listener);

bool symbols_idle(const struct symbols *symbols); /* nothing waits to come out */
void symbols_stats(struct symbols *symbols, struct symbols_stats *ret_stats);

#endif
