/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "export/log_record.h"

#include <stdlib.h>
#include <string.h>

const char *log_severity_text(enum log_severity severity)
{
	return severity >= LOG_SEVERITY_ERROR ? "ERROR" : "WARN";
}

static size_t text_bytes(const char *text)
{
	return text ? strlen(text) + 1 : 0;
}

size_t log_record_bytes(const struct log_record *record)
{
	size_t bytes = sizeof(*record) + text_bytes(record->body) + text_bytes(record->stacktrace);

	for (size_t i = 0; i < record->attributes.nr; i++) {
		const struct attribute *attribute = &record->attributes.items[i];

		bytes += sizeof(*attribute) + text_bytes(attribute->key);
		if (attribute->type == ATTRIBUTE_TEXT)
			bytes += text_bytes(attribute->text);
	}
	return bytes;
}

void log_record_done(struct log_record *record)
{
	free(record->body);
	free(record->stacktrace);
	attributes_done(&record->attributes);
	*record = (struct log_record){};
}
