# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A real node: containerd, runc and a kubelet, in namespaces of its own on this machine.

    with Node(directory) as node:      # the caller is in its network from here on
        node.start_kubelet()
        node.add_static_pod(pod)

What it mounts is seen by no one else; its files lie below `directory`.
"""

import contextlib
import json
import subprocess
from pathlib import Path

import machine
from built_parts import built_part
from certificates import Authority
from machine import await_slowly

HERE = Path(__file__).parent
NAME = "node1"
ADDRESS = "10.99.0.1"
GATEWAY = "10.99.0.2"
POD_NETWORK = "10.98.0.0/24"
SERVICE_DNS = "10.97.0.10"
KUBELET_PORT = 10250
READ_ONLY_PORT = 10255
MOUNT_POINTS = (
    "/run/containerd", "/var/lib/containerd", "/opt/containerd", "/etc/cni/net.d",
    "/var/lib/cni", "/var/lib/kubelet", "/var/log/pods", "/var/log/containers",
)  # fmt: skip

# runc may not lower oom_score_adj without CAP_SYS_RESOURCE, which root in a container lacks
CONTAINERD = """
version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "loopscope.test/pause:1"
  disable_apparmor = true
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/etc/cni/net.d"
"""

POD_NETWORKING = {
    "cniVersion": "0.4.0",
    "name": "pods",
    "plugins": [
        {
            "type": "bridge",
            "bridge": "cni0",
            "isGateway": True,
            "ipam": {
                "type": "host-local",
                "ranges": [[{"subnet": POD_NETWORK}]],
                "routes": [{"dst": "0.0.0.0/0"}],
            },
        }
    ],
}


class Daemon:
    """A program that runs for as long as the node does, or until it is stopped."""

    def __init__(self, name, directory, command):
        self.name = name
        self.command = list(map(str, command))
        self.log = Path(directory) / f"{name}.log"

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                ["nice", "-n", "5", *self.command], stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, preexec_fn=machine.enter_ours)  # fmt: skip
        return self

    def check(self):
        """It has not ended."""
        if self.process.poll() is not None:
            last = self.log.read_text(errors="replace").splitlines()[-15:]
            raise RuntimeError("\n".join([f"{self.name} ended", *last]))
        return True

    def stop(self):
        """At once: an API server that is asked to end waits a minute for those who watch."""
        self.process.kill()
        self.process.wait()


class Node:
    def __init__(self, directory):
        self.directory = Path(directory)
        self.files = self.directory / "fs"
        self.manifests = self.directory / "manifests"
        self.daemons = []

    def __enter__(self):
        for directory in (self.files, self.manifests, self.directory / "pki"):
            directory.mkdir(parents=True, exist_ok=True)
        self.authority = Authority(self.directory / "pki", "authority")
        with contextlib.ExitStack() as stack:
            stack.enter_context(machine.reserved())
            stack.enter_context(machine.mount_points(MOUNT_POINTS))
            stack.callback(self.reap)
            self.make_namespaces()
            stack.enter_context(machine.NetworkNamespace(self.holder.pid))
            self.start_containerd()
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *error):
        with contextlib.suppress(AttributeError):
            self.kubelet.process.kill()  # or it starts again what is ended
        return self.stack.__exit__(*error)

    def make_namespaces(self):
        (self.directory / "mount-points").write_text("".join(f"{p}\n" for p in MOUNT_POINTS))
        self.holder = subprocess.Popen(
            ["unshare", "--mount", "--net", "--propagation", "private",
             HERE / "namespaces.sh", self.directory, ADDRESS, GATEWAY],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            preexec_fn=machine.enter_ours)  # fmt: skip
        assert self.holder.stdout.readline() == "ready\n"

    def reap(self):
        for process in [self.holder, *(daemon.process for daemon in self.daemons)]:
            process.kill()
            process.wait()
        self.holder.stdin.close()
        self.holder.stdout.close()

    def inside(self, *command):
        """The command, as one that sees the node's mounts."""
        return ["nsenter", f"--mount=/proc/{self.holder.pid}/ns/mnt", *map(str, command)]

    def run(self, *command, **options):
        return subprocess.run(self.inside(*command), check=True, capture_output=True,
                              text=True, **options).stdout  # fmt: skip

    def daemon(self, name, *command):
        daemon = Daemon(name, self.directory, self.inside(*command))
        self.daemons.append(daemon)
        return daemon.start()

    def check(self):
        """All that was started still runs; for conditions to wait for."""
        return all(daemon.check() for daemon in self.daemons)

    def ctr(self, *arguments):
        return self.run("ctr", "--namespace", "k8s.io", *arguments)

    def start_containerd(self):
        config = self.directory / "containerd.toml"
        config.write_text(CONTAINERD)
        networking = self.files / "etc/cni/net.d/10-pods.conflist"
        networking.write_text(json.dumps(POD_NETWORKING))
        self.containerd = self.daemon("containerd", "containerd", "--config", config)

        def answers():
            self.check()
            with contextlib.suppress(subprocess.CalledProcessError):
                return self.ctr("version")

        await_slowly(answers, "containerd does not answer")

    def import_images(self, *archives):
        for archive in archives:
            self.ctr("images", "import", archive)

    def kubelet_settings(self, alone):
        serving = self.authority.issue("kubelet", f"DNS:{NAME},IP:{ADDRESS},IP:127.0.0.1")
        return {
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration",
            "address": "0.0.0.0",
            "readOnlyPort": READ_ONLY_PORT,
            "authentication": {
                "anonymous": {"enabled": False},
                "webhook": {"enabled": not alone, "cacheTTL": "10s"},
                "x509": {"clientCAFile": str(self.authority.file)},
            },
            "authorization": {"mode": "AlwaysAllow" if alone else "Webhook"},
            "tlsCertFile": str(serving.certificate),
            "tlsPrivateKeyFile": str(serving.key),
            "staticPodPath": str(self.manifests),
            "fileCheckFrequency": "1s",
            "containerRuntimeEndpoint": "unix:///run/containerd/containerd.sock",
            "cgroupDriver": "cgroupfs",
            "failCgroupV1": False,
            "failSwapOn": False,
            "localStorageCapacityIsolation": False,
            "resolvConf": "",
            "clusterDNS": [SERVICE_DNS],
            "nodeStatusUpdateFrequency": "5s",
            # this machine's disk may be fuller than a node's should be
            "evictionHard": {"memory.available": "1Mi", "nodefs.available": "1%"},
            "imageGCHighThresholdPercent": 100,
            # a container that ends again and again is to do so often
            "featureGates": {"KubeletCrashLoopBackOffMax": True},
            "crashLoopBackOff": {"maxContainerRestartPeriod": "1s"},
            "maxPods": 400,
        }

    def start_kubelet(self, kubeconfig=None):
        """Without a kubeconfig: for static pods alone."""
        config = self.directory / "kubelet.json"
        config.write_text(json.dumps(self.kubelet_settings(alone=not kubeconfig)))
        self.kubelet = self.daemon(
            "kubelet", built_part("kubelet", "kubelet"), f"--config={config}",
            f"--hostname-override={NAME}", f"--node-ip={ADDRESS}", "-v=2",
            *([f"--kubeconfig={kubeconfig}"] if kubeconfig else []))  # fmt: skip

    def stop_kubelet(self):
        self.kubelet.stop()
        self.daemons.remove(self.kubelet)

    def add_static_pod(self, pod):
        partial = self.manifests / f".{pod['metadata']['name']}"
        partial.write_text(json.dumps(pod))
        partial.rename(self.manifests / f"{pod['metadata']['name']}.json")

    def remove_static_pod(self, pod):
        (self.manifests / f"{pod['metadata']['name']}.json").unlink()
