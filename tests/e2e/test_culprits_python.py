# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""asyncio, uvloop and Sanic held up on purpose: `loopscope stalls` says so, and by what."""

import contextlib
import json
import os
import subprocess
import sys
import sysconfig
import urllib.request
from pathlib import Path

import culprits
import programs
import pytest
import servers
from slow_parts import slow_server

MS = {"sleep": 700, "requests": 700, "loop": 400, "json": 0, "gil": 700}


@pytest.fixture(scope="module")
def gil_holder(tmp_path_factory):
    """The directory of the extension."""
    headers = sysconfig.get_paths()["include"]
    if not Path(headers, "Python.h").exists():
        pytest.skip(f"no {headers}/Python.h to build an extension with")
    directory = tmp_path_factory.mktemp("extension")
    name = "gil_holder" + sysconfig.get_config_var("EXT_SUFFIX")
    source = programs.APPS / "gil_holder.c"
    command = ["gcc", "-O2", "-g", "-shared", "-fPIC", f"-I{headers}", source]
    subprocess.run([*command, "-o", directory / name], check=True)
    return directory


class Loop:
    """stall_loop.py"""

    def __init__(self, program):
        self.program = program
        self.pid = program.pid
        program.hear("ready")

    def prepare(self, name):
        self.program.tell(f"prepare {name}")
        self.program.hear("prepared")

    def stall(self, name):
        self.program.tell(f"stall {name} {MS[name]}")
        return self.program.hear("stalled")


class Sanic:
    """sanic_stalls.py"""

    def __init__(self, pid, port):
        self.pid = pid
        self.port = port

    def ask(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{path}") as answer:
            return json.load(answer)

    def answers(self):
        with contextlib.suppress(OSError):
            self.ask("prepare/nothing")
            return True
        return False

    def prepare(self, name):
        self.ask(f"prepare/{name}")

    def stall(self, name):
        return self.ask(f"stall/{name}/{MS[name]}")


@contextlib.contextmanager
def loop_of(kind, directory, environment):
    options = {"env": {**os.environ, **environment, "PYTHONDONTWRITEBYTECODE": "1"}}
    if kind == "sanic":
        port = servers.free_port()
        command = [sys.executable, programs.APPS / "sanic_stalls.py", port]
        with (directory / "sanic.log").open("w") as log, servers.running(
            command, stdout=log, stderr=log, **options
        ) as process:
            sanic = Sanic(process.pid, port)
            servers.await_true(sanic.answers, f"sanic does not answer: see {log.name}")
            yield sanic
    else:
        command = [sys.executable, programs.APPS / "stall_loop.py", f"--{kind}"]
        with programs.Program(*command, **options) as program:
            yield Loop(program)


@pytest.mark.parametrize("name", list(culprits.PYTHON))
@pytest.mark.parametrize("kind", ["asyncio", "uvloop", "sanic"])
def test_python(kind, name, tmp_path, gil_holder, figures):
    with slow_server() as url, loop_of(
        kind, tmp_path, {"SLOW_URL": url, "GIL_HOLDER": str(gil_holder)}
    ) as loop:
        loop.prepare(name)

        def stall():
            span = loop.stall(name)
            return span["begun"], span["ended"]

        waker_pid = loop.pid if name == "gil" else os.getpid()
        culprits.score(figures, culprits.PYTHON[name], loop.pid, stall, waker_pid)
