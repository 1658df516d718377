# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Runs `loopscope pods`, once or on and on, and reads what it says."""

import json
import os
import re
import signal
import subprocess
import threading
import time
from pathlib import Path

from fake_cluster import NODE

BUILD = Path(os.environ.get("BUILD", Path(__file__).parents[2] / "build"))
LOOPSCOPE = BUILD / "loopscope"

SECRET = "eyJhbGciOiJSUzI1NiJ9.s3cr3t-t0ken-of-the-test"
MAX_RSS_MB = 40  # 12 MB at rest; what is known of pods, an object under way
WAIT_S = 60  # for what must come; only a failure takes so long


def environment(**extra):
    """Nothing of the machine's that leads to a cluster, or to a proxy."""
    clean = {
        k: v
        for k, v in os.environ.items()
        if not k.lower().endswith("_proxy") and not k.startswith(("KUBE", "K8S_"))
    }
    return {**clean, **extra}


class Credentials:
    """Writes kubeconfigs."""

    def __init__(self, directory):
        self.directory = directory

    def write(self, server, cluster=None, user=None):
        """The path of one for that server; `cluster` and `user` have the fields to add."""
        path = self.directory / f"kubeconfig-{len(list(self.directory.iterdir()))}"
        config = {
            "current-context": "test",
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
            "clusters": [{"name": "test", "cluster": {"server": server, **(cluster or {})}}],
            "users": [{"name": "test", "user": {"token": SECRET} if user is None else user}],
        }
        path.write_text(json.dumps(config))
        return path


def command(*arguments, node=NODE):
    named = [f"--node={node}"] if node else []
    return [str(argument) for argument in (LOOPSCOPE, "pods", *named, *arguments)]


def run_once(*arguments, node=NODE, **extra):
    """Until it ends by itself."""
    done = subprocess.run(command(*arguments, node=node), capture_output=True, text=True,
                          timeout=WAIT_S, env=environment(**extra), check=False)  # fmt: skip
    assert SECRET not in done.stdout + done.stderr
    return done


def records(text):
    return [json.loads(line) for line in text.splitlines()]


class Follow:
    """`loopscope pods --follow --json` while a test looks on; ended by SIGTERM.

    In the end it must have lived, with little memory, and not told its secret.
    """

    def __init__(self, *arguments, max_rss_mb=MAX_RSS_MB, **extra):
        # and never a kubelet that this machine may have, unless it is the one that is meant
        only = [] if any("--kubelet" in a for a in arguments) else ["--set=kubernetes.pods=api"]
        self.command = command("--follow", "--json", *only, *arguments)
        self.extra = extra
        self.max_rss_mb = max_rss_mb
        self.lines = []
        self.records = []
        self.news = threading.Condition()

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, env=environment(**self.extra),
                                        text=True)  # fmt: skip
        self.readers = [threading.Thread(target=self.read, args=(stream,), daemon=True)
                        for stream in (self.process.stdout, self.process.stderr)]  # fmt: skip
        for reader in self.readers:
            reader.start()
        return self

    def __exit__(self, kind, *error):
        try:
            if kind is None:
                assert self.process.poll() is None, self.lines
                rss_mb = self.peak_rss_mb()
                self.process.send_signal(signal.SIGTERM)
                assert self.process.wait(timeout=WAIT_S) == 0, self.lines
                assert rss_mb <= self.max_rss_mb, rss_mb
        finally:
            self.process.kill()
            self.process.wait()
            for reader in self.readers:
                reader.join()
        assert not [line for line in self.lines if SECRET in line]

    def read(self, stream):
        for line in stream:
            with self.news:
                self.lines.append(line)
                if line.startswith("{"):
                    self.records.append(json.loads(line))
                self.news.notify_all()

    def peak_rss_mb(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s*(\d+) kB", status)[1]) / 1024

    def of_type(self, kind):
        return [record for record in self.records if record["type"] == kind]

    def messages(self):
        """What is said of failures: all but whom it asks, which comes first."""
        return [record["message"] for record in self.of_type("status")][1:]

    def wait_for(self, condition, what="what should come"):
        """Whatever `condition(self)` returns, once it is true."""
        deadline = time.monotonic() + WAIT_S
        with self.news:
            while not (value := condition(self)):
                assert self.process.poll() is None, (what, self.lines)
                assert time.monotonic() < deadline, (what, self.lines[-20:])
                self.news.wait(0.05)
        return value

    def wait_synced(self, times=1):
        self.wait_for(lambda f: len(f.of_type("synced")) >= times, "a complete list")

    def wait_message(self, pattern):
        return self.wait_for(
            lambda f: next((m for m in f.messages() if re.search(pattern, m)), None), pattern
        )

    def pods(self):
        """Pods by name, as a reader of the records comes to know them."""
        known = {}
        for record in self.records:
            if record["type"] == "pod":
                known[record["uid"]] = record
            elif record["type"] == "deleted":
                known.pop(record["uid"], None)
        return {pod["name"]: pod for pod in known.values()}
