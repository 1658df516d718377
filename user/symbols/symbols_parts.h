/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the parts of the room's door share. For symbols*.c alone, and their tests. */
#ifndef LOOPSCOPE_SYMBOLS_PARTS_H
#define LOOPSCOPE_SYMBOLS_PARTS_H

#include "symbols/protocol.h"
#include "symbols/symbols.h"
#include "symbols/symbols_program.h"

enum entry_kind {
	ENTRY_RECORD, /* passes, once all before it have */
	ENTRY_STACK,
	ENTRY_PROCESS, /* comes out when it is answered: its place in the order means nothing */
};

enum entry_state {
	ENTRY_DONE,
	ENTRY_WAITS, /* for its turn to be sent */
	ENTRY_SENT,
	ENTRY_LATER, /* a process that was given up: it is asked for again */
	NR_ENTRY_STATES,
};

/* What was submitted and is not out yet. */
struct entry {
	struct entry *prev, *next;             /* as it comes out; not of a process before that */
	struct entry *state_prev, *state_next; /* of the same state, unless it is done */
	enum entry_kind kind;
	enum entry_state state;
	uint64_t number; /* once it is sent */
	uint64_t due_ns; /* when it is asked for again; 0: it never was given up */
	struct process_request process;
	unsigned char *data; /* owned: the record; once a stack is done, its bytes */
	size_t size;
	struct python_runtime python;
};

#define SYMBOLS_NR_BLAMED 16
#define SYMBOLS_NOT_AHEAD UINT64_MAX

/* A process over which the program has ended. */
struct blamed {
	uint32_t pid;
	unsigned int times;
	uint64_t start_ns;
	uint64_t last_ns; /* when */
};

struct symbols {
	struct symbols_program program;
	bool greeted; /* by the program that runs */
	uint64_t timeout_ns;
	unsigned int max_waiting;
	int epoll_fd, timer_fd, event_fd;
	bool wants_room;       /* the socket's is used up */
	struct entry *entries; /* the oldest first, behind processes that are done */
	size_t nr_entries, nr_stacks;
	struct entry *of_state[NR_ENTRY_STATES]; /* by when they came to be in it */
	size_t nr_of_state[NR_ENTRY_STATES];
	uint64_t next_number;
	uint64_t deadline_ns; /* of the oldest that was sent; 0: none was */
	uint64_t looked_at;   /* number of what the program is at; SYMBOLS_NOT_AHEAD: the oldest */
	struct blamed blamed[SYMBOLS_NR_BLAMED];
	unsigned int next_blamed;
	struct symbols_stats stats;
	uint64_t evictions; /* of the program that runs */
	unsigned char packet[ANSWER_MAX_SIZE];
};

/* symbols_start, of the program at `path`. */
int symbols_start_program(const char *path, const struct symbols_options *options,
			  struct symbols **ret_symbols, char *error);

/* symbols_queue.c */
struct entry *symbols_put(struct symbols *symbols, enum entry_kind kind, const void *data,
			  size_t size);
void symbols_set_state(struct symbols *symbols, struct entry *entry, enum entry_state state);
void symbols_done(struct symbols *symbols, struct entry *entry, unsigned char *data, size_t size);
void symbols_drop_all(struct symbols *symbols);
struct entry *symbols_sent(const struct symbols *symbols, uint64_t number);
void symbols_send_anew(struct symbols *symbols); /* what was sent waits again, before all else */
bool symbols_deliverable(const struct symbols *symbols);
int symbols_deliver(struct symbols *symbols, const struct symbols_listener *listener);
/*
 * Gives it up: a stack comes out as unresolved.h has it, and is counted; a process is asked for
 * again, though not at once.
 */
void symbols_give_up(struct symbols *symbols, struct entry *entry, uint64_t now_ns);
void symbols_give_up_all(struct symbols *symbols, uint64_t now_ns); /* that waits to be sent */
void symbols_ask_again(struct symbols *symbols, uint64_t now_ns);   /* those that are due */

/* symbols_blame.c: of stacks and processes. */
void symbols_blame(struct symbols *symbols, const struct entry *entry, uint64_t now_ns);
bool symbols_is_blamed(struct symbols *symbols, const struct entry *entry, uint64_t now_ns);
void symbols_forgive(struct symbols *symbols, const struct entry *entry);

/* symbols_exchange.c */
int symbols_begin(struct symbols *symbols, uint64_t now_ns);
void symbols_send_waiting(struct symbols *symbols, uint64_t now_ns);
void symbols_take_answers(struct symbols *symbols, uint64_t now_ns);
/* The program is of no use any more: it is ended, and what it is busy with gets the blame. */
void symbols_fail(struct symbols *symbols, uint64_t now_ns);

#endif
