/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The headers of OTLP requests: the protocol's, and those that the settings add. */
#include "export/otlp/otlp_easy.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "export/otlp/otlp_message.h"
#include "export/otlp/otlp_verdict.h"

#define USER_AGENT "OTel-loopscope/" LOOPSCOPE_VERSION

/* They say what the body is: another value would be a lie. */
static const char *const reserved[] = {
	"content-type",   "content-encoding",
	"content-length", "transfer-encoding",
	"connection",     "te",
	"expect",         "grpc-encoding",
	"grpc-timeout",   "grpc-accept-encoding",
};

/* RFC 9110's token */
static bool is_token(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789!#$%&'*+-.^_`|~";

	return *name && !name[strspn(name, allowed)];
}

static bool is_value(const char *value)
{
	for (; *value; value++) {
		if (((unsigned char)*value < ' ' && *value != '\t') || *value == 0x7f)
			return false;
	}
	return true;
}

static bool is_reserved(const char *name)
{
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
		if (strcasecmp(name, reserved[i]) == 0)
			return true;
	}
	return false;
}

int otlp_headers_check(const struct text_pairs *headers, char error[OTLP_CLIENT_MESSAGE_LEN])
{
	for (size_t i = 0; i < headers->nr; i++) {
		const char *name = headers->items[i].key;

		if (!is_token(name))
			otlp_message_set(error,
					 "header %zu has a name that is not a token: use "
					 "letters, digits and hyphens",
					 i + 1);
		else if (!is_value(headers->items[i].value))
			otlp_message_set(error,
					 "the value of header %.100s holds a line break or "
					 "another control character: remove it",
					 name);
		else if (is_reserved(name))
			otlp_message_set(
				error, "header %.100s is set by loopscope itself: remove it", name);
		else
			continue;
		return -EINVAL;
	}
	return 0;
}

struct slist {
	struct curl_slist *list;
	bool failed;
};

/* An empty value is written with a semicolon: libcurl takes "name:" for "leave it out". */
static void add(struct slist *slist, const char *name, const char *value)
{
	struct buffer line = {};
	struct curl_slist *list = NULL;

	buffer_append_text(&line, name);
	buffer_append_text(&line, *value ? ": " : ";");
	buffer_append_text(&line, value);
	buffer_append(&line, "", 1);
	if (!line.error)
		list = curl_slist_append(slist->list, (char *)line.data);
	if (list)
		slist->list = list;
	else
		slist->failed = true;
	buffer_done(&line);
}

static void add_grpc(struct slist *slist, const struct otlp_settings *settings, double timeout_ms)
{
	char timeout[GRPC_TIMEOUT_LEN];

	otlp_grpc_timeout(timeout_ms, timeout);
	add(slist, "content-type", "application/grpc");
	add(slist, "te", "trailers");
	add(slist, "grpc-timeout", timeout);
	add(slist, "grpc-accept-encoding", "identity,gzip");
	if (settings->gzip)
		add(slist, "grpc-encoding", "gzip");
}

struct curl_slist *otlp_headers_new(const struct otlp_settings *settings, double timeout_ms)
{
	struct slist slist = {};
	bool has_agent = false;

	if (settings->protocol == OTLP_GRPC) {
		add_grpc(&slist, settings, timeout_ms);
	} else {
		add(&slist, "content-type", "application/x-protobuf");
		if (settings->gzip)
			add(&slist, "content-encoding", "gzip");
	}
	for (size_t i = 0; i < settings->headers.nr; i++) {
		const struct text_pair *header = &settings->headers.items[i];

		has_agent |= strcasecmp(header->key, "user-agent") == 0;
		add(&slist, header->key, header->value);
	}
	if (!has_agent)
		add(&slist, "user-agent", USER_AGENT);
	curl_slist_append(slist.list, "expect:"); /* no round trip before the body */
	if (!slist.failed)
		return slist.list;
	curl_slist_free_all(slist.list);
	return NULL;
}
