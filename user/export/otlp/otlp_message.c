/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Cleans what is said of an export. Secrets are known by their text, whoever repeats it. */
#include "export/otlp/otlp_message.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/utf8.h"
#include "base/curl_cleanup.h"

#define FORMATTED_MAX 2048 /* of the raw text */
#define SECRET_MIN 6       /* shorter words are no secrets, and would hide too much */

void otlp_message_set(char message[OTLP_CLIENT_MESSAGE_LEN], const char *format, ...)
{
	char raw[FORMATTED_MAX], repaired[UTF8_REPAIRED_LEN(FORMATTED_MAX)];
	va_list arguments;
	size_t length;

	va_start(arguments, format);
	vsnprintf(raw, sizeof(raw), format, arguments);
	va_end(arguments);
	for (char *c = raw; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	}
	utf8_repair(repaired, raw);
	length = utf8_cut(repaired, strlen(repaired), OTLP_CLIENT_MESSAGE_LEN - 1);
	memcpy(message, repaired, length);
	message[length] = '\0';
}

static int add_secret(struct text_list *secrets, const char *text, size_t length)
{
	return length < SECRET_MIN ? 0 : text_list_add_part(secrets, text, length);
}

/* The whole value, and each of its words: of "Bearer abcdef" a server may repeat the last. */
static int add_value(struct text_list *secrets, const char *value)
{
	int r = add_secret(secrets, value, strlen(value));

	while (!r && *value) {
		size_t length = strcspn(value, " ,;\t");
		bool scheme = length == 6 && strncasecmp(value, "Bearer", length) == 0;

		if (!scheme)
			r = add_secret(secrets, value, length);
		value += length;
		value += strspn(value, " ,;\t");
	}
	return r;
}

/* Of what is no URL, as libcurl would quote it: all up to the last `@`, and from the first `:`. */
static int add_userinfo(struct text_list *secrets, const char *text)
{
	const char *slashes = strstr(text, "//"), *start = slashes ? slashes + 2 : text;
	const char *at = strrchr(start, '@'), *colon = at ? memchr(start, ':', at - start) : NULL;
	int r;

	if (!at)
		return 0;
	r = add_secret(secrets, start, at - start);
	return r || !colon ? r : add_secret(secrets, colon + 1, at - colon - 1);
}

/* As it is written, percent-encoded, and as it is meant. */
static int add_password(struct text_list *secrets, const char *text)
{
	_cleanup_(curl_url_cleanupp) CURLU *url = curl_url();
	_cleanup_(curl_freep) char *raw = NULL, *decoded = NULL;
	int r;

	if (!url)
		return -ENOMEM;
	if (curl_url_set(url, CURLUPART_URL, text, CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME))
		return add_userinfo(secrets, text);
	if (curl_url_get(url, CURLUPART_PASSWORD, &raw, 0) ||
	    curl_url_get(url, CURLUPART_PASSWORD, &decoded, CURLU_URLDECODE))
		return 0; /* none */
	r = add_secret(secrets, raw, strlen(raw));
	return r ?: add_secret(secrets, decoded, strlen(decoded));
}

int otlp_secrets_new(const struct otlp_settings *settings, struct text_list *ret_secrets)
{
	struct text_list secrets = {};
	int r = add_password(&secrets, settings->endpoint);

	if (!r)
		r = add_password(&secrets, settings->proxy);
	for (size_t i = 0; !r && i < settings->headers.nr; i++)
		r = add_value(&secrets, settings->headers.items[i].value);
	if (r) {
		text_list_done(&secrets);
		return r;
	}
	*ret_secrets = secrets;
	return 0;
}

/* How much of `text` is the secret: all of it, or as much as there was room for at the end. */
static size_t secret_at(const char *text, const char *secret)
{
	size_t length = strlen(secret), rest = strnlen(text, length);

	if (rest < length && rest < SECRET_MIN)
		return 0;
	return memcmp(text, secret, rest) == 0 ? rest : 0;
}

static void hide(char message[OTLP_CLIENT_MESSAGE_LEN], size_t at, size_t length)
{
	size_t nr_stars = length < 3 ? length : 3;

	memset(message + at, '*', nr_stars);
	memmove(message + at + nr_stars, message + at + length, strlen(message + at + length) + 1);
}

/* "//user:password@" */
static size_t userinfo_at(const char *text)
{
	size_t length = strcspn(text, "/?# '\"");

	while (length && text[length - 1] != '@')
		length--;
	return length ? length - 1 : 0;
}

void otlp_message_redact(char message[OTLP_CLIENT_MESSAGE_LEN], const struct text_list *secrets)
{
	for (size_t i = 0; i < secrets->nr; i++) {
		for (size_t at = 0; message[at]; at++) {
			size_t length = secret_at(message + at, secrets->items[i]);

			if (length)
				hide(message, at, length);
		}
	}
	for (char *at = message; (at = strstr(at, "//")); at += 2) {
		size_t length = userinfo_at(at + 2);

		if (length)
			hide(message, at + 2 - message, length);
	}
}
