/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A glob over a comm, compiled by user space to a non-deterministic automaton
 * of one bit a pattern position, so that matching in the kernel is sixteen
 * steps without a branch on the pattern: bit i of `accept[c]` says that
 * position i takes character c, bit i of `star` that it is a `*`.
 */
#ifndef LOOPSCOPE_COMM_GLOB_H
#define LOOPSCOPE_COMM_GLOB_H

#include "types.h"

#define COMM_GLOB_COMM_LEN 16
#define COMM_GLOB_MAX_POSITIONS 31

struct comm_glob {
	__u32 accept[256];
	__u32 star;  /* no two neighbours: `**` is compiled as `*` */
	__u32 final; /* the bit after the last position */
};

/* True if the comm, up to its first NUL, matches. */
static inline _Bool comm_glob_match(const volatile struct comm_glob *glob, const char *comm)
{
	__u32 at = 1;

	at |= (at & glob->star) << 1;
	for (int i = 0; i < COMM_GLOB_COMM_LEN; i++) {
		unsigned char c = comm[i];

		if (!c)
			break;
		at = ((at & glob->accept[c]) << 1) | (at & glob->star);
		at |= (at & glob->star) << 1;
	}
	return at & glob->final;
}

#endif
