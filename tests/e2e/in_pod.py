# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A loop in a cgroup such as a kubelet makes for a pod, and the pod as an API server has it."""

import contextlib
import os
from pathlib import Path

import servers
from fake_cluster import make_pod
from programs import built

CGROUPS = Path("/sys/fs/cgroup")
UNIFIED = CGROUPS if (CGROUPS / "cgroup.procs").exists() else CGROUPS / "unified"


def remove(directory):
    with contextlib.suppress(OSError):
        directory.rmdir()
    return not directory.exists()


class InPod:
    """A context: the loop runs inside it, and waits a hundred times a second."""

    nr = 0

    def __init__(self, name, namespace="shop", **labels):
        InPod.nr += 1
        self.uid = f"11111111-2222-3333-4444-{InPod.nr:012}"
        self.container_id = f"{InPod.nr:064x}"
        self.name, self.namespace, self.labels = name, namespace, labels

    def manifest(self, **changes):
        """As the API server has it; `changes` are to the labels."""
        pod = make_pod(self.name, uid=self.uid, namespace=self.namespace,
                       labels={**self.labels, **changes})  # fmt: skip
        pod["status"]["containerStatuses"][0]["containerID"] = f"containerd://{self.container_id}"
        return pod

    def __enter__(self):
        top = UNIFIED / f"loopscope-test-{os.getpid()}"
        self.cgroup = top / f"kubepods/pod{self.uid}/{self.container_id}"
        self.cgroup.mkdir(parents=True)
        with contextlib.ExitStack() as stack:
            stack.callback(self.remove_cgroup)
            process = stack.enter_context(servers.running([built("pod_loop"), "0", "10"]))
            (self.cgroup / "cgroup.procs").write_text(str(process.pid))
            self.pid = process.pid
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *error):
        return self.stack.__exit__(*error)

    def remove_cgroup(self):
        """And those above that nobody is in."""
        servers.await_true(lambda: remove(self.cgroup), f"an empty {self.cgroup}")
        for directory in self.cgroup.parents[:3]:
            remove(directory)
