/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Figures on their way out, once an export interval: to an OTLP receiver, or as
 * OTLP JSON to the standard output or a file. What does not arrive is part of the
 * next export; observing never waits for it.
 */
#ifndef LOOPSCOPE_SHIPPER_H
#define LOOPSCOPE_SHIPPER_H

#include <systemd/sd-event.h>

#include "agent/registry.h"
#include "config/settings/settings.h"
#include "export/figures.h"

#define SHIPPER_ERROR_LEN 512

struct shipper;

struct shipper_callbacks {
	/* Figures for READER_OTLP, valid until the loop goes on. -ENOMEM. */
	int (*figures)(void *context, struct figures *ret_figures);
	/* No export is under way any more. */
	void (*idle)(void *context);
	void *context;
};

/* settings and registry must outlive it. Negative errno; `error` says what is wrong. */
int shipper_new(sd_event *event, const struct settings *settings, struct registry *registry,
		const struct shipper_callbacks *callbacks, struct shipper **ret_shipper,
		char error[SHIPPER_ERROR_LEN]);
void shipper_free(struct shipper *shipper);

/*
 * Other settings: what is under way is given up, and part of the next export. Negative errno: the
 * old ones stay in force.
 */
int shipper_set_settings(struct shipper *shipper, const struct settings *settings,
			 char error[SHIPPER_ERROR_LEN]);

/* Sends what there is, unless an export is under way still. */
void shipper_ship(struct shipper *shipper, double timeout_ms);

/* No other follows: if it fails, its figures are lost, which is said. */
void shipper_ship_last(struct shipper *shipper, double timeout_ms);

bool shipper_busy(const struct shipper *shipper);

/* Gives up what is under way, in silence: the next export holds it. */
void shipper_cancel(struct shipper *shipper);

/* Fills in the figures of exports. */
void shipper_fill(const struct shipper *shipper, struct agent_figures *agent);

#endif
