/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * OTLP's logs: log records in, ExportLogsServiceRequest messages out, as protobuf or as lines of
 * JSON. One ResourceLogs a group, or several where a request would be too large.
 */
#ifndef LOOPSCOPE_OTLP_LOGS_H
#define LOOPSCOPE_OTLP_LOGS_H

#include "export/log_record.h"
#include "export/otlp/otlp.h"

/*
 * Calls back for each request, in the order of the groups' records, with the number of records in
 * it. -EMSGSIZE: the record after those handed over is larger than a request may be, with its
 * resource; -ENOMEM; or what the callback returned.
 */
int otlp_encode_logs(const struct log_group *groups, size_t nr_groups, size_t max_request_bytes,
		     otlp_request_fn callback, void *context);

/* A record a line, as OTLP JSON. Flushed. Negative errno of the writing. */
int otlp_write_logs_json(FILE *out, const struct log_group *groups, size_t nr_groups);

#endif
