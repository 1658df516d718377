# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A real Prometheus with the rules of configs/prometheus, and promtool."""

import contextlib
import json
import re
import subprocess
import urllib.parse
import urllib.request
from pathlib import Path

import servers
from built_parts import built_part

CONFIGS = Path(__file__).parents[2] / "configs"
RULES = ("rules.yaml", "alerts.yaml")
SCRAPE_S = 1  # the agent brings its figures up to date once a second at most


def promtool(*arguments, **options):
    return subprocess.run(
        [built_part("prometheus", "promtool"), *map(str, arguments)],
        capture_output=True, text=True, timeout=servers.PATIENCE_S, **options,
    )  # fmt: skip


def hurried(rules):
    """
    The same rules in seconds rather than minutes: ranges of 5 m and 10 m and the hour of
    `offset` become 8 s, what has to last 5 m or 10 m 3 s. Nothing else is changed.
    """
    rules = re.sub(r"\[(5|10)m\]", "[8s]", rules)
    rules = re.sub(r"\boffset 1h\b", "offset 8s", rules)
    return re.sub(r"^( +for:) (5|10)m$", r"\1 3s", rules, flags=re.MULTILINE)


class Prometheus:
    def __init__(self, directory, scrape_configs, rules=True):
        self.program = built_part("prometheus", "prometheus")
        self.directory = directory
        self.port = servers.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.config = directory / "prometheus.yaml"
        if rules:
            for name in RULES:
                text = (CONFIGS / "prometheus" / name).read_text()
                (directory / name).write_text(hurried(text))
        self.config.write_text(
            json.dumps(
                {
                    "global": {"scrape_interval": f"{SCRAPE_S}s", "evaluation_interval": "1s"},
                    "rule_files": list(RULES) if rules else [],
                    "scrape_configs": scrape_configs,
                    "otlp": self.otlp_settings(),
                }
            )
        )

    @staticmethod
    def otlp_settings():
        """As configs/prometheus/prometheus.yaml has them."""
        text = (CONFIGS / "prometheus" / "prometheus.yaml").read_text()
        promoted = text.partition("promote_resource_attributes:")[2].partition("\n\n")[0]
        return {
            "translation_strategy": "UnderscoreEscapingWithSuffixes",
            "promote_resource_attributes": re.findall(r"- (\S+)", promoted),
        }

    @contextlib.contextmanager
    def run(self):
        command = [
            self.program,
            f"--config.file={self.config}",
            f"--storage.tsdb.path={self.directory / 'data'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            "--web.enable-otlp-receiver",
        ]
        with open(self.directory / "prometheus.log", "wb") as log:
            with servers.running(command, stdout=log, stderr=log):
                servers.await_true(self.is_ready, "Prometheus is not ready")
                yield self

    def is_ready(self):
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready"):
                return True
        except OSError:
            return False

    def api(self, path, **parameters):
        url = f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=servers.PATIENCE_S) as answer:
            return json.load(answer)["data"]

    def query(self, expression):
        """[(labels, value)]; of a native histogram the value is None."""
        return [
            (row["metric"], float(row["value"][1]) if "value" in row else None)
            for row in self.api("query", query=expression)["result"]
        ]

    def alerts(self):
        """Those that fire, as (name, labels, annotations)."""
        return [
            (alert["labels"]["alertname"], alert["labels"], alert["annotations"])
            for alert in self.api("alerts")["alerts"]
            if alert["state"] == "firing"
        ]

    def await_series(self, expression):
        return servers.await_true(lambda: self.query(expression), f"no series: {expression}")
