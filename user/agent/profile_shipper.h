/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Profiles of stalls on their way to an OTLP receiver: each is a request of its own. They are
 * samples of what happened: those that fail, or find no room, are dropped and counted.
 */
#ifndef LOOPSCOPE_PROFILE_SHIPPER_H
#define LOOPSCOPE_PROFILE_SHIPPER_H

#include <systemd/sd-event.h>

#include "config/settings/settings.h"
#include "export/figures.h"
#include "model/stalls.h"

#define PROFILE_SHIPPER_ERROR_LEN 512

struct profile_shipper;

/* settings must outlive it. idle: no export of profiles is under way any more. */
int profile_shipper_new(sd_event *event, const struct settings *settings,
			void (*idle)(void *context), void *context,
			struct profile_shipper **ret_shipper,
			char error[PROFILE_SHIPPER_ERROR_LEN]);
void profile_shipper_free(struct profile_shipper *shipper);
DEFINE_CLEANUP(struct profile_shipper *, profile_shipper_free)

/* What waits is dropped where profiles are no longer wanted. Negative errno: nothing changes. */
int profile_shipper_set_settings(struct profile_shipper *shipper, const struct settings *settings,
				 char error[PROFILE_SHIPPER_ERROR_LEN]);

/* A stall that has ended; nothing if it has no stacks, or profiles are not wanted. */
void profile_shipper_add(struct profile_shipper *shipper, const struct stall *stall,
			 const struct attributes *resource, __u64 unix_offset_ns);

void profile_shipper_ship_last(struct profile_shipper *shipper, double timeout_ms);
bool profile_shipper_busy(const struct profile_shipper *shipper);
void profile_shipper_fill(const struct profile_shipper *shipper, struct agent_figures *agent);

#endif
