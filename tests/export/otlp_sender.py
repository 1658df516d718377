# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Runs otlp_send, the OTLP client on a loop of its own, and reads what it prints."""

import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

BUILD = Path(os.environ.get("BUILD", Path(__file__).parents[2] / "build"))
OTLP_SEND = BUILD / "export" / "otlp_send"

SECRET = "s3cr3t-t0ken-of-the-test"
AUTHORIZATION = f"authorization=Bearer {SECRET}"

# a shorter deadline than the shortest wait before a second attempt
ONE_ATTEMPT_MS = 700


@dataclass
class Export:
    outcomes: list = field(default_factory=list)
    message: str = ""
    stats: dict = field(default_factory=dict)
    ticks: int = 0
    longest_gap_ms: float = 0
    busy: bool = False
    error: str = ""

    @property
    def outcome(self):
        (outcome,) = self.outcomes
        return outcome

    @property
    def attempts(self):
        return self.stats["attempts"]

    def assert_loop_turned(self):
        """The 10 ms timer ticked all the while, and nothing held the loop for long."""
        duration_ms = self.stats["duration_s"] * 1000
        assert self.ticks >= duration_ms / 10 / 5, (self.ticks, duration_ms)
        assert self.longest_gap_ms < duration_ms / 2


def command(endpoint, files, *, timeout_ms=10000, header=AUTHORIZATION, **options):
    arguments = [OTLP_SEND, "--endpoint", endpoint, "--timeout-ms", str(timeout_ms)]
    headers = [header] if isinstance(header, str) else header
    for one in headers:
        arguments += ["--header", one]
    for name, value in options.items():
        option = "--" + name.replace("_", "-")
        arguments += [option] if value is True else [option, str(value)]
    return [str(argument) for argument in arguments + list(files)]


def environment(extra):
    """Without the proxies that the machine may have set."""
    clean = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    return {**clean, **extra}


def check_output(output, errors):
    assert SECRET not in output + errors
    assert "ERROR: " not in errors and "runtime error" not in errors, errors


def send(endpoint, files, *, env=None, secrets=(), **options):
    """One export to its end."""
    done = subprocess.run(
        command(endpoint, files, **options),
        env=environment(env or {}),
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )
    check_output(done.stdout, done.stderr)
    assert not any(secret in done.stdout + done.stderr for secret in secrets)
    assert done.returncode == 0, done.stderr
    return Export(**json.loads(done.stdout)) if done.stdout else None


class Sender:
    """As many exports of one client as next() begins; it lives on to be looked at."""

    def __init__(self, endpoint, files, **options):
        self.command = command(endpoint, files, exports=1000, **options)
        self.begun = False

    def __enter__(self):
        self.process = subprocess.Popen(
            self.command,
            env=environment({}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        return self

    def next(self):
        if self.begun:  # the first begins by itself
            self.process.stdin.write("\n")
            self.process.stdin.flush()
        self.begun = True
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        assert SECRET not in line
        return Export(**json.loads(line))

    def nr_descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def connections_close_on_exec(self):
        """libcurl has a pair of its own, to be woken by, which does not."""
        process = Path(f"/proc/{self.process.pid}")
        closing = []
        for entry in (process / "fd").iterdir():
            if str(entry.readlink()).startswith("socket:"):
                info = (process / "fdinfo" / entry.name).read_text()
                closing.append(bool(int(info.split("flags:")[1].split()[0], 8) & os.O_CLOEXEC))
        return closing.count(True) > 0 and closing.count(False) <= 2

    def __exit__(self, kind, *error):
        output, errors = self.process.communicate(timeout=30)
        if kind is None:
            check_output(output, errors)
            assert self.process.returncode == 0, errors
