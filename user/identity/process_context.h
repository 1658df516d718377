/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The OpenTelemetry process context: a mapping named OTEL_CTX in which an SDK has
 * published its resource (OTEP 4719, version 2). It is the process's own memory:
 * hostile, and it may change while it is read.
 */
#ifndef LOOPSCOPE_PROCESS_CONTEXT_H
#define LOOPSCOPE_PROCESS_CONTEXT_H

#include <linux/types.h>
#include <stddef.h>

#include "identity/attributes.h"

#define PROCESS_CONTEXT_MAX_PAYLOAD 16384 /* bytes; a larger one is not read */

/* As it lies in the memory of the process. */
struct process_context_header {
	char signature[8]; /* "OTEL_CTX", written last */
	__u32 version;
	__u32 payload_size;
	__u64 published_at_ns; /* CLOCK_BOOTTIME; 0: being written */
	__u64 payload;         /* its address */
};

_Static_assert(sizeof(struct process_context_header) == 32, "memory layout");

/*
 * Reads the payload, which is to be decoded. -ENOENT: none is published; -EBADMSG:
 * what is there is not one; -EAGAIN: it changed while it was read; -ESRCH, -EACCES.
 * `directory` is one of /proc/PID, which tells a process from the next of that pid.
 */
int process_context_read(int directory, unsigned char payload[PROCESS_CONTEXT_MAX_PAYLOAD],
			 size_t *ret_size);

/* 0: the payload can be read; -EAGAIN: not now; -EBADMSG: no context, or not of version 2. Pure. */
int process_context_check(const struct process_context_header *header);

/*
 * Adds what the payload has, a protobuf message with the attributes, to the set. Left out are
 * values that are neither plain nor arrays of texts. -EBADMSG, -ENOMEM. Pure.
 */
int process_context_decode(const void *payload, size_t size, struct attributes *set);

#endif
