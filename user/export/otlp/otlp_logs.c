/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Log records as protobuf, written straight into the request. One with which the request would be
 * too large is taken back, the request is handed over, and the record begins the next one.
 */
#include "export/otlp/otlp_logs.h"

#include <errno.h>

#include "export/otlp/otlp_resource.h"
#include "export/otlp/otlp_wire.h"
#include "proto/otlp_logs.pb-c.h"

#define LOG_RECORD_BODY 5
#define LOG_RECORD_ATTRIBUTES 6

struct log_writer {
	size_t max_bytes;
	otlp_request_fn callback;
	void *context;
	struct buffer request;
	struct otlp_resource open;
	size_t nr_records; /* in the request */
};

static void add_record(struct buffer *request, const struct log_record *record)
{
	const struct attribute stacktrace =
		ATTRIBUTE_OF_TEXT("code.stacktrace", record->stacktrace);
	Otlp__LogRecord message = OTLP__LOG_RECORD__INIT;
	size_t opened = wire_open(request, OTLP_SCOPE_ITEMS);

	message.time_unix_nano = record->time_unix_ns;
	message.observed_time_unix_nano = record->observed_unix_ns;
	message.severity_number = (int32_t)record->severity;
	message.severity_text = (char *)log_severity_text(record->severity);
	message.event_name = (char *)record->event_name;
	wire_fields(request, &message.base);
	wire_text(request, LOG_RECORD_BODY, record->body);
	for (size_t i = 0; i < record->attributes.nr; i++)
		wire_attribute(request, LOG_RECORD_ATTRIBUTES, &record->attributes.items[i]);
	if (record->stacktrace)
		wire_attribute(request, LOG_RECORD_ATTRIBUTES, &stacktrace);
	wire_close(request, opened);
}

static int hand_over(struct log_writer *writer)
{
	struct buffer request;
	int err = 0;

	otlp_resource_close(&writer->request, &writer->open);
	request = writer->request;
	writer->request = (struct buffer){};
	if (writer->nr_records)
		err = request.error
			      ?: writer->callback(&request, writer->nr_records, writer->context);
	buffer_done(&request);
	writer->nr_records = 0;
	return err;
}

/* Messages still open take up no more room once they are closed: the size is an upper bound. */
static int add(struct log_writer *writer, const struct attributes *resource,
	       const struct log_record *record)
{
	const struct otlp_resource open = writer->open;
	size_t size = writer->request.size;
	int err;

	if (!writer->open.resource)
		otlp_resource_open(&writer->request, resource, &writer->open);
	add_record(&writer->request, record);
	if (writer->request.error)
		return writer->request.error;
	if (writer->request.size <= writer->max_bytes) {
		writer->nr_records++;
		return 0;
	}
	writer->request.size = size;
	writer->open = open;
	if (!writer->nr_records)
		return -EMSGSIZE;
	err = hand_over(writer);
	return err ?: add(writer, resource, record);
}

static int add_group(struct log_writer *writer, const struct log_group *group)
{
	int err = 0;

	for (size_t i = 0; i < group->nr_records && !err; i++)
		err = add(writer, group->resource, group->records[i]);
	otlp_resource_close(&writer->request, &writer->open);
	return err;
}

int otlp_encode_logs(const struct log_group *groups, size_t nr_groups, size_t max_request_bytes,
		     otlp_request_fn callback, void *context)
{
	struct log_writer writer = {
		.max_bytes = max_request_bytes,
		.callback = callback,
		.context = context,
	};
	int err = 0, last;

	for (size_t i = 0; i < nr_groups && !err; i++)
		err = add_group(&writer, &groups[i]);
	if (err && err != -EMSGSIZE) {
		buffer_done(&writer.request);
		return err;
	}
	last = hand_over(&writer);
	return err ?: last;
}
