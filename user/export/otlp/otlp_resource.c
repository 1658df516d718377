/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* By the messages of the metrics signal: those of the others are the same on the wire. */
#include "export/otlp/otlp_resource.h"

#include "export/otlp/otlp_wire.h"
#include "proto/otlp_metrics.pb-c.h"

#define RESOURCE_METRICS_RESOURCE 1
#define RESOURCE_METRICS_SCOPE_METRICS 2
#define RESOURCE_ATTRIBUTES 1

static void add_resource(struct buffer *request, const struct attributes *attributes)
{
	Otlp__Resource left_out = OTLP__RESOURCE__INIT;
	size_t resource = wire_open(request, RESOURCE_METRICS_RESOURCE);

	for (size_t i = 0; i < attributes->nr; i++)
		wire_attribute(request, RESOURCE_ATTRIBUTES, &attributes->items[i]);
	left_out.dropped_attributes_count = attributes->nr_left_out;
	wire_fields(request, &left_out.base);
	wire_close(request, resource);
}

void otlp_resource_open(struct buffer *request, const struct attributes *attributes,
			struct otlp_resource *ret_open)
{
	Otlp__InstrumentationScope scope = OTLP__INSTRUMENTATION_SCOPE__INIT;
	Otlp__ResourceMetrics resource_metrics = OTLP__RESOURCE_METRICS__INIT;
	Otlp__ScopeMetrics scope_metrics = OTLP__SCOPE_METRICS__INIT;

	ret_open->resource = wire_open(request, OTLP_REQUEST_RESOURCES);
	resource_metrics.schema_url = OTLP_SCHEMA_URL;
	wire_fields(request, &resource_metrics.base);
	add_resource(request, attributes);
	ret_open->scope = wire_open(request, RESOURCE_METRICS_SCOPE_METRICS);
	scope.name = OTLP_SCOPE_NAME;
	scope.version = LOOPSCOPE_VERSION;
	scope_metrics.scope = &scope;
	scope_metrics.schema_url = OTLP_SCHEMA_URL;
	wire_fields(request, &scope_metrics.base);
}

void otlp_resource_close(struct buffer *request, struct otlp_resource *open)
{
	if (!open->resource)
		return;
	wire_close(request, open->scope);
	wire_close(request, open->resource);
	*open = (struct otlp_resource){};
}
