/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * gzip (RFC 1952) into and out of buffers. Compression takes its input in pieces,
 * so that a large body can be compressed over several turns of an event loop;
 * decompression is bounded, since its input is a stranger's.
 */
#ifndef LOOPSCOPE_GZIP_H
#define LOOPSCOPE_GZIP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

struct gzip;

int gzip_new(struct gzip **ret_gzip);
void gzip_free(struct gzip *gzip);
DEFINE_CLEANUP(struct gzip *, gzip_free)

/* Compresses a piece and appends what comes out; `last` ends the stream. -ENOMEM. */
int gzip_add(struct gzip *gzip, const void *data, size_t size, bool last, struct buffer *out);

/* Appends at most `max` bytes. -EFBIG: there are more; -EBADMSG: not gzip, or cut short. */
int gunzip(const void *data, size_t size, size_t max, struct buffer *out);

#endif
