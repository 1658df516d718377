# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Pods without Kubernetes: an API server that tells of them, and processes in such cgroups."""

import contextlib
import os
import sys
import tempfile
import threading
from pathlib import Path

for suite in ("export", "pods"):
    sys.path.append(str(Path(__file__).parents[1] / suite))

import servers  # noqa: E402
from fake_cluster import (  # noqa: E402
    WATCH_HEAD,
    FakeCluster,
    chunk,
    event,
    list_text,
    make_pod,
    json_response,
)
from in_pod import UNIFIED, remove  # noqa: E402
from programs import built  # noqa: E402


COMM = f"pods-{os.getpid()}"  # of the loops: whatever else is in pods is none of the tests' concern


class LiveCluster(FakeCluster):
    """Lists and watches tell of the pods as they are by then."""

    def __init__(self):
        self.pods, self.events = {}, []
        self.news = threading.Condition()
        super().__init__([b""])

    def put(self, pod):
        with self.news:
            kind = "MODIFIED" if pod.uid in self.pods else "ADDED"
            self.pods[pod.uid] = pod
            self.tell(kind, pod)

    def delete(self, pod):
        with self.news:
            del self.pods[pod.uid]
            self.tell("DELETED", pod)

    def tell(self, kind, pod):
        manifest = pod.manifest()
        manifest["metadata"]["resourceVersion"] = str(len(self.events) + 2)
        self.events.append(event(kind, manifest))
        self.news.notify_all()

    def serve_requests(self, connection):
        while True:
            query = self.query(connection.read_request())
            if "watch" in query:
                self.send_watch(connection, int(query["resourceVersion"]) - 1)
            else:
                connection.send(json_response(self.list_now()))

    def list_now(self):
        with self.news:
            version = str(len(self.events) + 1)
            return list_text(*(pod.manifest() for pod in self.pods.values()), version=version)

    def send_watch(self, connection, sent):
        connection.send(WATCH_HEAD)
        while not connection.server.stopping.is_set():
            with self.news:
                self.news.wait_for(lambda: len(self.events) > sent, 0.1)
                new = self.events[sent:]
            for one in new:
                connection.send(chunk(one))
            sent += len(new)


class Pod:
    """`containers`: names, each with the ids of its runs, the latest last."""

    nr = 0

    def __init__(self, name, namespace="shop", static=False, **labels):
        Pod.nr += 1
        self.uid = f"11111111-2222-3333-4444-{Pod.nr:012}"
        self.name, self.namespace, self.labels = name, namespace, labels
        self.cgroup_uid = f"{Pod.nr:032x}" if static else self.uid
        self.annotations = {}
        if static:
            self.annotations = {"kubernetes.io/config.hash": self.cgroup_uid,
                                "kubernetes.io/config.mirror": self.cgroup_uid}  # fmt: skip
        self.containers = {"app": [], "side": []}

    def run(self, container="app"):
        """The id of another run of the container."""
        self.containers[container].append(os.urandom(32).hex())
        return self.containers[container][-1]

    def manifest(self):
        pod = make_pod(self.name, uid=self.uid, namespace=self.namespace, labels=self.labels,
                       annotations=self.annotations, containers=self.containers)  # fmt: skip
        pod["status"]["containerStatuses"] = [
            {"name": name, "containerID": f"containerd://{ids[-1]}", "restartCount": len(ids) - 1}
            for name, ids in self.containers.items() if ids]  # fmt: skip
        return pod


class Cgroups:
    """A context, below which processes are started in containers of pods."""

    def __init__(self):
        self.root = UNIFIED / f"loopscope-pods-{os.getpid()}"
        self.stack = contextlib.ExitStack()

    def __enter__(self):
        directory = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.program = Path(directory) / COMM
        self.program.symlink_to(built("pod_loop").resolve())
        return self

    def __exit__(self, *error):
        return self.stack.__exit__(*error)

    def container(self, pod, container_id):
        directory = self.root / "kubepods/burstable" / f"pod{pod.cgroup_uid}" / container_id
        if not directory.exists():
            directory.mkdir(parents=True)
            self.stack.callback(self.clear, directory)
        return directory

    def clear(self, directory):
        servers.await_true(lambda: remove(directory), f"an empty {directory}")
        for above in directory.parents:
            if not above.is_relative_to(self.root):
                break
            remove(above)

    def start(self, pod, container_id, *arguments, **options):
        """A loop, which is a process of the container before it is that program."""
        procs = self.container(pod, container_id) / "cgroup.procs"
        script = ["sh", "-c", f'echo $$ >{procs} && exec "$@"', "sh"]
        command = [*script, self.program, *(arguments or ("0", "10"))]
        return self.stack.enter_context(servers.running(command, **options))
