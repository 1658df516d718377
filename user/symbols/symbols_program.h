/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* loopscope-symbols as a child: begun, and begun again, but not without end. */
#ifndef LOOPSCOPE_SYMBOLS_PROGRAM_H
#define LOOPSCOPE_SYMBOLS_PROGRAM_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PROGRAM_MAX_STARTS 5 /* within PROGRAM_STARTS_NS */
#define PROGRAM_STARTS_NS 60000000000ULL

struct symbols_program {
	char path[PATH_MAX];
	size_t memory_bytes;
	pid_t pid;          /* -1: none runs */
	int fd;             /* the socket to it; -1: none runs */
	pid_t ending;       /* killed, and not gone yet; -1: none */
	uint64_t killed_ns; /* when */
	uint64_t cpu_ns;    /* of all that have ended */
	uint64_t nr_starts;
	uint64_t starts_ns[PROGRAM_MAX_STARTS]; /* the latest, by nr_starts */
};

void symbols_program_init(struct symbols_program *program, const char *path, size_t memory_bytes);

/*
 * -EAGAIN: the one before it is not gone yet; -EBUSY: it was begun too often of late; -errno. The
 * socket does not wait.
 */
int symbols_program_start(struct symbols_program *program, uint64_t now_ns);

/* Ends it at once. It may take a while to be gone. */
void symbols_program_kill(struct symbols_program *program, uint64_t now_ns);

/* The same, and waits for that, but not for ever. */
void symbols_program_end(struct symbols_program *program);

uint64_t symbols_program_cpu_ns(const struct symbols_program *program);
uint64_t symbols_program_memory(const struct symbols_program *program);

#endif
