/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Failures in words. What the server says is shown, but a token that it repeats is not. */
#include "identity/kubernetes/pod_fault.h"

#include <jansson.h>
#include <stdarg.h>
#include <string.h>

#include "base/utf8.h"
#include "base/whole_file.h"

#define MAX_TOKEN (64UL * 1024)
#define MAX_SAID 300 /* bytes of what the server says */
#define MIN_SECRET 8 /* bytes; what is shorter is found everywhere */
#define BLANKS " \t\r\n"

void pod_watch_text(char text[POD_WATCH_ERROR_LEN], const char *format, ...)
{
	_cleanup_(freep) char *raw = NULL, *repaired = NULL;
	const char *valid;
	va_list arguments;
	size_t length;
	int r;

	text[0] = '\0';
	va_start(arguments, format);
	r = vasprintf(&raw, format, arguments);
	va_end(arguments);
	if (r < 0) {
		raw = NULL;
		return;
	}
	valid = utf8_text(raw, &repaired);
	if (!valid)
		return;
	length = utf8_cut(valid, strlen(valid), POD_WATCH_ERROR_LEN - 1);
	for (size_t i = 0; i < length; i++)
		text[i] = (unsigned char)valid[i] < ' ' || valid[i] == 0x7f ? '?' : valid[i];
	text[length] = '\0';
}

/* A Status object's message, or text that is none. Owned; NULL: none. */
static char *said_by_server(const struct buffer *body)
{
	json_t *object =
		json_loadb((const char *)body->data, body->size, JSON_DISABLE_EOF_CHECK, NULL);
	const char *message = json_string_value(json_object_get(object, "message"));
	const char *text = message ?: (const char *)body->data;
	size_t length = message ? strlen(message) : body->size;
	char *copy;

	while (length && strchr(BLANKS, text[length - 1]))
		length--;
	copy = length ? strndup(text, length) : NULL;
	json_decref(object);
	return copy;
}

static void mask(char *text, const char *secret, size_t length)
{
	char *at;

	if (length < MIN_SECRET)
		return;
	while ((at = memmem(text, strlen(text), secret, length))) {
		memset(at, '*', 3);
		memmove(at + 3, at + length, strlen(at + length) + 1);
	}
}

static void mask_token(char *text, const struct cluster_access *access)
{
	char *token;
	size_t size;

	mask(text, access->token, strlen(access->token));
	if (!*access->token_file || whole_file_read(access->token_file, MAX_TOKEN, &token, &size))
		return;
	while (size && strchr(BLANKS, token[size - 1]))
		size--;
	mask(text, token, size);
	explicit_bzero(token, size);
	free(token);
}

static void status_text(const struct pod_fault *fault, char *ret_text)
{
	_cleanup_(freep) char *said = fault->body->size ? said_by_server(fault->body) : NULL;

	if (said)
		mask_token(said, fault->access);
	if (fault->status >= 300 && fault->status < 400)
		pod_watch_text(ret_text, "HTTP %ld, a redirect, which is not followed",
			       fault->status);
	else
		pod_watch_text(ret_text, "HTTP %ld%s%.*s", fault->status, said ? ": " : "",
			       said ? (int)utf8_cut(said, strlen(said), MAX_SAID) : 0, said ?: "");
}

void pod_fault_text(const struct pod_fault *fault, char ret_text[POD_WATCH_ERROR_LEN])
{
	if (fault->status && fault->status != 200)
		status_text(fault, ret_text);
	else if (fault->too_much)
		pod_watch_text(ret_text, "the headers of the answer are too long");
	else if (fault->code == CURLE_OPERATION_TIMEDOUT)
		pod_watch_text(ret_text, fault->status ? "the answer did not end in time"
						       : "no answer in time");
	else if (fault->code == CURLE_PEER_FAILED_VERIFICATION)
		pod_watch_text(ret_text, "the server's certificate is not trusted: %s",
			       *fault->detail ? fault->detail : curl_easy_strerror(fault->code));
	else if (fault->code)
		pod_watch_text(ret_text, "%s",
			       *fault->detail ? fault->detail : curl_easy_strerror(fault->code));
	else if (!fault->status)
		pod_watch_text(ret_text, "the server does not speak HTTP");
	else
		ret_text[0] = '\0';
}
