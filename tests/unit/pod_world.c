/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Drivers for tests: two timers, two transfers, no threads, no clock. */
#include "pod_world.h"

#include <string.h>

#include "unit.h"

static void attach(void *context, struct pod_feed *feed)
{
	((struct world_server *)context)->feed = feed;
}

static double now_ms(void *context)
{
	return ((struct world_server *)context)->world->now_ms;
}

static double random01(void *context)
{
	return ((struct world_server *)context)->world->chance;
}

static void arm(void *context, double delay_ms)
{
	struct world_server *server = context;

	assert_true(delay_ms >= 0);
	server->wake_ms = server->world->now_ms + delay_ms;
}

static int start(void *context, const char *path, double timeout_ms, char *error)
{
	struct world_server *server = context;
	double now = server->world->now_ms;
	struct world_request *request = &server->requests[server->nr_requests];

	(void)error;
	assert_false(server->in_request);
	assert_true(timeout_ms > 0);
	assert_true(server->nr_requests < WORLD_MAX_REQUESTS);
	request->at_ms = now;
	snprintf(request->path, sizeof(request->path), "%s", path);
	server->under_way = (struct world_answer){.after_ms = INFINITY};
	server->answer(server, path, server->nr_requests++, &server->under_way);
	server->in_request = true;
	server->answer_ms = now + server->under_way.after_ms;
	server->end_ms = INFINITY;
	server->deadline_ms = now + timeout_ms;
	return 0;
}

static void stop(void *context)
{
	struct world_server *server = context;

	server->in_request = false;
	server->wake_ms = -1;
}

static void free_driver(void *context)
{
	stop(context);
}

static struct pod_driver driver_of(struct world_server *server, struct pod_world *world,
				   world_answer_fn answer, const char *name)
{
	server->world = world;
	server->answer = answer;
	server->wake_ms = -1;
	return (struct pod_driver){
		.attach = attach,
		.now_ms = now_ms,
		.random01 = random01,
		.arm = arm,
		.start = start,
		.stop = stop,
		.free = free_driver,
		.context = server,
		.server = name,
	};
}

static void on_report(const char *message, bool failed, void *context)
{
	struct pod_world *world = context;

	assert_true(world->nr_reports < WORLD_MAX_REPORTS);
	world->reports[world->nr_reports].at_ms = world->now_ms;
	world->reports[world->nr_reports].failed = failed;
	strcpy(world->reports[world->nr_reports].message, message);
	world->nr_reports++;
}

static void on_synced(void *context)
{
	((struct pod_world *)context)->nr_synced++;
}

static void on_changed(const struct pod *pod, void *context)
{
	(void)pod;
	((struct pod_world *)context)->nr_changed++;
}

void pod_world_begin(struct pod_world *world, world_answer_fn api, world_answer_fn kubelet)
{
	static char node[] = "node 1";
	const struct pods_options pods = {.max_pods = 100,
					  .max_bytes = 1000000,
					  .grace_ns = 60000 * MS,
					  .changed = on_changed,
					  .context = world};
	struct pod_watch_drivers drivers = {.has_api = api, .has_kubelet = kubelet};
	struct pod_watch_options options = {
		.settings = &world->settings,
		.report = on_report,
		.synced = on_synced,
		.context = world,
	};

	memset(world, 0, sizeof(*world));
	world->now_ms = 1e6;
	world->chance = 0.5;
	world->settings.node_name = node;
	world->settings.kubelet_interval_ms = 10000;
	assert_int_equal(pods_new(&pods, &world->pods), 0);
	options.pods = world->pods;
	drivers.api = driver_of(&world->api, world, api, "https://api");
	drivers.kubelet = driver_of(&world->kubelet, world, kubelet, "https://kubelet");
	assert_int_equal(pod_watch_new_driven(&options, &drivers, &world->watch), 0);
}

void pod_world_end(struct pod_world *world)
{
	pod_watch_free(world->watch);
	pods_free(world->pods);
}

void pod_world_hang_up(struct world_server *server, const char *message)
{
	struct pod_answer answer = {.retry_after_ms = -1};

	assert_true(server->in_request);
	server->in_request = false;
	if (!isfinite(server->answer_ms)) { /* it has come */
		answer.status = server->under_way.status;
		if (server->under_way.retry_after_s > 0)
			answer.retry_after_ms = server->under_way.retry_after_s * 1000;
	}
	snprintf(answer.message, sizeof(answer.message), "%s", message);
	pod_feed_done(server->feed, &answer);
}

void pod_world_say(struct world_server *server, const char *text)
{
	assert_true(server->in_request);
	if (pod_feed_bytes(server->feed, text, strlen(text)))
		pod_world_hang_up(server, "Failed writing received data");
}

static void begin_answer(struct world_server *server)
{
	const struct world_answer *answer = &server->under_way;

	server->answer_ms = INFINITY;
	if (answer->lasts_ms >= 0)
		server->end_ms = server->world->now_ms + answer->lasts_ms;
	if (answer->status == 200) {
		pod_feed_answered(server->feed);
		if (answer->body)
			pod_world_say(server, answer->body);
	}
}

static void end_answer(struct world_server *server)
{
	const struct world_answer *answer = &server->under_way;
	char message[64] = "";

	if (answer->status && answer->status != 200)
		snprintf(message, sizeof(message), "HTTP %ld", answer->status);
	pod_world_hang_up(server, answer->message ?: message);
}

/* What comes next, and when. */
static double next_ms(const struct world_server *server)
{
	double next = server->wake_ms >= 0 ? server->wake_ms : INFINITY;

	if (!server->in_request)
		return next;
	next = fmin(next, server->answer_ms);
	next = fmin(next, server->end_ms);
	return fmin(next, server->deadline_ms);
}

static void step(struct world_server *server)
{
	double now = server->world->now_ms;

	if (server->in_request && server->answer_ms <= now) {
		begin_answer(server);
	} else if (server->in_request && server->end_ms <= now) {
		end_answer(server);
	} else if (server->in_request && server->deadline_ms <= now) {
		pod_world_hang_up(server, "timed out");
	} else {
		server->wake_ms = -1;
		pod_feed_wake(server->feed);
	}
}

void pod_world_run(struct pod_world *world, double for_ms)
{
	double until_ms = world->now_ms + for_ms;

	while (true) {
		double api = next_ms(&world->api), kubelet = next_ms(&world->kubelet);
		double next = fmin(api, kubelet);

		if (next > until_ms)
			break;
		world->now_ms = fmax(next, world->now_ms);
		step(api <= kubelet ? &world->api : &world->kubelet);
	}
	world->now_ms = until_ms;
}

const struct world_request *pod_world_last(const struct world_server *server)
{
	assert_true(server->nr_requests > 0);
	return &server->requests[server->nr_requests - 1];
}

struct pod_watch_stats pod_world_stats(const struct pod_world *world)
{
	struct pod_watch_stats stats;

	pod_watch_stats(world->watch, &stats);
	return stats;
}

static void look_for(const struct pod *pod, void *context)
{
	const char **uid = context;

	if (*uid && strcmp(pod->uid, *uid) == 0)
		*uid = NULL;
}

/* Those in their grace period do not count. */
bool pod_world_knows(const struct pod_world *world, const char *uid)
{
	pods_each(world->pods, look_for, (void *)&uid);
	return !uid;
}

size_t pod_world_nr_pods(const struct pod_world *world)
{
	struct pods_counts counts;

	pods_counts(world->pods, &counts);
	return counts.pods;
}

static char *next_text(void)
{
	static char texts[16][2048];
	static unsigned int next;

	return texts[next++ % ARRAY_SIZE(texts)];
}

static const char *pod_of_version(const char *uid, const char *version)
{
	char *text = next_text();

	snprintf(text, 2048,
		 "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"p-%s\",\"namespace\":\"shop\","
		 "\"uid\":\"%s\",\"resourceVersion\":\"%s\"},\"spec\":{\"nodeName\":\"node 1\","
		 "\"containers\":[{\"name\":\"web\",\"image\":\"web:1\"}]}}",
		 uid, uid, version);
	return text;
}

const char *json_pod(const char *uid)
{
	return pod_of_version(uid, "1");
}

const char *json_list(const char *version, const char *token, const char *items)
{
	char *text = next_text();

	snprintf(text, 2048,
		 "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":"
		 "\"%s\",\"continue\":\"%s\"},\"items\":[%s]}",
		 version, token, items);
	return text;
}

const char *json_event(const char *type, const char *uid, const char *version)
{
	char *text = next_text();

	snprintf(text, 2048, "{\"type\":\"%s\",\"object\":%s}\n", type,
		 pod_of_version(uid, version));
	return text;
}

const char *json_bookmark(const char *version)
{
	char *text = next_text();

	snprintf(text, 2048,
		 "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"Pod\",\"metadata\":"
		 "{\"resourceVersion\":\"%s\"}}}\n",
		 version);
	return text;
}

const char *json_error(int code)
{
	char *text = next_text();

	snprintf(text, 2048,
		 "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"status\":\"Failure\","
		 "\"message\":\"too old resource version\",\"code\":%d}}\n",
		 code);
	return text;
}
