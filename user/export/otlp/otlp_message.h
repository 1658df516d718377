/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the OTLP client says of an export: one line for a log, made of texts that
 * may come from a stranger and may repeat a secret. Private to the OTLP client.
 */
#ifndef LOOPSCOPE_OTLP_MESSAGE_H
#define LOOPSCOPE_OTLP_MESSAGE_H

#include "config/settings/settings.h"
#include "export/otlp/otlp_client.h"

/* One line of valid UTF-8: control characters become '?', what does not fit is cut. */
void otlp_message_set(char message[OTLP_CLIENT_MESSAGE_LEN], const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The values of headers, and the passwords of endpoint and proxy: texts never to be shown. */
int otlp_secrets_new(const struct otlp_settings *settings, struct text_list *ret_secrets);

/* Replaces secrets, and any user and password of a URL, by "***". */
void otlp_message_redact(char message[OTLP_CLIENT_MESSAGE_LEN], const struct text_list *secrets);

#endif
