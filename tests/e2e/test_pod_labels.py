# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""--pod-label: whom it shows, of a cluster that changes, and what it does without one."""

import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

for suite in ("export", "pods"):  # the fake API server
    sys.path.append(str(Path(__file__).parents[1] / suite))

import servers  # noqa: E402
from fake_cluster import (  # noqa: E402
    NODE,
    WATCH_HEAD,
    FakeCluster,
    chunk,
    event,
    failure,
    pod_list,
)
from in_pod import InPod  # noqa: E402
from misbehaving_server import closed_port  # noqa: E402
from pods_command import Credentials, environment  # noqa: E402
from programs import built  # noqa: E402
from running import WAIT_S, Running, children_of, is_gone, top  # noqa: E402
from watch import BINARY  # noqa: E402

SYNCED = """echo '{"type":"synced"}'\n"""


@pytest.fixture
def web():
    with InPod("web-1", app="web") as pod:
        yield pod


@pytest.fixture
def database():
    with InPod("db-0", app="db") as pod:
        yield pod


class Changes:
    """Answers a watch with events as the test makes them."""

    def __init__(self):
        self.events = []
        self.news = threading.Condition()

    def tell(self, kind, pod):
        with self.news:
            version = str(11 + len(self.events))
            pod = {**pod, "metadata": {**pod["metadata"], "resourceVersion": version}}
            self.events.append(event(kind, pod))
            self.news.notify_all()

    def __call__(self, connection):
        connection.send(WATCH_HEAD)
        sent = 0
        while not connection.server.stopping.is_set():
            with self.news:
                self.news.wait_for(lambda: len(self.events) > sent, 0.1)
                new = self.events[sent:]
            for one in new:
                connection.send(chunk(one))
            sent += len(new)


def with_run(tree, files):
    """Wraps a command so that there is nothing in /run but the files."""
    for path, text in files.items():
        file = tree / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    script = 'mount -t tmpfs none /run && cp -r "$0"/. /run && exec "$@"'
    return lambda *command: ["unshare", "--mount", "sh", "-c", script, tree, *command]


def surroundings(kubeconfig):
    return environment(KUBECONFIG=str(kubeconfig), K8S_NODE_NAME=NODE)


@contextmanager
def cluster_of(tmp_path, *pods):
    """The surroundings that lead to it, and what tells it of changes."""
    changes = Changes()
    with FakeCluster([pod_list(*(pod.manifest() for pod in pods))], [changes]) as cluster:
        yield surroundings(Credentials(tmp_path).write(cluster.server)), changes


def test_report(web, database, tmp_path):
    with cluster_of(tmp_path, web, database) as (env, _):
        with Running("stat", "--json", "-d", "600", "--pod-label=app in (web, api)",
                     env=env) as stat:  # fmt: skip
            stat.await_error("watching")
            assert stat.interrupt() == 0
    assert len(stat.errors) == 1, stat.errors
    loop, summary = map(json.loads, stat.lines)
    assert summary["loops"] == 1 and loop["pid"] == web.pid and loop["iterations"] > 0
    assert loop["pod"] == {"namespace": "shop", "name": "web-1"}
    assert loop["container"] == {"id": web.container_id, "name": "app"}


@pytest.mark.parametrize("options, shown", [
    (["--namespace", "sh*"], True),
    (["--namespace", "other"], False),
    (["--pod", "web-?"], True),
    (["--container", "app"], True),
    (["--container", "other"], False),
])  # fmt: skip
def test_with_other_filters(web, tmp_path, options, shown):
    with cluster_of(tmp_path, web) as (env, _):
        done = subprocess.run([BINARY, "list", "--json", "--pod-label", "app", *options], env=env,
                              capture_output=True, text=True, check=True)  # fmt: skip
    *loops, _ = map(json.loads, done.stdout.splitlines())
    assert [loop["pid"] for loop in loops] == [web.pid] * shown
    assert ("no loop seen in such a pod or container" in done.stderr) == (not shown)


def test_changes_are_followed(web, database, tmp_path):
    with cluster_of(tmp_path, web, database) as (env, changes), \
         top("--pod-label", "app=web", env=env) as shown:  # fmt: skip
        shown.await_pids({web.pid})
        changes.tell("MODIFIED", database.manifest(app="web"))
        shown.await_pids({web.pid, database.pid})
        changes.tell("MODIFIED", web.manifest(app="was-web"))
        shown.await_pids({database.pid})
        with InPod("web-2", app="web") as second:
            changes.tell("ADDED", second.manifest())
            shown.await_pids({database.pid, second.pid})
        assert shown.interrupt() == 0
    assert not shown.errors
    assert shown.lines[0].startswith("TIME") and "shop/web-1/app" in shown.lines[1]


def test_api_server_gone(web, tmp_path):
    """What is known of pods stays."""
    with ExitStack() as cluster:
        env, _ = cluster.enter_context(cluster_of(tmp_path, web))
        with top("--pod-label", "app=web", env=env) as shown:
            shown.await_pids({web.pid})
            cluster.close()
            shown.await_pids({web.pid}, 20)
            assert shown.interrupt() == 0
    assert not shown.errors


TOKEN = "secrets/kubernetes.io/serviceaccount/token"
BUNDLES = "containerd/io.containerd.runtime.v2.task/k8s.io"
CRI = "io.kubernetes.cri."
IN_POD = {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": "1"}


def bundle_of(pod):
    """The file in which containerd keeps what it knows of the container."""
    annotations = {f"{CRI}sandbox-namespace": pod.namespace, f"{CRI}sandbox-name": pod.name,
                   f"{CRI}container-name": "app"}  # fmt: skip
    return {f"{BUNDLES}/{pod.container_id}/config.json": json.dumps({"annotations": annotations})}


def listed(within, *options):
    """The pids, and what it complains of."""
    done = subprocess.run(within(BINARY, "list", "--json", *options), env=environment(**IN_POD),
                          capture_output=True, text=True, check=True)  # fmt: skip
    *loops, _ = map(json.loads, done.stdout.splitlines())
    complaints = [line for line in done.stderr.splitlines() if "watching for" not in line]
    return [loop["pid"] for loop in loops], complaints


@pytest.mark.parametrize("option, token, said", [
    ("--namespace=shop", False, 0),
    ("--pod=web-1", False, 0),
    ("--container=app", False, 0),
    ("--namespace=shop", True, 1),
])  # fmt: skip
def test_names_without_the_cluster(web, tmp_path, option, token, said):
    """What the runtime keeps is enough: the shell left a pod, or has a token of no use."""
    files = {**bundle_of(web), **({TOKEN: "of no use"} if token else {})}
    pids, errors = listed(with_run(tmp_path, files), option)
    assert pids == [web.pid] and len(errors) == said, errors
    assert all("not known" in line and "files" in line for line in errors)


@pytest.mark.parametrize("token", [False, True])
def test_no_names_without_cluster_and_runtime(web, tmp_path, token):
    pids, errors = listed(with_run(tmp_path, {TOKEN: "of no use"} if token else {"other": ""}),
                          "--namespace=shop")  # fmt: skip
    assert not pids and "no loop seen in such a pod" in errors[-1]
    assert len(errors) == 1 + token


def test_labels_are_not_in_files(web, tmp_path):
    files = {**bundle_of(web), TOKEN: "of no use"}
    done = subprocess.run(with_run(tmp_path, files)(BINARY, "list", "--pod-label=app"),
                          env=environment(**IN_POD), capture_output=True, text=True,
                          check=False)  # fmt: skip
    assert done.returncode == 1 and "not known" in done.stderr and not done.stdout


def test_refusal_is_told_whole(tmp_path):
    """Of an API server that forbids it: what it says, and what to do about it."""
    said = 'pods is forbidden: User "system:serviceaccount:loopscope:loopscope" cannot list ' \
           'resource "pods" in API group "" at the cluster scope'  # fmt: skip
    with FakeCluster([failure(403, said)]) as cluster:
        line = refused(surroundings(Credentials(tmp_path).write(cluster.server)))
    assert said in line and "let this account get, list and watch pods" in line
    assert line.endswith("(KUBECONFIG names a kubeconfig; `loopscope pods` tells more)")


def test_no_api_server(web, tmp_path):
    """Nobody listens there: so it says, and ends."""
    unanswered = surroundings(Credentials(tmp_path).write(f"http://127.0.0.1:{closed_port()}"))
    done = refused(unanswered)
    assert "this node's pods are not known" in done and "onnect" in done


def refused(env, binary=BINARY):
    """The one line that it says, and exit 1."""
    done = subprocess.run([binary, "stat", "--pod-label", "app=web"], env=env, check=False,
                          capture_output=True, text=True, timeout=WAIT_S)  # fmt: skip
    assert done.returncode == 1 and not done.stdout
    (line,) = done.stderr.splitlines()
    return line


def test_credentials_that_are_none(tmp_path):
    (tmp_path / "config").write_text("[]")
    line = refused(surroundings(tmp_path / "config"))
    assert str(tmp_path / "config") in line and "KUBECONFIG" in line


@pytest.mark.skipif(
    any(map(os.path.exists, ("/etc/kubernetes/kubelet.conf", "/var/lib/kubelet/kubeconfig",
                             "/etc/rancher/k3s/k3s.yaml"))),
    reason="this machine is a node, with credentials of its own")  # fmt: skip
def test_no_credentials():
    line = refused(environment(K8S_NODE_NAME=NODE))
    assert "no credentials" in line and "KUBECONFIG" in line


def pods_of(pid):
    """The child that knows of pods, beside those that know names and read files."""
    (child,) = [child for child in children_of(pid)
                if Path(f"/proc/{child}/comm").read_text() == "loopscope-agent\n"]  # fmt: skip
    return child


def test_killed_with_no_time_to_end_its_child(web, tmp_path):
    with cluster_of(tmp_path, web) as (env, _), \
         top("--pod-label", "app=web", env=env) as shown:  # fmt: skip
        shown.await_pids({web.pid})
        child = pods_of(shown.process.pid)
        shown.process.kill()
        servers.await_true(lambda: is_gone(child), "the end of the child")


@pytest.mark.parametrize("command", ["top", "stat"])
def test_child_ends(web, tmp_path, command):
    """What is known stays, and is said to be no longer kept up to date, once."""
    rest = ["-i", "0.1"] if command == "top" else ["-d", "600"]
    with cluster_of(tmp_path, web) as (env, _), \
         Running(command, *rest, "--pod-label", "app=web", env=env) as shown:  # fmt: skip
        if command == "top":
            shown.await_pids({web.pid})
        else:
            shown.await_error("watching")
        child = pods_of(shown.process.pid)
        os.kill(child, signal.SIGKILL)
        servers.await_true(lambda: child not in children_of(shown.process.pid),
                           "the child to be reaped")
        if command == "top":
            shown.await_pids({web.pid}, 20)
        assert shown.interrupt() == 0
    assert any("web-1" in line for line in shown.lines)
    (said,) = [line for line in shown.errors if "watching for" not in line]
    assert "`loopscope pods`" in said and "ended" in said


@pytest.fixture
def with_child(tmp_path):
    """The program beside a script in place of the agent's."""

    def make(script):
        binary = tmp_path / "loopscope"
        shutil.copy(BINARY, binary)
        (tmp_path / "loopscope-symbols").symlink_to(BINARY.parent / "loopscope-symbols")
        if script is not None:
            agent = tmp_path / "loopscope-agent"
            agent.write_text("#!/bin/bash\n" + script)
            agent.chmod(0o755)
        return binary

    return make


@pytest.mark.parametrize("script, said", [
    (None, "loopscope-agent"),
    ("echo 'loopscope pods: no luck' >&2; exit 1", "not known: no luck ("),
    ("exit 0", "has ended"),
    ("""printf '{"type":"syn'""", "has ended"),
    ("""printf '{"type":"synced"}'""", "has ended"),  # half a line is none
    ("head -c 10000000 /dev/zero", "File too large"),
    ("exec sleep 1000", "nothing has come within 10 s"),
    ("""echo '{"type":"status","message":"a b\\u001b[2Jc"}'; exec sleep 1000""", "a b?[2Jc"),
])  # fmt: skip
def test_child_that_does_not_tell(with_child, script, said):
    assert said in refused(environment(), with_child(script))


# each goes on for good once it is in step
AFTER_SYNC = {
    "ignores its end": "trap '' TERM INT; " + SYNCED + "while :; do sleep 1; done",
    "is stopped": SYNCED + "kill -STOP $$",
    # faster than its lines can be understood
    "floods": "x=$(printf '1,%.0s' {1..20000}); " + SYNCED + 'exec yes "{\\"type\\":[${x}1]}"',
    "floods with rubbish": SYNCED + "exec yes '{{{'",
    "complains": SYNCED + "trap '' PIPE; while echo complaint >&2 || :; do sleep 0.1; done",
}


@pytest.mark.parametrize("script", AFTER_SYNC.values(), ids=AFTER_SYNC)
def test_child_that_misbehaves(with_child, script):
    with top("--pod-label", "app=web", binary=with_child(script)) as shown:
        servers.await_true(lambda: shown.lines, "a header")
        assert shown.interrupt() == 0
    assert len(shown.lines) == 1
    assert shown.errors in ([], ["loopscope top: complaint\n"])  # if it came first


def test_endless_line(with_child):
    with top("--pod-label", "app=web", binary=with_child(SYNCED + "exec cat /dev/zero")) as shown:
        shown.await_error("has ended")
        assert shown.interrupt() == 0


def test_interrupted_before_pods_are_known(with_child):
    with Running("stat", "--pod-label", "app", binary=with_child("exec sleep 1000")) as stat:
        servers.await_true(lambda: children_of(stat.process.pid), "a child")
        assert stat.interrupt() == 1
    assert len(stat.errors) == 1 and "interrupted" in stat.errors[0]


def test_child_has_no_descriptors_of_ours(with_child, tmp_path):
    script = f"ls /proc/$$/fd >{tmp_path}/fds; {SYNCED} exec sleep 1000"
    with top("--pod-label", "app", binary=with_child(script)) as shown:
        servers.await_true(lambda: shown.lines, "a header")
        assert shown.interrupt() == 0
    # 255: the shell's own, of its script
    assert set((tmp_path / "fds").read_text().split()) - {"255"} == {"0", "1", "2"}


def test_screen_is_not_written_over(with_child, tmp_path):
    done = tmp_path / "complained"
    script = SYNCED + f"trap '' PIPE; sleep 1; echo COMPLAINT >&2; touch {done}; exec sleep 1000"
    shown = bytearray()
    pid, terminal = pty.fork()
    if not pid:
        os.execve(with_child(script), ["loopscope", "top", "--pod-label", "app=web"],
                  {**os.environ, "TERM": "xterm"})  # fmt: skip

    def read():
        with suppress(OSError):  # the other end is closed
            while piece := os.read(terminal, 65536):
                shown.extend(piece)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        servers.await_true(done.exists, "a complaint")
        before = len(shown)
        os.write(terminal, b" ")  # a screen on which nothing changes is not written
        servers.await_true(lambda: len(shown) > before, "another update")
        os.write(terminal, b"q")
        servers.await_true(lambda: is_gone(pid), "the end")
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        reader.join()
        os.close(terminal)
    assert status == 0 and b"LAG" in shown and b"COMPLAINT" not in shown


def test_header_without_rows():
    """Once, however many updates there are none in."""
    with servers.running([built("pod_loop"), "200", "10"]) as loop:
        with top("-p", loop.pid, "--pod", "no-such") as shown:
            assert shown.wait() == 0
    assert [line.split()[0] for line in shown.lines] == ["TIME"]
