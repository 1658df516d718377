/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "agent/log_target.h"

#include <errno.h>
#include <string.h>

#include "agent/export_file.h"
#include "base/log.h"
#include "export/otlp/otlp_signal.h"

static int open_client(struct log_target *target, sd_event *event, const struct settings *settings,
		       otlp_done_fn done, void *context, char *error)
{
	int r = otlp_signal_settings(&settings->otlp, OTLP_LOGS, &target->otlp);

	if (r == -EINVAL) {
		log_warning("log records of stalls are not exported: export.otlp.endpoint does not "
			    "end in /v1/metrics, so that export.otlp.logs_endpoint must say where "
			    "to");
		return 0;
	}
	return r ?: otlp_client_new(event, &target->otlp, done, context, &target->client, error);
}

static int open_file(struct log_target *target, const char *path, char *error)
{
	int r = export_file_open(path, &target->out);

	if (r)
		snprintf(error, LOG_TARGET_ERROR_LEN, "export.file: %s: %s", path,
			 r == -EINVAL ? "not a regular file" : strerror(-r));
	return r;
}

static int open_target(struct log_target *target, sd_event *event, const struct settings *settings,
		       otlp_done_fn done, void *context, char *error)
{
	switch (settings->export) {
	case EXPORT_OTLP:
		return open_client(target, event, settings, done, context, error);
	case EXPORT_STDOUT:
		target->out = stdout;
		return 0;
	case EXPORT_FILE:
		return open_file(target, settings->export_file, error);
	case EXPORT_NONE:
		break;
	}
	return 0;
}

int log_target_new(sd_event *event, const struct settings *settings, otlp_done_fn done,
		   void *context, struct log_target **ret_target, char error[LOG_TARGET_ERROR_LEN])
{
	_cleanup_(log_target_freep) struct log_target *target = NULL;
	int r;

	*ret_target = NULL;
	if (!settings->stalls.enabled || !settings->stalls.logs)
		return 0;
	snprintf(error, LOG_TARGET_ERROR_LEN, "out of memory");
	target = calloc(1, sizeof(*target));
	if (!target)
		return -ENOMEM;
	r = open_target(target, event, settings, done, context, error);
	if (r)
		return r;
	if (target->client || target->out)
		*ret_target = TAKE_PTR(target);
	return 0;
}

void log_target_free(struct log_target *target)
{
	if (!target)
		return;
	otlp_client_free(target->client);
	otlp_signal_done(&target->otlp);
	if (target->out && target->out != stdout)
		fclose(target->out);
	free(target);
}
