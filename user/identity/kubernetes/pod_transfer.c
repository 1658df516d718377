/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The real driver of a source of pods: sd-event's clock and timer, and libcurl. It owns the access,
 * the handle of the request under way, and the beginning of an answer that is no 200.
 */
#include <errno.h>
#include <string.h>

#include "base/curl_loop.h"
#include "base/event_time.h"
#include "identity/kubernetes/pod_fault.h"

#define MAX_HEADER_BYTES (64UL * 1024)

struct pod_transfer {
	struct cluster_access access;
	struct pod_feed *feed;
	sd_event *event;
	sd_event_source *timer;
	struct curl_loop *loop;

	/* of the request under way */
	CURL *easy;
	struct curl_slist *headers;
	long status; /* 0: the headers have not ended */
	size_t header_bytes;
	bool too_much;
	struct buffer body;
	char detail[CURL_ERROR_SIZE];
};

static void attach(void *context, struct pod_feed *feed)
{
	((struct pod_transfer *)context)->feed = feed;
}

static double now_ms(void *context)
{
	return event_now_ms(((struct pod_transfer *)context)->event);
}

static double chance(void *context)
{
	(void)context;
	return random01();
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct pod_transfer *transfer = userdata;

	(void)source;
	(void)usec;
	pod_feed_wake(transfer->feed);
	return 0;
}

static void arm(void *context, double delay_ms)
{
	event_arm(((struct pod_transfer *)context)->timer, delay_ms);
}

static void end_headers(struct pod_transfer *transfer)
{
	long status = 0;

	curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
	if (transfer->status || status < 200) /* trailers; others than the last answer */
		return;
	transfer->status = status;
	if (status == 200)
		pod_feed_answered(transfer->feed);
}

/* libcurl 7.88 keeps as many headers as a server cares to send. */
static size_t on_header(char *line, size_t size, size_t count, void *userdata)
{
	struct pod_transfer *transfer = userdata;
	size_t length = size * count;

	transfer->header_bytes += length;
	if (transfer->header_bytes > MAX_HEADER_BYTES) {
		transfer->too_much = true;
		return 0;
	}
	if (length <= 2 && (line[0] == '\r' || line[0] == '\n'))
		end_headers(transfer);
	return length;
}

static size_t on_body(char *data, size_t size, size_t count, void *userdata)
{
	struct pod_transfer *transfer = userdata;
	size_t length = size * count, room = POD_FAULT_BODY_MAX - transfer->body.size;

	if (transfer->status == 200)
		return pod_feed_bytes(transfer->feed, data, length) ? 0 : length;
	buffer_append(&transfer->body, data, length < room ? length : room);
	return length <= room ? length : 0;
}

static void end_request(struct pod_transfer *transfer)
{
	curl_easy_cleanup(TAKE_PTR(transfer->easy));
	curl_slist_free_all(TAKE_PTR(transfer->headers));
	buffer_reset(&transfer->body);
	transfer->status = 0;
	transfer->header_bytes = 0;
	transfer->too_much = false;
	transfer->detail[0] = '\0';
}

static void on_done(CURLcode code, void *context)
{
	struct pod_transfer *transfer = context;
	const struct pod_fault fault = {
		.access = &transfer->access,
		.code = code,
		.detail = transfer->detail,
		.status = transfer->status,
		.body = &transfer->body,
		.too_much = transfer->too_much,
	};
	struct pod_answer answer = {.status = transfer->status, .retry_after_ms = -1};
	curl_off_t retry_after_s = 0;

	pod_fault_text(&fault, answer.message);
	if (!curl_easy_getinfo(transfer->easy, CURLINFO_RETRY_AFTER, &retry_after_s) &&
	    retry_after_s > 0)
		answer.retry_after_ms = retry_after_s * 1000.0;
	end_request(transfer);
	pod_feed_done(transfer->feed, &answer);
}

static int start(void *context, const char *path, double timeout_ms, char *error)
{
	struct pod_transfer *transfer = context;
	int r = cluster_access_get(&transfer->access, path, &transfer->easy, &transfer->headers,
				   error);
	CURL *easy = transfer->easy;

	if (r)
		return r;
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->detail);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
	return curl_loop_start(transfer->loop, easy);
}

static void stop(void *context)
{
	struct pod_transfer *transfer = context;

	curl_loop_stop(transfer->loop);
	sd_event_source_set_enabled(transfer->timer, SD_EVENT_OFF);
	end_request(transfer);
}

static void transfer_free(void *context)
{
	struct pod_transfer *transfer = context;

	curl_loop_free(transfer->loop);
	end_request(transfer);
	buffer_done(&transfer->body);
	sd_event_source_disable_unref(transfer->timer);
	sd_event_unref(transfer->event);
	cluster_access_done(&transfer->access);
	free(transfer);
}

static int set_up(struct pod_transfer *transfer)
{
	int r = curl_loop_new(transfer->event, on_done, transfer, &transfer->loop);

	return r ? r : event_add_timer(transfer->event, on_timer, transfer, &transfer->timer);
}

int pod_transfer_new(sd_event *event, struct cluster_access *access, struct pod_driver *ret_driver)
{
	struct pod_transfer *transfer = calloc(1, sizeof(*transfer));
	int r;

	if (!transfer) {
		cluster_access_done(access);
		return -ENOMEM;
	}
	transfer->access = *access;
	transfer->event = sd_event_ref(event);
	r = set_up(transfer);
	if (r < 0) {
		transfer_free(transfer);
		return r;
	}
	*ret_driver = (struct pod_driver){
		.attach = attach,
		.now_ms = now_ms,
		.random01 = chance,
		.arm = arm,
		.start = start,
		.stop = stop,
		.free = transfer_free,
		.context = transfer,
		.server = transfer->access.server,
	};
	return 0;
}
