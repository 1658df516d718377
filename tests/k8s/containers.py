# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The truth about a node's containers: what containerd says of each, and what is in its log.

A thread looks for new ones all the time, so that those are known that are soon removed.
"""

import base64
import contextlib
import json
import threading
import time
from dataclasses import dataclass, field

LOOK_S = 0.1
CRI = "var/lib/containerd/io.containerd.grpc.v1.cri/containers"
LOGS = "var/log/pods"


@dataclass
class Container:
    id: str
    namespace: str
    pod: str
    uid: str
    name: str
    attempt: int
    image: str
    found_s: float = field(default_factory=time.monotonic, repr=False)
    log: object = field(default=None, repr=False)

    def __str__(self):
        return f"{self.namespace}/{self.pod}/{self.name} run {self.attempt} ({self.id[:12]})"

    @property
    def key(self):
        return (self.uid, self.name, self.attempt)

    def lines(self):
        """What its program has said, without the stamps of the runtime."""
        if self.log is None:
            return []
        self.log.seek(0)
        return [line.split(" ", 3)[3] for line in self.log.read().splitlines() if line]

    def said(self):
        return [json.loads(line) for line in self.lines() if line.startswith("{")]

    def iterations(self):
        """By loop; None of those that have not ended."""
        loops = {}
        for line in self.said():
            loops[line["loop"]] = line.get("iterations", loops.get(line["loop"]))
        return loops


class Containers:
    """A context: those that are made inside it. Pods' own (pause) are left out."""

    def __init__(self, node):
        self.node = node
        self.by_id = {}
        self.seen = set()
        self.logs = {}  # what has been opened stays readable
        self.lock = threading.Lock()
        self.end = threading.Event()
        self.error = None

    def __enter__(self):
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.end.set()
        self.thread.join()
        for log in self.logs.values():
            log.close()

    def watch(self):
        while not self.end.wait(LOOK_S):
            try:
                self.look()
            except Exception as error:  # told to whoever asks next
                self.error = error
                return

    def look(self):
        with self.lock:
            self.open_logs()
            folder = self.node.files / CRI
            for path in folder.iterdir() if folder.exists() else ():
                if path.name not in self.seen:
                    self.take(path.name)

    def open_logs(self):
        """A directory may go while it is read: the next look finds the others."""
        with contextlib.suppress(FileNotFoundError):
            self.open_logs_there()

    def open_logs_there(self):
        for path in (self.node.files / LOGS).glob("*/*/*.log"):
            _, _, uid = path.parent.parent.name.split("_")
            key = (uid, path.parent.name, int(path.stem))
            if key not in self.logs:
                with contextlib.suppress(FileNotFoundError):
                    self.logs[key] = open(path)

    def take(self, container_id):
        """It is there a moment before containerd can tell of it."""
        with contextlib.suppress(Exception):
            container = describe(json.loads(self.node.ctr("containers", "info", container_id)))
            self.by_id[container_id] = container
            self.seen.add(container_id)

    def all(self):
        """All that have been there, with their logs."""
        if self.error:
            raise self.error
        self.look()
        with self.lock:
            for container in self.by_id.values():
                container.log = self.logs.get(container.key)
            return list(self.by_id.values())

    def of(self, namespace):
        return [one for one in self.all() if one.namespace == namespace]


def describe(info):
    """What `ctr containers info` says, as the kubelet told the runtime to make it."""
    metadata = next(value for key, value in info["Extensions"].items()
                    if key.endswith("container.metadata"))  # fmt: skip
    config = json.loads(base64.b64decode(metadata["value"]))["Metadata"]["Config"]
    labels = info["Labels"]
    return Container(
        id=info["ID"],
        namespace=labels["io.kubernetes.pod.namespace"],
        pod=labels["io.kubernetes.pod.name"],
        uid=labels["io.kubernetes.pod.uid"],
        name=labels["io.kubernetes.container.name"],
        attempt=int(config["annotations"]["io.kubernetes.container.restartCount"]),
        image=info["Image"],
    )



def running(containers):
    """Those with a loop that has not said what it did in the end."""
    return [one for one in containers if not one.said() or None in one.iterations().values()]
