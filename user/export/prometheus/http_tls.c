/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reads PEM files; whether they fit each other is for the TLS library to say. */
#include "export/prometheus/http_tls.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/whole_file.h"

#define MAX_PEM_BYTES ((size_t)1 << 20)

static void wipe(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

/* One of the two files; what does not look like PEM is refused before the library sees it. */
static int load(const char *what, const char *path, char **ret_text,
		char error[HTTP_SERVER_ERROR_LEN])
{
	size_t size;
	int err = whole_file_read(path, MAX_PEM_BYTES, ret_text, &size);

	if (err) {
		snprintf(error, HTTP_SERVER_ERROR_LEN, "%s %s: %s", what, path, strerror(-err));
		return err;
	}
	if (!strstr(*ret_text, "-----BEGIN ")) {
		snprintf(error, HTTP_SERVER_ERROR_LEN, "%s %s: not a PEM file", what, path);
		return -EINVAL;
	}
	return 0;
}

int http_tls_load(const struct prometheus_settings *settings, struct http_tls *ret_tls,
		  char error[HTTP_SERVER_ERROR_LEN])
{
	struct http_tls tls = {};
	int err;

	if (!*settings->certificate_file && !*settings->key_file) {
		*ret_tls = tls;
		return 0;
	}
	if (!*settings->certificate_file || !*settings->key_file) {
		snprintf(error, HTTP_SERVER_ERROR_LEN,
			 "TLS needs both a certificate and a key: the %s file is not given",
			 *settings->key_file ? "certificate" : "key");
		return -EINVAL;
	}
	err = load("certificate", settings->certificate_file, &tls.certificate, error);
	if (!err)
		err = load("key", settings->key_file, &tls.key, error);
	if (err)
		http_tls_done(&tls);
	else
		*ret_tls = tls;
	return err;
}

void http_tls_done(struct http_tls *tls)
{
	free(tls->certificate);
	wipe(tls->key);
	*tls = (struct http_tls){};
}
