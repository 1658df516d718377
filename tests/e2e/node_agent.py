# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Runs `loopscope agent`, and reads its pages and what it uses."""

import json
import os
import re
import signal
import subprocess
import urllib.request
from pathlib import Path

import servers
from watch import BINARY

PAGE = os.sysconf("SC_PAGESIZE")
SAMPLE = re.compile(r"(?P<name>[a-zA-Z_:][\w:]*)(?:\{(?P<labels>.*)\})? (?P<value>\S+)$")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


class Sample:
    """One line of /metrics."""

    def __init__(self, line):
        match = SAMPLE.match(line)
        assert match, line
        self.name = match["name"]
        self.labels = dict(LABEL.findall(match["labels"] or ""))
        self.value = float(match["value"])


class Pages:
    """What an agent serves on a port."""

    def __init__(self, port):
        self.port = port

    def get(self, page):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{page}", timeout=30) as answer:
            return answer.read().decode()

    def metrics(self):
        return [Sample(line) for line in self.get("/metrics").splitlines()
                if line and not line.startswith("#")]

    def value(self, name):
        """The sum of all samples of that name; there must be some."""
        found = [sample.value for sample in self.metrics() if sample.name == name]
        assert found, name
        return sum(found)

    def await_loops(self, pid=None, **labels):
        """Samples of the iterations of a process's loops, or those with labels, once there are."""
        if pid is not None:
            labels["process_pid"] = str(pid)
        return servers.await_true(
            lambda: [sample for sample in self.metrics()
                     if sample.name == "event_loop_iterations_total"
                     and labels.items() <= sample.labels.items()],
            f"loops with {labels}")


class NodeAgent(Pages):
    """`settings` is what the file says, but for addresses and files of its own."""

    def __init__(self, directory, settings, command=(), binary=BINARY):
        self.log = Path(directory) / "agent.log"
        self.file = Path(directory) / "loopscope.yaml"
        super().__init__(servers.free_port())
        self.settings = {
            **settings,
            "prometheus": {"listen": f"127.0.0.1:{self.port}"},
            "agent": {"lock_file": str(Path(directory) / "agent.lock")},
        }
        self.command = [*command, binary, "agent", "--config", self.file]

    def __enter__(self):
        self.file.write_text(json.dumps(self.settings))  # JSON is YAML
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                list(map(str, self.command)), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self.pid = self.process.pid
        try:
            servers.await_true(self.ready, "a ready agent")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=servers.PATIENCE_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()

    def reload(self):
        """Tells it to read its file again, and returns when it has."""
        before = self.value("loopscope_config_reloads_total")
        self.process.send_signal(signal.SIGHUP)
        servers.await_true(lambda: self.value("loopscope_config_reloads_total") > before,
                           "a reload")

    def stop(self):
        """As `systemctl stop` does: the last figures are sent, and all is well."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=servers.PATIENCE_S)
        assert self.process.returncode == 0, self.log.read_text()

    def ready(self):
        assert self.process.poll() is None, self.log.read_text()
        try:
            return self.get("/readyz")
        except OSError:
            return None

    def nr_descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def rss_bytes(self):
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * PAGE
