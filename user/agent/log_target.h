/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where log records go, by the settings: one of the two is there, or neither. */
#ifndef LOOPSCOPE_LOG_TARGET_H
#define LOOPSCOPE_LOG_TARGET_H

#include <stdio.h>

#include "export/otlp/otlp_client.h"

#define LOG_TARGET_ERROR_LEN OTLP_CLIENT_MESSAGE_LEN

struct log_target {
	struct otlp_settings otlp; /* of the client */
	struct otlp_client *client;
	FILE *out; /* stdout, or owned */
};

/* NULL: log records are not wanted, which is no error. Negative errno; `error` says why. */
int log_target_new(sd_event *event, const struct settings *settings, otlp_done_fn done,
		   void *context, struct log_target **ret_target, char error[LOG_TARGET_ERROR_LEN]);
void log_target_free(struct log_target *target);
DEFINE_CLEANUP(struct log_target *, log_target_free)

#endif
