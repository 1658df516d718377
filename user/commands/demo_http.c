/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The parser walks over spans of the head, which hold any byte, NUL too. It
 * gives up on a connection rather than guess where the next request begins.
 */
#include "commands/demo_http.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

struct span {
	const char *start;
	size_t length;
};

static bool span_is(struct span span, const char *text)
{
	return span.length == strlen(text) && memcmp(span.start, text, span.length) == 0;
}

static bool span_is_nocase(struct span span, const char *text)
{
	return span.length == strlen(text) && strncasecmp(span.start, text, span.length) == 0;
}

/* Cuts off what is before the separator, which goes too; all of it if there is none. */
static struct span span_cut(struct span *rest, char separator)
{
	const char *end = memchr(rest->start, separator, rest->length);
	struct span first = {rest->start, end ? (size_t)(end - rest->start) : rest->length};
	size_t taken = first.length + (end ? 1 : 0);

	rest->start += taken;
	rest->length -= taken;
	return first;
}

static struct span span_trim(struct span span)
{
	while (span.length && strchr(" \t", span.start[0]) && span.start[0])
		span = (struct span){span.start + 1, span.length - 1};
	while (span.length && strchr(" \t\r", span.start[span.length - 1]) &&
	       span.start[span.length - 1])
		span.length--;
	return span;
}

/* The characters of a method or a header's name. */
static bool is_token(struct span span)
{
	static const char allowed[] = "!#$%&'*+-.^_`|~0123456789"
				      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

	for (size_t i = 0; i < span.length; i++) {
		if (!span.start[i] || !strchr(allowed, span.start[i]))
			return false;
	}
	return span.length > 0;
}

/* The head's length with the empty line at its end, or 0. */
static size_t head_length(const char *data, size_t size)
{
	for (size_t i = 0; i + 1 < size; i++) {
		if (data[i] != '\n')
			continue;
		if (data[i + 1] == '\n')
			return i + 2;
		if (data[i + 1] == '\r' && i + 2 < size && data[i + 2] == '\n')
			return i + 3;
	}
	return 0;
}

static int parse_version(struct span version, struct http_request *request)
{
	request->keep_alive = span_is(version, "HTTP/1.1");
	if (request->keep_alive || span_is(version, "HTTP/1.0"))
		return 200;
	return version.length > 5 && memcmp(version.start, "HTTP/", 5) == 0 ? 505 : 400;
}

/* `GET /path?query HTTP/1.1` */
static int parse_request_line(struct span line, struct http_request *request)
{
	struct span method = span_cut(&line, ' '), target = span_cut(&line, ' ');
	struct span path = target;
	int status = parse_version(span_trim(line), request);

	if (status != 200)
		return status;
	if (!is_token(method) || !target.length || target.start[0] != '/')
		return 400;
	request->head = span_is(method, "HEAD");
	if (!request->head && !span_is(method, "GET"))
		return 405;
	path = span_cut(&path, '?');
	if (path.length >= sizeof(request->path))
		return 414;
	if (memchr(path.start, '\0', path.length))
		return 400;
	memcpy(request->path, path.start, path.length);
	return 200;
}

static bool parse_length(struct span value, size_t *ret_length)
{
	size_t length = 0;

	for (size_t i = 0; i < value.length; i++) {
		if (value.start[i] < '0' || value.start[i] > '9' || length > HTTP_MAX_BODY)
			return false;
		length = length * 10 + (value.start[i] - '0');
	}
	*ret_length = length;
	return value.length > 0 && length <= HTTP_MAX_BODY;
}

static void parse_connection(struct span value, struct http_request *request)
{
	while (value.length) {
		struct span option = span_trim(span_cut(&value, ','));

		if (span_is_nocase(option, "close"))
			request->keep_alive = false;
		else if (span_is_nocase(option, "keep-alive"))
			request->keep_alive = true;
	}
}

/* False if it is no header, or if it leaves the body's end in doubt: *status says why. */
static bool parse_header(struct span line, struct http_request *request, bool *has_length,
			 int *status)
{
	bool has_colon = memchr(line.start, ':', line.length);
	struct span name = span_cut(&line, ':'), value = span_trim(line);
	size_t length;

	*status = 400;
	if (!has_colon || !is_token(name))
		return false;
	if (span_is_nocase(name, "connection"))
		parse_connection(value, request);
	if (span_is_nocase(name, "transfer-encoding")) {
		*status = 501;
		return false;
	}
	if (span_is_nocase(name, "content-length")) {
		if (!parse_length(value, &length) || (*has_length && length != request->body_bytes))
			return false;
		request->body_bytes = length;
		*has_length = true;
	}
	return true;
}

static void refuse(struct http_request *request, int status)
{
	*request = (struct http_request){.status = status};
}

static void parse_head(struct span head, struct http_request *request)
{
	bool has_length = false;
	int status;

	request->status = parse_request_line(span_trim(span_cut(&head, '\n')), request);
	if (request->status != 200 && request->status != 405) {
		refuse(request, request->status);
		return;
	}
	while (head.length) {
		struct span line = span_cut(&head, '\n');

		if (!span_trim(line).length)
			break;
		if (!parse_header(line, request, &has_length, &status)) {
			refuse(request, status);
			return;
		}
	}
	if (request->status != 200)
		request->path[0] = '\0';
}

size_t http_parse_request(const char *data, size_t size, struct http_request *ret_request)
{
	struct http_request request = {.status = 200};
	size_t skipped = 0, length;

	/* empty lines before a request are to be ignored */
	while (skipped < size && (data[skipped] == '\r' || data[skipped] == '\n'))
		skipped++;
	length = head_length(data + skipped, size - skipped);
	if (length) {
		parse_head((struct span){data + skipped, length}, &request);
	} else if (skipped < size && !is_token((struct span){data + skipped, 1})) {
		refuse(&request, 400); /* TLS, say: it would wait for an answer for ever */
		length = size - skipped;
	} else if (size >= HTTP_MAX_HEAD) {
		refuse(&request, 431);
		length = size - skipped;
	} else {
		return 0;
	}
	*ret_request = request;
	return skipped + length;
}

static const char *status_words(int status)
{
	static const struct {
		int status;
		const char *words;
	} known[] = {
		{200, "OK"},
		{400, "Bad Request"},
		{404, "Not Found"},
		{405, "Method Not Allowed"},
		{414, "URI Too Long"},
		{431, "Request Header Fields Too Large"},
		{501, "Not Implemented"},
		{505, "HTTP Version Not Supported"},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i].status == status)
			return known[i].words;
	}
	return "Unknown";
}

size_t http_format_response(char *buffer, size_t size, const struct http_request *request,
			    const char *text)
{
	const char *words = status_words(request->status), *body = text ? text : words;
	int length;

	length = snprintf(buffer, size,
			  "HTTP/1.1 %d %s\r\n"
			  "Content-Type: text/plain; charset=utf-8\r\n"
			  "Content-Length: %zu\r\n"
			  "Connection: %s\r\n"
			  "%s"
			  "\r\n"
			  "%s%s",
			  request->status, words, strlen(body) + 1,
			  request->keep_alive ? "keep-alive" : "close",
			  request->status == 405 ? "Allow: GET, HEAD\r\n" : "",
			  request->head ? "" : body, request->head ? "" : "\n");
	return length < 0 || (size_t)length >= size ? 0 : (size_t)length;
}
