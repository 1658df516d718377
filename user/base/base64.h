/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Bytes that somebody has written as text (RFC 4648, section 4). */
#ifndef LOOPSCOPE_BASE64_H
#define LOOPSCOPE_BASE64_H

#include "base/buffer.h"

/* Appends the bytes. Padded or not, with spaces and line breaks. -EBADMSG: it is none; -ENOMEM. */
int base64_decode(const char *text, struct buffer *out);

#endif
