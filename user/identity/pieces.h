/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A long file of /proc piece by piece: lines, or texts that each end in a NUL. Read through a
 * window of the caller's, so that neither stdio, which would read it by the kilobyte, nor the
 * heap holds any of it.
 */
#ifndef LOOPSCOPE_PIECES_H
#define LOOPSCOPE_PIECES_H

#include <stddef.h>

struct pieces {
	char delimiter;   /* the character that ends each */
	size_t max_bytes; /* of the file: what comes later is not read */
	char *window;
	size_t window_size; /* a piece that does not fit is passed over */
};

/* Terminated, in place of its delimiter. Not 0: no more are read, and that is returned. */
typedef int piece_visit(char *piece, void *context);

/* Calls `visit` for each that is complete. 0 at the end, what visit returned, or -errno. */
int pieces_read(int fd, const struct pieces *pieces, piece_visit *visit, void *context);

#endif
