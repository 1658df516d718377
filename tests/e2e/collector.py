# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A real OpenTelemetry Collector that writes what it receives to a file of JSON lines."""

import contextlib
import json
import urllib.request

import servers
from built_parts import built_part
from otlp_json import Export, records_of


class Collector:
    """Takes OTLP over HTTP and gRPC; with `tls`, from clients with a certificate of `tls`."""

    def __init__(self, directory, tls=None, token=None, profiles=False):
        self.program = built_part("collector", "collector")
        self.directory = directory
        self.output = directory / "received.jsonl"
        self.logs = directory / "logs.jsonl"
        self.ports = {name: servers.free_port() for name in ("http", "grpc", "health")}
        self.profiles = directory / "profiles.jsonl" if profiles else None
        self.tls = tls
        self.config = directory / "collector.yaml"
        self.config.write_text(json.dumps(self.settings(token)))

    def settings(self, token):
        receiver = {}
        extensions = {"health_check": {"endpoint": f"127.0.0.1:{self.ports['health']}"}}
        if self.tls:
            receiver["tls"] = {
                "cert_file": str(self.tls.server.certificate),
                "key_file": str(self.tls.server.key),
                "client_ca_file": str(self.tls.authority.file),
            }
        if token:
            receiver["auth"] = {"authenticator": "bearertokenauth"}
            extensions["bearertokenauth"] = {"token": token}
        protocols = {
            name: {**receiver, "endpoint": f"127.0.0.1:{self.ports[name]}"}
            for name in ("http", "grpc")
        }
        settings = {
            "extensions": extensions,
            "receivers": {"otlp": {"protocols": protocols}},
            "exporters": {
                "file": {"path": str(self.output), "flush_interval": "50ms"},
                "file/logs": {"path": str(self.logs), "flush_interval": "50ms"},
            },
            "service": {
                "extensions": list(extensions),
                "telemetry": {"metrics": {"level": "none"}},
                "pipelines": {
                    "metrics": {"receivers": ["otlp"], "exporters": ["file"]},
                    "logs": {"receivers": ["otlp"], "exporters": ["file/logs"]},
                },
            },
        }
        if self.profiles:
            settings["exporters"]["file/profiles"] = {
                "path": str(self.profiles), "flush_interval": "50ms"}
            settings["service"]["pipelines"]["profiles"] = {
                "receivers": ["otlp"], "exporters": ["file/profiles"]}
        return settings

    @contextlib.contextmanager
    def run(self):
        with open(self.directory / "collector.log", "wb") as log:
            command = [self.program, "--config", self.config]
            if self.profiles:
                command += ["--feature-gates", "service.profilesSupport"]
            with servers.running(command, stdout=log, stderr=log):
                servers.await_true(self.is_ready, "the Collector is not ready")
                yield self

    def is_ready(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.ports['health']}") as answer:
                return answer.status == 200
        except OSError:
            return False

    def endpoint(self, protocol):
        scheme = "https" if self.tls else "http"
        return f"{scheme}://localhost:{self.ports[protocol.partition('/')[0]]}"

    def exports(self):
        """What has come up to now; the last line may be under way."""
        if not self.output.exists():
            return []
        lines = self.output.read_text().split("\n")[:-1]
        return [Export(json.loads(line)) for line in lines]

    def log_records(self):
        """All that have come up to now."""
        if not self.logs.exists():
            return []
        lines = self.logs.read_text().split("\n")[:-1]
        return [record for line in lines for record in records_of(json.loads(line))]

    def await_log_record(self, condition, what):
        return servers.await_true(lambda: next(filter(condition, self.log_records()), None), what)

    def profile_requests(self):
        if not self.profiles.exists():
            return []
        return [json.loads(line) for line in self.profiles.read_text().split("\n")[:-1]]

    def await_export(self, condition, what):
        """The first export that fulfills the condition."""
        return servers.await_true(lambda: next(filter(condition, self.exports()), None), what)

    def await_later(self, after_ns):
        """
        The second export made after that time: the first might hold what was read
        from the kernel before it.
        """

        def later():
            made = [export for export in self.exports() if export.time_ns > after_ns]
            return made[1] if len(made) > 1 else None

        return servers.await_true(later, "no more exports arrive")
