/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Log records on their way out, to where metrics go too, soon after they came. Neither waits for
 * the other: log records have a connection of their own. What does not arrive stays queued.
 */
#ifndef LOOPSCOPE_LOG_SHIPPER_H
#define LOOPSCOPE_LOG_SHIPPER_H

#include <systemd/sd-event.h>

#include "agent/registry.h"
#include "config/settings/settings.h"
#include "export/figures.h"
#include "export/log_record.h"

#define LOG_SHIPPER_ERROR_LEN 512

struct log_shipper;

/* settings and registry must outlive it. idle: no export of logs is under way any more. */
int log_shipper_new(sd_event *event, const struct settings *settings, struct registry *registry,
		    void (*idle)(void *context), void *context, struct log_shipper **ret_shipper,
		    char error[LOG_SHIPPER_ERROR_LEN]);
void log_shipper_free(struct log_shipper *shipper);

/* Negative errno: the old ones stay in force. */
int log_shipper_set_settings(struct log_shipper *shipper, const struct settings *settings,
			     char error[LOG_SHIPPER_ERROR_LEN]);

/* Whether records are wanted at all. */
bool log_shipper_wants(const struct log_shipper *shipper);

/* Takes what the record has. */
void log_shipper_add(struct log_shipper *shipper, const struct process_key *process,
		     struct log_record *record);

/* One that could not be made, for want of memory or of leave. */
void log_shipper_count_dropped(struct log_shipper *shipper);

/* All there is goes now, or never. */
void log_shipper_ship_last(struct log_shipper *shipper, double timeout_ms);
bool log_shipper_busy(const struct log_shipper *shipper);

void log_shipper_fill(const struct log_shipper *shipper, struct agent_figures *agent);

#endif
