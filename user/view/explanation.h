/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One process explained: what was seen of it, and what it is therefore called. */
#ifndef LOOPSCOPE_EXPLANATION_H
#define LOOPSCOPE_EXPLANATION_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define EXPLANATION_MAX_EVIDENCE 64
#define EXPLANATION_MAX_THREADS 1024
#define EXPLANATION_MAX_POLLS 128
#define EXPLANATION_MAX_CHILDREN 16

/* All names are hostile, but those that are static. */
struct explained_evidence {
	const char *kind; /* static: "executable", "library", ... */
	char seen[256];
	const char *means; /* static: of a runtime or a library; "": nothing */
	char version[32];
};

struct explained_thread {
	__u32 tid;
	char name[16];
	char state; /* of /proc: 'S', 'R', ... */
	bool running;
	bool of_kernel;     /* a worker of io_uring */
	int syscall_nr;     /* it is in; -1: in none */
	int fd;             /* the eventpoll that it waits on; -1: it does in none */
	__u64 nr_polled;    /* descriptors that its poll() waits for; 0: it is in none */
	bool may_come_back; /* it may show as a loop to who watches for longer */
	bool is_loop;
	bool parks;         /* and shares its eventpoll with others */
	const char *family; /* of the loop that was seen; NULL: none was */
	const char *why;    /* static: why it is one, or is none */
};

struct explained_poll {
	int fd;
	__u64 nr_descriptors; /* that it watches */
	bool same_as_other;   /* another descriptor of one above */
	size_t nr_waiting;    /* threads */
};

struct explanation {
	__u32 pid;
	char process[16];
	char executable[256]; /* "": cannot be read */
	unsigned int nr_sections;
	__u64 bytes_read; /* of the executable */
	bool cut;         /* it has more than is read */
	const char *file; /* static: "ELF", or why nothing was read of it */

	const char *runtime, *loop_library;                 /* static, or NULL */
	char runtime_version[32], loop_library_version[32]; /* "": not known */
	const char *certainty; /* static: "sure", "likely"; NULL: of nothing */
	const char *no_loop;   /* static: why it has no loops; NULL: it may have */
	bool ended;            /* while it was watched */

	size_t nr_evidence, nr_threads, nr_polls;
	size_t nr_threads_more; /* that are not shown */
	size_t nr_children;     /* processes below it that have loops, no more than are kept */
	__u32 children[EXPLANATION_MAX_CHILDREN];
	struct explained_evidence evidence[EXPLANATION_MAX_EVIDENCE];
	struct explained_thread threads[EXPLANATION_MAX_THREADS];
	struct explained_poll polls[EXPLANATION_MAX_POLLS];
};

void explanation_write_text(FILE *out, const struct explanation *explanation);

/* One object on one line. -ENOMEM. */
int explanation_write_json(FILE *out, const struct explanation *explanation);

#endif
