/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reads PEM files; whether they fit each other is for the TLS library to say. */
#include "export/prometheus/http_tls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"

#define MAX_PEM_BYTES ((size_t)1 << 20)

static void wipe(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

static int read_up_to(int fd, char *text, size_t size, size_t *ret_length)
{
	size_t length = 0;
	ssize_t n;

	while (length < size) {
		n = read(fd, text + length, size - length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		length += (size_t)n;
	}
	*ret_length = length;
	return 0;
}

static int read_pem(const char *path, char **ret_text)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	_cleanup_(freep) char *text = NULL;
	struct stat status;
	size_t length = 0;
	int err;

	if (fd < 0 || fstat(fd, &status))
		return -errno;
	if (!S_ISREG(status.st_mode))
		return S_ISDIR(status.st_mode) ? -EISDIR : -EINVAL;
	if (status.st_size > (off_t)MAX_PEM_BYTES)
		return -EFBIG;
	text = calloc(1, MAX_PEM_BYTES + 1);
	if (!text)
		return -ENOMEM;
	err = read_up_to(fd, text, MAX_PEM_BYTES, &length);
	if (err)
		return err;
	*ret_text = strdup(text);
	explicit_bzero(text, length);
	return *ret_text ? 0 : -ENOMEM;
}

/* One of the two files; what does not look like PEM is refused before the library sees it. */
static int load(const char *what, const char *path, char **ret_text,
		char error[HTTP_SERVER_ERROR_LEN])
{
	int err = read_pem(path, ret_text);

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
