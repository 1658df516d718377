# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`loopscope pods` where the machine has an agent: by the settings of that, as far as they go."""

import os
import subprocess

import pytest

from fake_cluster import NODE, FakeCluster, make_pod, pod_list
from misbehaving_server import closed_port
from pods_command import WAIT_S, command, environment

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="makes an /etc of its own")

CONFIG = "/etc/loopscope/loopscope.yaml"
WEB = make_pod("web-1", uid="11111111-2222-3333-4444-555555555555")
KUBELET = "kubernetes: {pods: kubelet, kubelet: {endpoint: '%s'}}\n"


def run(text, *arguments, **extra):
    """With the text as the agent's settings."""
    script = f'mount -t tmpfs none /etc; mkdir /etc/loopscope; printf %s "$0" >{CONFIG}; exec "$@"'
    return subprocess.run(["unshare", "--mount", "sh", "-c", script, text,
                           *command(*arguments)], capture_output=True, text=True,
                          timeout=WAIT_S, env=environment(**extra), check=False)  # fmt: skip


@pytest.fixture
def cluster():
    with FakeCluster([pod_list(WEB)]) as cluster:
        yield cluster


def assert_shown(done, cluster, path):
    assert done.returncode == 0 and "web-1" in done.stdout, done.stderr
    assert cluster.requests[0].path.startswith(path)


def test_kubelet(cluster):
    """As the component has it that lets no API server be asked."""
    done = run(KUBELET % cluster.server)
    assert_shown(done, cluster, "/pods")
    assert not done.stderr


def test_kubeconfig(cluster, credentials):
    done = run(f"kubernetes: {{kubeconfig: {credentials.write(cluster.server)}}}", "--verbose")
    assert_shown(done, cluster, "/api/v1/pods")
    assert f"pods of node {NODE}, by the kubeconfig" in done.stderr


def test_none_is_meant_for_the_agent(cluster, credentials):
    done = run("kubernetes: {pods: none}", KUBECONFIG=str(credentials.write(cluster.server)))
    assert_shown(done, cluster, "/api/v1/pods")
    done = run("kubernetes: {}", "--set=kubernetes.pods=none")
    assert done.returncode == 2 and "kubernetes.pods is none" in done.stderr


def test_environment_and_flags_are_over_it(cluster, credentials):
    other = credentials.write(f"http://127.0.0.1:{closed_port()}")
    settings = f"kubernetes: {{kubeconfig: {other}}}"
    kubeconfig = str(credentials.write(cluster.server))
    assert_shown(run(settings, KUBECONFIG=kubeconfig), cluster, "/api/v1/pods")
    done = run(settings, f"--kubeconfig={kubeconfig}", KUBECONFIG=str(other))
    assert_shown(done, cluster, "/api/v1/pods")


def test_another_file_is_instead_of_it(cluster, tmp_path):
    (tmp_path / "other.yaml").write_text(KUBELET % cluster.server)
    done = run("nonsense: 1", f"--config={tmp_path}/other.yaml")
    assert_shown(done, cluster, "/pods")
    assert not done.stderr


def test_a_file_that_is_wrong_is_passed_over(cluster, credentials):
    """Such as one with variables that only the agent's service has."""
    kubeconfig = str(credentials.write(cluster.server))
    settings = "export: {otlp: {headers: {a: '${ONLY_OF_THE_SERVICE}'}}}"
    done = run(settings, KUBECONFIG=kubeconfig)
    assert_shown(done, cluster, "/api/v1/pods")
    (line,) = done.stderr.splitlines()
    assert "passed over" in line and f"{CONFIG}:1:" in line and "ONLY_OF_THE_SERVICE" in line


def test_flags_that_are_wrong():
    done = run("kubernetes: {}", "--set=kubernetes.wait_ms=-1")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "command line: kubernetes.wait_ms" in line
