# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The guest's second disk: the project as it is installed, kubelet, images, pods, the checks."""

import json
import shutil
import subprocess
from pathlib import Path

import pods
from images import Image
from make import ROOT, make
from node import POD_NETWORKING
from watch import BUILD

GUEST = Path(__file__).parent / "guest"
STEP = ROOT / "tests/vm/guest/step.sh"
AGENT_IMAGE = "loopscope.test/agent:1"
SPARE_BYTES = 64 << 20
# one of each QoS class, and what has cgroups unlike theirs: a guest is slow to start them
KINDS = {"guaranteed-one", "burstable-two", "best-effort-one", "host-network", "many-loops", "init",
         "crash"}
PERIOD_MS = "200"  # of their loops, for the same reason
UIDS = {  # of the pod that has one of its own, by namespace
    "service": "354ad503-ca4e-4a07-bd4c-c5e0f8147488",
    "pod": "7d1f6a52-90c3-4b5e-8f0e-2f6f4c1b9a77",
}


def static_pods(namespace):
    """Those that the service watches are of another namespace than those that the pod watches."""
    kinds = [pod for pod in pods.every_kind(namespace) if pod["metadata"]["name"] in KINDS]
    assert len(kinds) == len(KINDS)
    own_uid = pods.pod("own-uid", pods.container(), namespace=namespace, uid=UIDS[namespace])
    for pod in (*kinds, own_uid):
        for container in containers_of(pod):
            iterations, _, *more = container["args"] or ["0", ""]
            container["args"] = [iterations, PERIOD_MS, *more]
    return [*kinds, own_uid]


def containers_of(pod):
    return pod["spec"].get("initContainers", []) + pod["spec"]["containers"]


def host_directory(name, path):
    return {"name": name, "hostPath": {"path": path, "type": "DirectoryOrCreate"}}


def agent_pod():
    """As configs/kubernetes has it, but for where settings come from and figures go."""
    agent = {
        "name": "agent",
        "image": AGENT_IMAGE,
        "imagePullPolicy": "Never",
        "securityContext": {
            "runAsUser": 0,
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"],
                             "add": ["BPF", "PERFMON", "SYS_PTRACE", "DAC_READ_SEARCH"]},
            "appArmorProfile": {"type": "Unconfined"},
        },
        "volumeMounts": [
            {"name": "settings", "mountPath": "/etc/loopscope", "readOnly": True},
            {"name": "run", "mountPath": "/run/loopscope"},
            {"name": "exports", "mountPath": "/var/lib/loopscope"},
        ],
    }
    volumes = [
        host_directory("settings", "/etc/loopscope"),
        {"name": "run", "emptyDir": {"medium": "Memory"}},
        host_directory("exports", "/var/lib/agent-pod"),
    ]
    return pods.pod("agent", agent, namespace="loopscope", hostPID=True, hostNetwork=True,
                    securityContext={"seccompProfile": {"type": "RuntimeDefault"}},
                    volumes=volumes)


def install(tree):
    make("install", f"DESTDIR={tree}")
    shutil.copy(BUILD / "tests/pod_loop", tree / "usr/local/bin")


def write_images(directory):
    directory.mkdir()
    for name, program in (("pause", "pause"), ("loop", "pod_loop")):
        image = Image(name, [f"/{program}"])
        image.add(f"/{program}", BUILD / "tests" / program)
        image.save(directory)
    make("image", f"IMAGE={AGENT_IMAGE}")
    [archive] = (BUILD / "image").glob("*.oci.tar")
    shutil.copy(archive, directory / "agent.tar")


def write_pods(tree):
    for namespace in UIDS:
        directory = tree / "manifests" / namespace
        directory.mkdir(parents=True)
        manifests = static_pods(namespace)
        for pod in manifests:
            (directory / f"{pod['metadata']['name']}.json").write_text(json.dumps(pod))
        nr = sum(len(containers_of(pod)) for pod in manifests)
        (tree / f"nr-{namespace}").write_text(str(nr))
    (tree / "agent-pod.json").write_text(json.dumps(agent_pod()))


def populate(tree, kubelet):
    install(tree)
    shutil.copytree(GUEST, tree, dirs_exist_ok=True)
    shutil.copy(STEP, tree)
    shutil.copy(kubelet, tree)
    write_images(tree / "images")
    write_pods(tree)
    networks = tree / "etc/cni/net.d"
    networks.mkdir(parents=True)
    (networks / "10-pods.conflist").write_text(json.dumps(POD_NETWORKING))


def size_of(tree):
    return sum(path.stat().st_size for path in tree.rglob("*") if path.is_file())


def write(disk, tree, kubelet):
    """tree: a directory to be made, for what the disk will hold."""
    tree.mkdir()
    populate(tree, kubelet)
    kilobytes = (size_of(tree) + SPARE_BYTES) // 1024
    subprocess.run(["mkfs.ext4", "-qF", "-d", tree, disk, f"{kilobytes}k"], check=True)
    shutil.rmtree(tree)
