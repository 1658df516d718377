/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a process shows and says of itself in its own memory: arguments, chosen variables of its
 * environment, process context. Who reads that waits for locks of the process, which it may hold
 * while it waits for a file system itself, as in an exec: it is read apart.
 */
#ifndef LOOPSCOPE_PROCESS_TEXTS_H
#define LOOPSCOPE_PROCESS_TEXTS_H

#include <linux/types.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/apart.h"
#include "identity/command_line.h"
#include "identity/environment.h"
#include "identity/process_context.h"

struct process_texts {
	struct command_line line; /* of no arguments: not known */
	bool has_service_name, has_attributes;
	char service_name[ENVIRONMENT_MAX_VARIABLE]; /* OTEL_SERVICE_NAME */
	char attributes[ENVIRONMENT_MAX_VARIABLE];   /* OTEL_RESOURCE_ATTRIBUTES */
	size_t payload_size;                         /* of the context; 0: there is none */
	unsigned char payload[PROCESS_CONTEXT_MAX_PAYLOAD];
};

struct process_texts_wanted {
	pid_t pid;
	__u64 start_ticks; /* another that has the pid is not read */
	bool environment;
};

/* What cannot be read is left empty. apart: as apart_call has it. -ENOMEM. */
int process_texts_read(struct apart *apart, const struct process_texts_wanted *wanted,
		       struct process_texts **ret_texts);

/* They may hold secrets: wiped. */
void process_texts_free(struct process_texts *texts);

#endif
