/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which format a client prefers. */
#include "export/prometheus/accept.h"
#include "export/prometheus/exposition.h"

#define OPENMETRICS_TYPE "application/openmetrics-text"
#define TEXT_TYPE "text/plain"
#define PROTOBUF_TYPE "application/vnd.google.protobuf"
#define PROTOBUF_MESSAGE "io.prometheus.client.MetricFamily"

static bool format_of(const struct accept_element *element, enum exposition_format *ret_format)
{
	if (accept_is(element, OPENMETRICS_TYPE) && accept_has(element, "version", "1.0.0", true)) {
		*ret_format = EXPOSITION_OPENMETRICS;
		return true;
	}
	if (accept_is(element, PROTOBUF_TYPE) &&
	    accept_has(element, "proto", PROTOBUF_MESSAGE, false) &&
	    accept_has(element, "encoding", "delimited", false)) {
		*ret_format = EXPOSITION_PROTOBUF;
		return true;
	}
	if ((accept_is(element, TEXT_TYPE) && accept_has(element, "version", "0.0.4", true)) ||
	    accept_is(element, "text/*") || accept_is(element, "*/*")) {
		*ret_format = EXPOSITION_TEXT;
		return true;
	}
	return false;
}

/* The text format is for whoever asks for nothing that there is: a person, mostly. */
enum exposition_format exposition_negotiate(const char *accept)
{
	enum exposition_format best = EXPOSITION_TEXT, format;
	struct accept_element element;
	unsigned int quality = 0;

	while (accept && accept_next(&accept, &element)) {
		if (element.quality > quality && format_of(&element, &format)) {
			best = format;
			quality = element.quality;
		}
	}
	return best;
}

const char *exposition_content_type(enum exposition_format format)
{
	switch (format) {
	case EXPOSITION_OPENMETRICS:
		return OPENMETRICS_TYPE "; version=1.0.0; charset=utf-8";
	case EXPOSITION_PROTOBUF:
		return PROTOBUF_TYPE "; proto=" PROTOBUF_MESSAGE "; encoding=delimited";
	case EXPOSITION_TEXT:
		break;
	}
	return TEXT_TYPE "; version=0.0.4; charset=utf-8";
}
