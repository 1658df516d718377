/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How gRPC writes texts and messages into headers. Pure; private to the OTLP client. */
#ifndef LOOPSCOPE_OTLP_GRPC_VALUES_H
#define LOOPSCOPE_OTLP_GRPC_VALUES_H

/* grpc-message, in place. What is not well encoded stays as it is, as gRPC wants it. */
void otlp_decode_percent(char *text);

/*
 * The delay that google.rpc.RetryInfo in grpc-status-details-bin asks for. Negative: there is
 * none; `header` may be NULL.
 */
double otlp_retry_info_ms(const char *header);

#endif
