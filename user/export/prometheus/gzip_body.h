/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The body of a response, held compressed whatever the client takes: a client
 * that reads slowly costs the compressed size, which for an exposition is some
 * hundredth of the text. Written once from front to back, then read.
 */
#ifndef LOOPSCOPE_GZIP_BODY_H
#define LOOPSCOPE_GZIP_BODY_H

#include <stddef.h>
#include <sys/types.h>

#include "base/cleanup.h"

struct gzip_body;

int gzip_body_new(struct gzip_body **ret_body);
void gzip_body_free(struct gzip_body *body);
DEFINE_CLEANUP(struct gzip_body *, gzip_body_free)

/* -ENOMEM. Once finished, no more may be written. */
int gzip_body_write(struct gzip_body *body, const void *data, size_t size);
int gzip_body_finish(struct gzip_body *body);

size_t gzip_body_size(const struct gzip_body *body);       /* compressed */
size_t gzip_body_plain_size(const struct gzip_body *body); /* as written */

/* Compressed bytes from an offset on; how many, 0 at the end. */
size_t gzip_body_read(const struct gzip_body *body, size_t offset, void *data, size_t size);

/* The next plain bytes, from front to back, once: how many, 0 at the end. -ENOMEM, -EBADMSG. */
ssize_t gzip_body_read_plain(struct gzip_body *body, void *data, size_t size);

#endif
