# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What a back end makes of requests with log records."""

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest


class ReceivedLogs:
    def __init__(self):
        self.records = []

    def take(self, body):
        for resource in ExportLogsServiceRequest.FromString(body).resource_logs:
            for scope in resource.scope_logs:
                self.records += scope.log_records
