# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Runs scripted_loop, step by step, and reads the logs it leaves.

    with ScriptedLoop("idle:5 spin:2000") as program:  # asleep in its first wait
        program.go()
        program.await_done()                            # asleep in its last wait
        [log] = program.quit()
"""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

from truth import Log

BUILD = Path(os.environ.get("BUILD", Path(__file__).parents[2] / "build")).resolve()
PROGRAM = BUILD / "tests/scripted_loop"

# epoll_wait, epoll_pwait, epoll_pwait2: an epoll loop may poll in its callbacks
WAIT_CALLS = {"x86_64": ("232", "281", "441"), "aarch64": ("22", "441")}[os.uname().machine]

RUN_NS = 5_000_000  # that long on a CPU is a callback
HANG_S = 60  # nothing waits this long


def settle_on(cpu, nice):
    """What the child does between fork and exec. Nice: the machine's other load is not ours."""

    def settle():
        if cpu is not None:
            os.sched_setaffinity(0, {cpu})
        if nice:
            os.setpriority(os.PRIO_PROCESS, 0, nice)

    return settle


class ScriptedLoop:
    def __init__(self, *scripts, later=(), name=None, cpu=None, nice=-15, prefix=()):
        self.command = [*prefix, str(PROGRAM)]
        if name:
            self.command += ["--name", name]
        for script in later:
            self.command += ["--later", script]
        self.command += scripts
        self.settle = settle_on(cpu, nice)

    def __enter__(self):
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=self.settle,
        )
        self.pid = self.process.pid
        self.expect("ready")
        return self

    def expect(self, word):
        """The next word; logs that come before it (of an exec) are kept."""
        self.early = []
        for line in self.process.stdout:
            if line.startswith("{"):
                self.early.append(line)
                continue
            assert line == word + "\n", line
            return
        raise AssertionError(f"{self.command} ended before it said {word}")

    def say(self, word):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()

    def go(self):
        self.say("go")

    def await_done(self):
        self.expect("done")

    def run(self):
        self.go()
        self.await_done()

    def quit(self):
        """The log of each loop, in the order that they ended in."""
        self.say("quit")
        lines = self.early + self.process.stdout.readlines()
        assert self.process.wait(timeout=HANG_S) == 0
        return [Log(json.loads(line)) for line in lines]

    def threads(self):
        """Tids of the loops' threads, in the order of their scripts."""
        tasks = Path(f"/proc/{self.pid}/task")
        return [
            int(task.name)
            for task in sorted(tasks.iterdir(), key=lambda path: int(path.name))
            if (task / "comm").read_text().strip() not in ("helper", "control")
        ]

    def await_callback(self, blocked, thread=0):
        """Until a loop is asleep between two waits, or has run for a while and still does."""
        task = Path(f"/proc/{self.pid}/task/{self.threads()[thread]}")
        path = task / "syscall"

        def ran_ns():
            return int((task / "schedstat").read_text().split()[0])

        until, start_ns = time.monotonic() + HANG_S, ran_ns()
        while time.monotonic() < until:
            where = path.read_text().split()[0]
            if blocked and where not in ("running", *WAIT_CALLS):
                return
            if not blocked and where == "running" and ran_ns() > start_ns + RUN_NS:
                return
            time.sleep(0.001)
        raise AssertionError(f"{path} is at {where}")

    def end_pause(self):
        self.process.send_signal(signal.SIGUSR1)

    def stop(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


class Spinner:
    """Another thread that wants one CPU all the time."""

    def __init__(self, cpu, nice=-15):
        self.settle = settle_on(cpu, nice)

    def __enter__(self):
        command = ["/bin/sh", "-c", "while :; do :; done"]
        self.process = subprocess.Popen(command, preexec_fn=self.settle)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
