/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The OpenTelemetry process context: a mapping named OTEL_CTX in which an SDK has
 * published its resource. It is the process's own memory: hostile, and it may
 * change while it is read.
 */
#ifndef LOOPSCOPE_PROCESS_CONTEXT_H
#define LOOPSCOPE_PROCESS_CONTEXT_H

#include <stddef.h>
#include <sys/types.h>

#include "identity/attributes.h"

/*
 * Adds the resource's attributes to the set. -ENOENT: none is published; -EBADMSG:
 * what is there is not one; -EAGAIN: it changed while it was read; -ESRCH, -EPERM.
 * `directory` is one of /proc/PID, which tells a process from the next of that pid.
 */
int process_context_read(pid_t pid, int directory, struct attributes *set);

/* The payload's bytes: a protobuf message with the attributes. Pure; for tests and fuzzing. */
int process_context_decode(const void *payload, size_t size, struct attributes *set);

#endif
