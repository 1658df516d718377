# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The agent on a node whose pods a live_cluster tells of."""

import json

import servers
from live_cluster import COMM
from node_agent import NodeAgent

from fake_cluster import NODE  # found by live_cluster
from pods_command import Credentials

INTERVAL_MS = 250
FOR_EVER_MS = 60000


def targets(**match):
    return [{"name": "some", "include": [{"comm": COMM, **match}]}]


LOOPS = targets()


class PodsAgent(NodeAgent):
    """It watches the loops of the test, and waits for their pods as good as for ever."""

    def __init__(self, directory, cluster, targets=LOOPS, **kubernetes):
        self.figures = directory / "figures.json"
        super().__init__(directory, {
            "targets": targets,
            "export": {"to": "file", "file": str(self.figures), "interval_ms": INTERVAL_MS},
            "stalls": {"logs": False},
            "kubernetes": {
                "pods": "api", "node_name": NODE, "wait_ms": FOR_EVER_MS,
                "kubeconfig": str(Credentials(directory).write(cluster.server)), **kubernetes,
            },
        })  # fmt: skip

    def resource(self, process):
        """What is said of it; None: nothing."""
        for sample in self.metrics():
            if (sample.name == "loopscope_resource_info"
                    and sample.labels.get("process_pid") == str(process.pid)):
                return sample.labels
        return None

    def shows(self, process):
        return self.resource(process) is not None

    def await_shown(self, process, **labels):
        def shown():
            resource = self.resource(process)
            return resource if resource and labels.items() <= resource.items() else None

        return servers.await_true(shown, f"{labels} of {process.pid}")

    def await_hidden(self, process):
        servers.await_true(lambda: not self.shows(process), f"{process.pid} to be left out")

    def collect(self, nr=2):
        """So many export intervals end."""
        for _ in range(nr):
            before = self.value("loopscope_export_attempts_total")
            servers.await_true(lambda: self.value("loopscope_export_attempts_total") > before,
                               "the end of an interval")

    def change(self, **settings):
        for key, value in settings.items():
            self.settings[key] = {**self.settings[key], **value} if key == "kubernetes" else value
        self.file.write_text(json.dumps(self.settings))
        self.reload()

    def total(self, name, process):
        return sum(s.value for s in self.metrics()
                   if s.name == name and s.labels["process_pid"] == str(process.pid))  # fmt: skip

    def unresolved(self):
        return self.value("loopscope_kubernetes_unresolved_total")
