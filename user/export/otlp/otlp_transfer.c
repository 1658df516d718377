/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The OTLP client's real driver: sd-event's clock and timer, and libcurl. It owns
 * the handle, the response of the attempt under way and the texts to be hidden.
 */
#include "export/otlp/otlp_driver.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/curl_loop.h"
#include "base/event_time.h"
#include "export/otlp/otlp_easy.h"
#include "export/otlp/otlp_fault.h"
#include "export/otlp/otlp_message.h"

#define CONNECT_TIMEOUT_MS 5000.0 /* then it is tried again, if there is time */

struct otlp_transfer {
	const struct otlp_settings *settings;
	struct otlp_client *client;
	sd_event *event;
	sd_event_source *timer;
	struct curl_loop *loop;
	CURL *easy;
	struct curl_slist *headers; /* of the attempt under way */
	struct otlp_response response;
	struct text_list secrets;
	char curl_error[CURL_ERROR_SIZE];
};

static void attach(void *context, struct otlp_client *client)
{
	struct otlp_transfer *transfer = context;

	transfer->client = client;
}

static double now_ms(void *context)
{
	return event_now_ms(((struct otlp_transfer *)context)->event);
}

static double chance(void *context)
{
	(void)context;
	return random01();
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct otlp_transfer *transfer = userdata;

	(void)source;
	(void)usec;
	otlp_client_wake(transfer->client);
	return 0;
}

static int arm(void *context, double delay_ms)
{
	return event_arm(((struct otlp_transfer *)context)->timer, delay_ms);
}

static size_t on_header(char *line, size_t size, size_t count, void *userdata)
{
	struct otlp_transfer *transfer = userdata;
	size_t length = size * count;

	return otlp_response_add_header(&transfer->response, line, length) ? 0 : length;
}

static size_t on_body(char *data, size_t size, size_t count, void *userdata)
{
	struct otlp_transfer *transfer = userdata;
	size_t length = size * count;

	return otlp_response_add_body(&transfer->response, data, length) ? 0 : length;
}

/*
 * A response that says enough is believed, even if the connection broke off in its
 * midst; one whose headers broke off is none, even if libcurl is content with it.
 */
static void judge(struct otlp_transfer *transfer, CURLcode code, struct otlp_verdict *verdict)
{
	const struct otlp_response *response = &transfer->response;
	bool grpc = transfer->settings->protocol == OTLP_GRPC;
	bool known = grpc ? otlp_grpc_known(response) : otlp_http_known(response);
	const struct otlp_fault fault = {
		.easy = transfer->easy,
		.code = code,
		.detail = transfer->curl_error,
		.response = response,
		.settings = transfer->settings,
	};

	if (!response->headers_ended || (code && !known))
		otlp_fault_judge(&fault, verdict);
	else if (grpc)
		otlp_grpc_judge(response, verdict);
	else
		otlp_http_judge(response, time(NULL), verdict);
	otlp_message_redact(verdict->message, &transfer->secrets);
}

static void end_attempt(struct otlp_transfer *transfer)
{
	otlp_response_done(&transfer->response);
	curl_slist_free_all(TAKE_PTR(transfer->headers));
}

static void on_done(CURLcode code, void *context)
{
	struct otlp_transfer *transfer = context;
	struct otlp_verdict verdict = {};
	curl_off_t sent = 0;

	judge(transfer, code, &verdict);
	if (!curl_easy_getinfo(transfer->easy, CURLINFO_SIZE_UPLOAD_T, &sent) && sent > 0)
		verdict.sent_bytes = sent;
	end_attempt(transfer);
	otlp_client_attempt_done(transfer->client, &verdict);
}

static int start(void *context, const struct buffer *body, double timeout_ms)
{
	struct otlp_transfer *transfer = context;
	double connect_ms = timeout_ms < CONNECT_TIMEOUT_MS ? timeout_ms : CONNECT_TIMEOUT_MS;
	CURL *easy = transfer->easy;

	end_attempt(transfer);
	transfer->response.signal = transfer->settings->signal;
	transfer->headers = otlp_headers_new(transfer->settings, timeout_ms);
	if (!transfer->headers)
		return -ENOMEM;
	transfer->curl_error[0] = '\0';
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body->data);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->size);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms);
	return curl_loop_start(transfer->loop, easy);
}

static void stop(void *context)
{
	struct otlp_transfer *transfer = context;

	curl_loop_stop(transfer->loop);
	sd_event_source_set_enabled(transfer->timer, SD_EVENT_OFF);
	end_attempt(transfer);
}

static void transfer_free(void *context)
{
	struct otlp_transfer *transfer = context;

	curl_loop_free(transfer->loop);
	curl_easy_cleanup(transfer->easy);
	end_attempt(transfer);
	text_list_done(&transfer->secrets);
	sd_event_source_disable_unref(transfer->timer);
	sd_event_unref(transfer->event);
	free(transfer);
}

static int set_up(struct otlp_transfer *transfer, char *error)
{
	int r = curl_loop_new(transfer->event, on_done, transfer, &transfer->loop);

	if (!r)
		r = otlp_easy_new(transfer->settings, &transfer->easy, error);
	if (!r)
		r = otlp_secrets_new(transfer->settings, &transfer->secrets);
	if (r)
		return r;
	curl_easy_setopt(transfer->easy, CURLOPT_ERRORBUFFER, transfer->curl_error);
	curl_easy_setopt(transfer->easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(transfer->easy, CURLOPT_HEADERDATA, transfer);
	curl_easy_setopt(transfer->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(transfer->easy, CURLOPT_WRITEDATA, transfer);
	return event_add_timer(transfer->event, on_timer, transfer, &transfer->timer);
}

int otlp_transfer_new(sd_event *event, const struct otlp_settings *settings,
		      struct otlp_driver *ret_driver, char error[OTLP_CLIENT_MESSAGE_LEN])
{
	struct otlp_transfer *transfer = calloc(1, sizeof(*transfer));
	int r;

	if (!transfer)
		return -ENOMEM;
	transfer->settings = settings;
	transfer->event = sd_event_ref(event);
	r = set_up(transfer, error);
	if (r < 0) {
		transfer_free(transfer);
		return r;
	}
	*ret_driver = (struct otlp_driver){
		.attach = attach,
		.now_ms = now_ms,
		.random01 = chance,
		.arm = arm,
		.start = start,
		.stop = stop,
		.free = transfer_free,
		.context = transfer,
	};
	return 0;
}
