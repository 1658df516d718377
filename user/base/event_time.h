/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Time and chance on an sd-event loop, for what is driven by either. */
#ifndef LOOPSCOPE_EVENT_TIME_H
#define LOOPSCOPE_EVENT_TIME_H

#include <stdbool.h>
#include <systemd/sd-event.h>

/* The loop's clock: monotonic, and the same throughout one of its turns. */
double event_now_ms(sd_event *event);

/* The timer comes once, so long from now, in place of any time set before. */
int event_arm(sd_event_source *timer, double delay_ms);

/* Whether the timer is still to come. */
bool event_is_armed(sd_event_source *timer);

/* A timer that is not armed yet. */
int event_add_timer(sd_event *event, sd_event_time_handler_t handler, void *context,
		    sd_event_source **ret_timer);

/* In [0, 1), for waits that are not to be alike. */
double random01(void);

#endif
