/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A log record, as OpenTelemetry has it: what every encoder of logs takes. It owns its texts, but
 * for the event's name; all of them may be hostile, and are repaired where they are written.
 */
#ifndef LOOPSCOPE_LOG_RECORD_H
#define LOOPSCOPE_LOG_RECORD_H

#include "identity/attributes.h"

/* OpenTelemetry's SeverityNumber. */
enum log_severity {
	LOG_SEVERITY_WARN = 13,
	LOG_SEVERITY_ERROR = 17,
};

struct log_record {
	__u64 time_unix_ns;     /* of the event */
	__u64 observed_unix_ns; /* when the agent knew of it */
	enum log_severity severity;
	const char *event_name; /* a constant */
	char *body;
	char *stacktrace; /* code.stacktrace, longer than others may be; NULL: none */
	struct attributes attributes;
};

/* Log records of one resource. Borrowed. */
struct log_group {
	const struct attributes *resource;
	const struct log_record *const *records;
	size_t nr_records;
};

/* "WARN", "ERROR" */
const char *log_severity_text(enum log_severity severity);

/* About as much memory as it takes. */
size_t log_record_bytes(const struct log_record *record);
void log_record_done(struct log_record *record);

#endif
