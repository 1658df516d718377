/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What all signals have alike: ResourceMetrics, ResourceLogs and ResourceProfiles hold a resource,
 * and of one scope what was measured, in fields of the same numbers.
 */
#ifndef LOOPSCOPE_OTLP_RESOURCE_H
#define LOOPSCOPE_OTLP_RESOURCE_H

#include "base/buffer.h"
#include "identity/attributes.h"

/* What both encodings say of the resource's attributes and of who measures. */
#define OTLP_SCHEMA_URL "https://opentelemetry.io/schemas/1.44.0"
#define OTLP_SCOPE_NAME "loopscope"

#define OTLP_REQUEST_RESOURCES 1 /* a request's field that they are in */
#define OTLP_SCOPE_ITEMS 2       /* a scope's field that metrics, log records or profiles are in */

/* Where messages that are open begin in the request; 0: not open. */
struct otlp_resource {
	size_t resource, scope;
};

/* What follows is of the resource, and goes into its scope, until it is closed. */
void otlp_resource_open(struct buffer *request, const struct attributes *attributes,
			struct otlp_resource *ret_open);

/* Nothing if it is not open. Never makes the buffer larger. */
void otlp_resource_close(struct buffer *request, struct otlp_resource *open);

#endif
