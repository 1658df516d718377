/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Percent-encoded texts, and protobuf in base64. Both are a stranger's. */
#include "export/otlp/otlp_grpc_values.h"

#include <string.h>

#include "base/base64.h"
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

	if (header && base64_decode(header, &bytes) == 0)
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
