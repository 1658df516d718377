/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Log records as OTLP JSON: each is a request of its own, hence a line, as readers of logs like. */
#include <errno.h>

#include "base/json_values.h"
#include "export/otlp/otlp_json_values.h"
#include "export/otlp/otlp_logs.h"
#include "export/otlp/otlp_resource.h"

static json_t *text_value(const char *text)
{
	json_t *value = json_object();

	json_put(&value, "stringValue", json_text(text));
	return value;
}

static json_t *record_attributes(const struct log_record *record)
{
	json_t *array = json_attributes(record->attributes.items, record->attributes.nr);
	json_t *pair;

	if (!record->stacktrace)
		return array;
	pair = json_object();
	json_put(&pair, "key", json_string("code.stacktrace"));
	json_put(&pair, "value", text_value(record->stacktrace));
	json_append(&array, pair);
	return array;
}

static json_t *record_object(const struct log_record *record)
{
	json_t *object = json_object();

	json_put(&object, "timeUnixNano", json_unsigned(record->time_unix_ns));
	json_put(&object, "observedTimeUnixNano", json_unsigned(record->observed_unix_ns));
	json_put(&object, "severityNumber", json_integer(record->severity));
	json_put(&object, "severityText", json_string(log_severity_text(record->severity)));
	json_put(&object, "eventName", json_string(record->event_name));
	json_put(&object, "body", text_value(record->body));
	json_put(&object, "attributes", record_attributes(record));
	return object;
}

static json_t *request_of(const struct log_record *record, const struct attributes *resource)
{
	json_t *records = json_array();

	json_append(&records, record_object(record));
	return json_otlp_request("resourceLogs", "scopeLogs", "logRecords", records, resource);
}

int otlp_write_logs_json(FILE *out, const struct log_group *groups, size_t nr_groups)
{
	int err = 0;

	for (size_t i = 0; i < nr_groups && !err; i++) {
		for (size_t j = 0; j < groups[i].nr_records && !err; j++) {
			json_auto_t *request = request_of(groups[i].records[j], groups[i].resource);

			err = json_otlp_write(out, request);
		}
	}
	if (!err && fflush(out))
		err = -errno;
	return err;
}
