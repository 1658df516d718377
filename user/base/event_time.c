/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Milliseconds for sd-event's microseconds. */
#include "base/event_time.h"

#include <linux/types.h>
#include <sys/random.h>

#define TIMER_ACCURACY_US 1000

double event_now_ms(sd_event *event)
{
	uint64_t now_us = 0;

	sd_event_now(event, CLOCK_MONOTONIC, &now_us);
	return now_us / 1000.0;
}

int event_arm(sd_event_source *timer, double delay_ms)
{
	uint64_t now_us;
	int r = sd_event_now(sd_event_source_get_event(timer), CLOCK_MONOTONIC, &now_us);

	if (r >= 0)
		r = sd_event_source_set_time(timer, now_us + (uint64_t)(delay_ms * 1000));
	if (r >= 0)
		r = sd_event_source_set_enabled(timer, SD_EVENT_ONESHOT);
	return r < 0 ? r : 0;
}

bool event_is_armed(sd_event_source *timer)
{
	int enabled = SD_EVENT_OFF;

	sd_event_source_get_enabled(timer, &enabled);
	return enabled != SD_EVENT_OFF;
}

int event_add_timer(sd_event *event, sd_event_time_handler_t handler, void *context,
		    sd_event_source **ret_timer)
{
	sd_event_source *timer;
	int r = sd_event_add_time(event, &timer, CLOCK_MONOTONIC, 0, TIMER_ACCURACY_US, handler,
				  context);

	if (r < 0)
		return r;
	r = sd_event_source_set_enabled(timer, SD_EVENT_OFF);
	if (r < 0) {
		sd_event_source_unref(timer);
		return r;
	}
	*ret_timer = timer;
	return 0;
}

double random01(void)
{
	__u32 value;

	if (getrandom(&value, sizeof(value), GRND_NONBLOCK) != sizeof(value))
		return 0.5;
	return value / 4294967296.0;
}
