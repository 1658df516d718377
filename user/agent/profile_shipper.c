/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* All that waits goes at once, a moment after the first came, unless an export is under way. */
#include "agent/profile_shipper.h"

#include <errno.h>
#include <string.h>

#include "agent/clocks.h"
#include "agent/requests.h"
#include "agent/thresholds.h"
#include "base/event_time.h"
#include "base/log.h"
#include "export/otlp/otlp_client.h"
#include "export/otlp/otlp_profiles.h"
#include "export/otlp/otlp_signal.h"

#define MAX_WAITING 200
#define MAX_WAITING_BYTES (4UL * 1024 * 1024)
#define SOON_MS 500.0

/* Of a client, which borrows its settings. */
struct profile_target {
	struct otlp_settings otlp;
	struct otlp_client *client;
};

struct profile_shipper {
	sd_event *event;
	sd_event_source *timer;
	const struct settings *settings;
	void (*idle)(void *context);
	void *context;
	struct profile_target *target; /* NULL: profiles are not wanted */
	struct requests waiting;
	size_t nr_bytes;
	bool failing;
	bool cancelling; /* by the agent itself, which need not be told so */
	struct rate_limit lines;
	__u64 nr_exported, nr_dropped;
};

static void target_free(struct profile_target *target)
{
	if (!target)
		return;
	otlp_client_free(target->client);
	otlp_signal_done(&target->otlp);
	free(target);
}
DEFINE_CLEANUP(struct profile_target *, target_free)

static void say_failed(struct profile_shipper *shipper, const char *message)
{
	bool allowed;

	if (shipper->cancelling)
		return;
	allowed = rate_limit_allow(&shipper->lines, clock_monotonic_ns());
	if (allowed || !shipper->failing)
		log_warning("export of profiles failed: %s; they are lost", message);
	shipper->failing = true;
}

static void arm(struct profile_shipper *shipper)
{
	if (!event_is_armed(shipper->timer) && !profile_shipper_busy(shipper))
		event_arm(shipper->timer, SOON_MS);
}

static void on_done(const struct otlp_result *result, void *context)
{
	struct profile_shipper *shipper = context;
	size_t nr_failed = 0;

	for (size_t i = 0; i < result->nr_requests; i++)
		nr_failed += result->outcomes[i] != OTLP_ACCEPTED;
	shipper->nr_dropped += nr_failed;
	shipper->nr_exported += result->nr_requests - nr_failed;
	if (nr_failed)
		say_failed(shipper, result->message);
	else
		shipper->failing = false;
	if (shipper->waiting.nr && !shipper->cancelling)
		event_arm(shipper->timer, SOON_MS);
	shipper->idle(shipper->context);
}

static void ship(struct profile_shipper *shipper, double timeout_ms)
{
	struct requests requests = shipper->waiting;
	int r;

	if (!shipper->target || !requests.nr || profile_shipper_busy(shipper))
		return;
	shipper->waiting = (struct requests){};
	shipper->nr_bytes = 0;
	r = otlp_client_send(shipper->target->client, requests.items, requests.nr, timeout_ms);
	if (r) {
		shipper->nr_dropped += requests.nr;
		say_failed(shipper, strerror(-r));
	}
	/* the buffers are the client's now, the arrays are not */
	requests.nr = 0;
	requests_done(&requests);
}

static int on_timer(sd_event_source *source, uint64_t due_us, void *context)
{
	struct profile_shipper *shipper = context;

	(void)source;
	(void)due_us;
	ship(shipper, shipper->settings->otlp.timeout_ms);
	return 0;
}

void profile_shipper_add(struct profile_shipper *shipper, const struct stall *stall,
			 const struct attributes *resource, __u64 unix_offset_ns)
{
	_cleanup_(buffer_done) struct buffer request = {};
	size_t size;
	int r;

	if (!shipper->target)
		return;
	r = otlp_encode_profile(stall, resource, unix_offset_ns, &request);
	if (r == -ENODATA)
		return;
	size = request.size;
	if (r || shipper->waiting.nr >= MAX_WAITING ||
	    shipper->nr_bytes + size > MAX_WAITING_BYTES ||
	    size > shipper->settings->otlp.max_request_bytes ||
	    requests_add(&shipper->waiting, &request, 0)) {
		shipper->nr_dropped++;
		return;
	}
	shipper->nr_bytes += size;
	arm(shipper);
}

static int new_target(struct profile_shipper *shipper, const struct settings *settings,
		      struct profile_target **ret_target, char *error)
{
	_cleanup_(target_freep) struct profile_target *target = NULL;
	int r;

	*ret_target = NULL;
	if (!settings->stalls.enabled || !settings->stalls.profiles ||
	    settings->export != EXPORT_OTLP)
		return 0;
	target = calloc(1, sizeof(*target));
	if (!target)
		return -ENOMEM;
	r = otlp_signal_settings(&settings->otlp, OTLP_PROFILES, &target->otlp);
	if (r == -EINVAL) {
		log_warning("profiles are not exported: export.otlp.endpoint does not end in "
			    "/v1/metrics, so that export.otlp.profiles_endpoint must say where to");
		return 0;
	}
	r = r
		    ?: otlp_client_new(shipper->event, &target->otlp, on_done, shipper,
				       &target->client, error);
	if (r)
		return r;
	*ret_target = TAKE_PTR(target);
	return 0;
}

static void cancel(struct profile_shipper *shipper)
{
	shipper->cancelling = true;
	if (profile_shipper_busy(shipper))
		otlp_client_cancel(shipper->target->client);
	shipper->cancelling = false;
}

int profile_shipper_set_settings(struct profile_shipper *shipper, const struct settings *settings,
				 char error[PROFILE_SHIPPER_ERROR_LEN])
{
	struct profile_target *target;
	int r;

	snprintf(error, PROFILE_SHIPPER_ERROR_LEN, "out of memory");
	r = new_target(shipper, settings, &target, error);
	if (r)
		return r;
	cancel(shipper);
	target_free(shipper->target);
	shipper->target = target;
	shipper->settings = settings;
	if (!target) {
		shipper->nr_dropped += shipper->waiting.nr;
		shipper->nr_bytes = 0;
		requests_done(&shipper->waiting);
	}
	return 0;
}

void profile_shipper_ship_last(struct profile_shipper *shipper, double timeout_ms)
{
	cancel(shipper);
	ship(shipper, timeout_ms);
}

bool profile_shipper_busy(const struct profile_shipper *shipper)
{
	return shipper->target && otlp_client_busy(shipper->target->client);
}

void profile_shipper_fill(const struct profile_shipper *shipper, struct agent_figures *agent)
{
	agent->profiles_exported = shipper->nr_exported;
	agent->profiles_dropped = shipper->nr_dropped;
}

int profile_shipper_new(sd_event *event, const struct settings *settings,
			void (*idle)(void *context), void *context,
			struct profile_shipper **ret_shipper, char error[PROFILE_SHIPPER_ERROR_LEN])
{
	_cleanup_(profile_shipper_freep) struct profile_shipper *shipper =
		calloc(1, sizeof(*shipper));
	int r;

	snprintf(error, PROFILE_SHIPPER_ERROR_LEN, "out of memory");
	if (!shipper)
		return -ENOMEM;
	shipper->event = event;
	shipper->settings = settings;
	shipper->idle = idle;
	shipper->context = context;
	shipper->lines.limit = 1;
	r = event_add_timer(event, on_timer, shipper, &shipper->timer)
		    ?: profile_shipper_set_settings(shipper, settings, error);
	if (r)
		return r;
	*ret_shipper = TAKE_PTR(shipper);
	return 0;
}

void profile_shipper_free(struct profile_shipper *shipper)
{
	if (!shipper)
		return;
	target_free(shipper->target);
	requests_done(&shipper->waiting);
	sd_event_source_disable_unref(shipper->timer);
	free(shipper);
}
