/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The pages. /metrics and /debug/loops are encoded at once, compressed, and sent
 * from there: figures are not needed after that, however slowly a client reads.
 */
#include "export/prometheus/http_pages.h"

#include <string.h>

#include "base/cleanup.h"
#include "export/prometheus/accept.h"
#include "export/prometheus/exposition.h"
#include "export/prometheus/http_auth.h"
#include "export/prometheus/http_body.h"
#include "export/loops_json.h"

#define MAX_BODIES 4 /* held for clients at a time */
#define NO_SUCH_METHOD "GET or HEAD, please\n"
#define TEXT_TYPE "text/plain; charset=utf-8"

/* What to answer: a status, and a fixed text or, if there is one, a body. */
struct answer {
	unsigned int status;
	const char *type;
	const char *text;
	struct gzip_body *body;
};

struct request {
	struct http_pages *pages;
	struct MHD_Connection *connection;
	bool head;
	bool closing; /* the connection ends with the answer */
};

typedef struct answer (*page_fn)(const struct request *request);

static struct answer plain(unsigned int status, const char *text)
{
	return (struct answer){.status = status, .type = TEXT_TYPE, .text = text};
}

static const char *header_of(const struct request *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

static struct answer index_page(const struct request *request)
{
	(void)request;
	return (struct answer){
		.status = MHD_HTTP_OK,
		.type = "text/html; charset=utf-8",
		.text = "<!DOCTYPE html>\n<title>loopscope</title>\n<h1>loopscope "
			"agent</h1>\n<ul>\n"
			"<li><a href=\"metrics\">/metrics</a>: for Prometheus\n"
			"<li><a href=\"debug/loops\">/debug/loops</a>: every loop, as JSON\n"
			"<li><a href=\"healthz\">/healthz</a>: whether the agent works\n"
			"<li><a href=\"readyz\">/readyz</a>: whether its figures are complete\n"
			"</ul>\n",
	};
}

static struct answer healthz_page(const struct request *request)
{
	const struct http_server_callbacks *callbacks = &request->pages->callbacks;

	if (callbacks->healthy(callbacks->context))
		return plain(MHD_HTTP_OK, "ok\n");
	return plain(MHD_HTTP_SERVICE_UNAVAILABLE, "the agent does not read its records\n");
}

static struct answer readyz_page(const struct request *request)
{
	const struct http_server_callbacks *callbacks = &request->pages->callbacks;

	if (callbacks->ready(callbacks->context))
		return plain(MHD_HTTP_OK, "ok\n");
	return plain(MHD_HTTP_SERVICE_UNAVAILABLE, "no interval is complete yet\n");
}

/* The figures, if there are any and room for what is made of them. */
static const struct figures *figures_for(const struct request *request, struct answer *ret_refusal)
{
	const struct http_server_callbacks *callbacks = &request->pages->callbacks;
	const struct figures *figures;

	if (request->pages->nr_bodies >= MAX_BODIES) {
		*ret_refusal = plain(MHD_HTTP_SERVICE_UNAVAILABLE,
				     "too many clients are reading; try again later\n");
		return NULL;
	}
	figures = callbacks->figures(callbacks->context);
	if (!figures)
		*ret_refusal = plain(MHD_HTTP_SERVICE_UNAVAILABLE, "there are no figures yet\n");
	return figures;
}

static int write_body(const void *data, size_t size, void *body)
{
	return gzip_body_write(body, data, size);
}

static struct answer finished(struct gzip_body **body, int err, const char *type)
{
	if (!err)
		err = gzip_body_finish(*body);
	if (err)
		return plain(MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory\n");
	return (struct answer){.status = MHD_HTTP_OK, .type = type, .body = TAKE_PTR(*body)};
}

static struct answer metrics_page(const struct request *request)
{
	const struct prometheus_settings *settings = request->pages->settings;
	const struct exposition_options options = {
		.format = exposition_negotiate(header_of(request, "Accept")),
		.bounds_ms = settings->histogram_bounds_ms,
		.nr_bounds = settings->nr_histogram_bounds,
		.labels = &settings->labels,
	};
	_cleanup_(gzip_body_freep) struct gzip_body *body = NULL;
	struct answer refusal;
	const struct figures *figures = figures_for(request, &refusal);
	int err;

	if (!figures)
		return refusal;
	err = gzip_body_new(&body);
	if (!err)
		err = exposition_encode(figures, &options, write_body, body);
	if (!err && !request->head)
		request->pages->scrapes++;
	return finished(&body, err, exposition_content_type(options.format));
}

static struct answer loops_page(const struct request *request)
{
	_cleanup_(gzip_body_freep) struct gzip_body *body = NULL;
	_cleanup_(buffer_done) struct buffer json = {};
	struct answer refusal;
	const struct figures *figures = figures_for(request, &refusal);
	int err;

	if (!figures)
		return refusal;
	err = gzip_body_new(&body);
	if (!err)
		err = loops_json_encode(figures, &json);
	if (!err)
		err = gzip_body_write(body, json.data, json.size);
	return finished(&body, err, "application/json");
}

/* Probes carry no credentials, and learn nothing but yes or no. */
static const struct page {
	const char *path;
	page_fn answer;
	bool open;
} pages_by_path[] = {
	{"/", index_page, false},
	{"/metrics", metrics_page, false},
	{"/debug/loops", loops_page, false},
	{"/healthz", healthz_page, true},
	{"/readyz", readyz_page, true},
};

static const struct page *find_page(const char *path)
{
	for (size_t i = 0; i < sizeof(pages_by_path) / sizeof(pages_by_path[0]); i++) {
		if (!strcmp(pages_by_path[i].path, path))
			return &pages_by_path[i];
	}
	return NULL;
}

static enum MHD_Result send_answer(const struct request *request, const struct answer *answer)
{
	struct MHD_Response *response;
	enum MHD_Result result;

	if (answer->body)
		response = http_body_response(answer->body, request->connection,
					      &request->pages->nr_bodies);
	else
		response = MHD_create_response_from_buffer(
			strlen(answer->text), (void *)answer->text, MHD_RESPMEM_PERSISTENT);
	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, "Content-Type", answer->type);
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	if (answer->status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, "Allow", "GET, HEAD");
	if (answer->status == MHD_HTTP_UNAUTHORIZED)
		MHD_add_response_header(response, "WWW-Authenticate",
					"Basic realm=\"loopscope\", charset=\"UTF-8\"");
	if (request->closing)
		MHD_add_response_header(response, "Connection", "close");
	result = MHD_queue_response(request->connection, answer->status, response);
	MHD_destroy_response(response);
	return result;
}

static bool method_allowed(const char *method)
{
	return !strcmp(method, MHD_HTTP_METHOD_GET) || !strcmp(method, MHD_HTTP_METHOD_HEAD);
}

enum MHD_Result http_pages_answer(struct http_pages *pages, struct MHD_Connection *connection,
				  const char *method, const char *path)
{
	struct request request = {
		.pages = pages,
		.connection = connection,
		.head = !strcmp(method, MHD_HTTP_METHOD_HEAD),
	};
	const struct page *page = find_page(path);
	struct answer answer;

	/* credentials first: without them not even what exists is told */
	if (!(page && page->open) && !http_auth_allows(pages->settings, connection))
		answer = plain(MHD_HTTP_UNAUTHORIZED, "user name and password, please\n");
	else if (!page)
		answer = plain(MHD_HTTP_NOT_FOUND, "no such page; see /\n");
	else if (!method_allowed(method))
		answer = plain(MHD_HTTP_METHOD_NOT_ALLOWED, NO_SUCH_METHOD);
	else
		answer = page->answer(&request);
	return send_answer(&request, &answer);
}

enum MHD_Result http_pages_refuse_body(struct MHD_Connection *connection, const char *method)
{
	struct request request = {.connection = connection, .closing = true};
	struct answer answer = plain(MHD_HTTP_CONTENT_TOO_LARGE, "no body, please\n");

	if (!method_allowed(method))
		answer = plain(MHD_HTTP_METHOD_NOT_ALLOWED, NO_SUCH_METHOD);
	return send_answer(&request, &answer);
}
