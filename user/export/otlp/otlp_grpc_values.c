/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Percent-encoded texts, and protobuf in base64. Both are a stranger's. */
#include "export/otlp/otlp_grpc_values.h"

#include <errno.h>
#include <string.h>

#include "base/buffer.h"
#include "base/percent.h"
#include "proto/otlp_status.pb-c.h"

#define TYPE_RETRY_INFO "google.rpc.RetryInfo"

void otlp_decode_percent(char *text)
{
	char *to = text;

	while (*text) {
		int byte = percent_byte(text);

		*to++ = byte < 0 ? *text : ((char)byte ?: '?');
		text += byte < 0 ? 1 : 3;
	}
	*to = '\0';
}

static int base64_digit(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Padded or not. -EBADMSG. */
static int decode_base64(const char *text, struct buffer *out)
{
	unsigned int bits = 0, nr_bits = 0;

	for (; *text && *text != '='; text++) {
		int digit = base64_digit(*text);
		unsigned char byte;

		if (digit < 0)
			return -EBADMSG;
		bits = bits << 6 | (unsigned int)digit;
		nr_bits += 6;
		if (nr_bits < 8)
			continue;
		nr_bits -= 8;
		byte = bits >> nr_bits;
		if (buffer_append(out, &byte, 1))
			return out->error;
	}
	return text[strspn(text, "=")] ? -EBADMSG : 0;
}

static double delay_of(const OtlpStatus__Any *detail)
{
	OtlpStatus__RetryInfo *info =
		otlp_status__retry_info__unpack(NULL, detail->value.len, detail->value.data);
	double delay_ms = -1;

	if (!info)
		return -1;
	if (!info->retry_delay)
		delay_ms = 0;
	else if (info->retry_delay->seconds >= 0 && info->retry_delay->nanos >= 0)
		delay_ms = info->retry_delay->seconds * 1e3 + info->retry_delay->nanos / 1e6;
	otlp_status__retry_info__free_unpacked(info, NULL);
	return delay_ms;
}

double otlp_retry_info_ms(const char *header)
{
	struct buffer bytes = {};
	OtlpStatus__Status *status = NULL;
	double delay_ms = -1;

	if (header && decode_base64(header, &bytes) == 0)
		status = otlp_status__status__unpack(NULL, bytes.size, bytes.data);
	for (size_t i = 0; status && i < status->n_details; i++) {
		const char *type = status->details[i]->type_url, *slash = strrchr(type, '/');

		if (strcmp(slash ? slash + 1 : type, TYPE_RETRY_INFO) == 0)
			delay_ms = delay_of(status->details[i]);
	}
	if (status)
		otlp_status__status__free_unpacked(status, NULL);
	buffer_done(&bytes);
	return delay_ms;
}
