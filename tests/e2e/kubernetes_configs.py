# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""configs/kubernetes as `kubectl apply -k` would send it."""

import functools
import subprocess

import yaml
from built_parts import built_part
from prometheus import CONFIGS

ROOT = CONFIGS / "kubernetes"
OVERLAYS = sorted(path.name for path in (ROOT / "overlays").iterdir())
ALL = [".", *(f"overlays/{name}" for name in OVERLAYS)]
# what the downward API would say
DOWNWARD = {"spec.nodeName": "node-1", "metadata.name": "loopscope-x7k2p",
            "metadata.namespace": "loopscope", "status.hostIP": "192.0.2.7"}  # fmt: skip
# what is in every Secret
SECRET = "authorization=Bearer%20let-me-in"


def build(directory):
    """The objects of a kustomization, as they would be applied."""
    result = subprocess.run([built_part("kustomize", "kustomize"), "build", directory],
                            capture_output=True, text=True, timeout=60)  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert "deprecated" not in result.stderr, result.stderr
    return list(yaml.safe_load_all(result.stdout))


@functools.cache
def objects(kustomization):
    return build(ROOT / kustomization)


def only(kind, of):
    found = [each for each in of if each["kind"] == kind]
    assert len(found) == 1, (kind, [each["metadata"]["name"] for each in found])
    return found[0]


def pod_of(of):
    return only("DaemonSet", of)["spec"]["template"]["spec"]


def agent_of(of):
    containers = pod_of(of)["containers"]
    assert [each["name"] for each in containers] == ["agent"]
    return containers[0]


def environment_of(of):
    """The agent's variables, as a kubelet would make them."""
    made = {}
    for variable in agent_of(of)["env"]:
        if "value" in variable:
            value = variable["value"]
            for name, known in made.items():
                value = value.replace(f"$({name})", known)
        elif "secretKeyRef" in variable["valueFrom"]:
            value = SECRET
        else:
            value = DOWNWARD[variable["valueFrom"]["fieldRef"]["fieldPath"]]
        assert "$(" not in value, variable
        made[variable["name"]] = value
    return made


def settings_of(of):
    (config,) = [volume["configMap"]["name"] for volume in pod_of(of)["volumes"]
                 if "configMap" in volume]  # fmt: skip
    data = only("ConfigMap", of)
    assert data["metadata"]["name"] == config
    return data["data"]["loopscope.yaml"]
