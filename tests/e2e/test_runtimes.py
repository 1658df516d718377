# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What loopscope calls a process, and which version, against what the program says of itself."""

import contextlib
import json
import platform
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import programs
import pytest
import servers
from built_parts import built_part
from node_agent import NodeAgent
from watch import BINARY

# epoll_wait, epoll_pwait, epoll_pwait2, poll, ppoll, select, pselect6
WAIT_CALLS = {
    "x86_64": {"232", "281", "441", "7", "271", "23", "270"},
    "aarch64": {"22", "441", "73", "72"},
}[platform.machine()]


def say(*command):
    """All that the program says."""
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout + done.stderr


def said(pattern, *command):
    return re.search(pattern, say(*command))[1]


def waits(pid):
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            if (task / "syscall").read_text().split()[0] in WAIT_CALLS:
                return True
    return False


@contextlib.contextmanager
def waiting(*command, **options):
    """The program, once a thread of it waits for events."""
    options.setdefault("stdout", subprocess.DEVNULL)
    options.setdefault("stderr", subprocess.DEVNULL)
    with servers.running(command, stdin=subprocess.PIPE, **options) as process:
        servers.await_true(lambda: waits(process.pid), f"{command} to wait")
        yield process.pid


def list_json(*arguments):
    command = [BINARY, "list", "--json", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def explain(pid):
    (explanation,) = list_json("--explain", pid)
    return explanation


def check(pid, runtime, version, library=None, library_version=None):
    told = explain(pid)
    assert (told["runtime"], told["runtime_version"]) == (runtime, version), told
    assert (told["loop_library"], told["loop_library_version"]) == (library, library_version), told
    assert told["certainty"] == "sure"
    return told


def loops_of(told):
    return [thread for thread in told["threads"] if thread["loop"]]


def test_node():
    with waiting("node", "-e", "setInterval(() => {}, 1000)") as pid:
        told = check(pid, "node", say("node", "--version").strip().removeprefix("v"), "libuv")
        assert pid in [loop["tid"] for loop in loops_of(told)]
        assert all(loop["wait_family"] == "epoll" for loop in loops_of(told))


ASLEEP = "asyncio.run(asyncio.sleep(1000))"
PYTHONS = {
    "asyncio": f"import asyncio; {ASLEEP}",
    "uvloop": f"import asyncio, uvloop; uvloop.install(); {ASLEEP}",
    "gevent": "import asyncio, gevent; gevent.sleep(1000)",
}


@pytest.mark.parametrize("library", PYTHONS)
def test_python(library):
    with waiting(sys.executable, "-c", PYTHONS[library]) as pid:
        told = check(pid, "python", platform.python_version(), library)
        assert [loop["tid"] for loop in loops_of(told)] == [pid]


def test_python_without_a_loop():
    """A library is told because it is there, not because of the language."""
    program = "import select; select.select([], [], [], 1000)"
    with waiting(sys.executable, "-c", program) as pid:
        check(pid, "python", platform.python_version())


def test_twisted_is_not_called_asyncio(tmp_path):
    """It loads asyncio's extension, and rests on zope.interface's: here a library of that name."""
    extension = tmp_path / "_zope_interface_coptimizations.cpython-311.so"
    code = f"import asyncio, ctypes; ctypes.CDLL({str(extension)!r}); {ASLEEP}"
    source = tmp_path / "empty.c"
    source.write_text("extern int nothing; int nothing;")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", extension, source], check=True)
    with waiting(sys.executable, "-c", code) as pid:
        told = explain(pid)
        assert (told["runtime"], told["loop_library"]) == ("python", None), told


def test_nginx(tmp_path):
    version = said(r"nginx/(\S+)", "nginx", "-v")
    server = servers.Nginx(tmp_path, workers=1)
    with server.serve():
        for pid in server.workers():
            told = check(pid, "nginx", version)
            assert len(loops_of(told)) == 1


def test_redis(tmp_path):
    version = said(r"v=(\S+)", "redis-server", "--version")
    command = ("redis-server", "--port", "0", "--save", "", "--dir", tmp_path)
    with waiting(*command, "--unixsocket", tmp_path / "redis.sock") as pid:
        told = check(pid, "redis", version)
        assert pid in [loop["tid"] for loop in loops_of(told)]


def test_memcached(tmp_path):
    version = said(r"memcached (\S+)", "memcached", "-V")
    command = ("memcached", "-u", "root", "-p", "0", "-t", "3", "-s", tmp_path / "memcached.sock")
    with waiting(*command) as pid:
        told = explain(pid)
        assert (told["runtime"], told["runtime_version"]) == ("memcached", version)
        assert told["loop_library"] == "libevent" and told["loop_library_version"], told
        # the main thread and each worker, each on an eventpoll of its own
        assert len(loops_of(told)) == 4
        assert sum(poll["threads_waiting"] == 1 for poll in told["eventpolls"]) == 4


def test_haproxy(tmp_path):
    version = said(r"version (\S+)", "haproxy", "-v")
    conf = tmp_path / "haproxy.cfg"
    conf.write_text(f"global\n    nbthread 2\n    stats socket {tmp_path}/stats\n"
                    "defaults\n    timeout client 1s\n    timeout server 1s\n")  # fmt: skip
    with waiting("haproxy", "-db", "-q", "-f", conf) as pid:
        assert len(loops_of(check(pid, "haproxy", version))) == 2


def test_libuv():
    with programs.Program(programs.built("uv_loop")) as program:
        program.hear("ready")
        version = say("pkg-config", "--modversion", "libuv").strip()
        check(program.pid, "libuv", version, "libuv", version)


def test_erlang():
    release = "io:put_chars(erlang:system_info(otp_release)), halt()."
    version = say("erl", "-noshell", "-eval", release)
    with waiting("erl", "-noshell") as pid:
        check(pid, "erlang", version)


def test_ruby():
    version = say("ruby", "-e", "print RUBY_VERSION")
    with waiting("ruby", "-e", "loop { IO.select(nil, nil, nil, 1000) }") as pid:
        check(pid, "ruby", version)


@pytest.mark.parametrize("transport", ["epoll", "nio"])
def test_netty(transport, tmp_path):
    version = said(r"Runtime Environment .*build ([^,)]+)", "java", "-version")
    lib = built_part("netty", "lib")
    netty = said(r"netty-transport-([0-9.]+[0-9])", "ls", lib)
    source = programs.APPS / "NettyServer.java"
    subprocess.run(["javac", "-d", tmp_path, "-cp", f"{lib}/*", source], check=True)
    java = ("java", "-cp", f"{lib}/*:{tmp_path}", "NettyServer", transport, 1)
    with programs.Program(*java) as program:
        program.hear("ready")
        check(program.pid, "java", version, f"netty-{transport}", netty)


@pytest.mark.parametrize("stripped", [False, True])
def test_tokio(stripped, tmp_path):
    """Panics name the source that they are of, after stripping too."""
    manifest = (programs.APPS / "tokio_loops" / "Cargo.toml").read_text()
    version = re.search(r'^tokio = { version = "=([^"]+)"', manifest, re.MULTILINE)[1]
    built = built_part("tokio", "std")
    program = tmp_path / "anything"
    shutil.copyfile(built, program)
    program.chmod(0o755)
    if stripped:
        subprocess.run(["strip", "--strip-all", program], check=True)
    with programs.Program(program, "multi", "echo") as running:
        running.hear("ready")
        check(running.pid, "tokio", version, "tokio", version)


GO = """package main

import "net/http"

func main() { http.ListenAndServe("127.0.0.1:0", nil) }
"""


@pytest.fixture(scope="module")
def go_server(tmp_path_factory):
    if not shutil.which("go"):
        pytest.skip("go is not installed")
    directory = tmp_path_factory.mktemp("go")
    (directory / "main.go").write_text(GO)
    stripped = ["-ldflags", "-s -w"]
    for name, flags in (("whole", []), ("stripped", stripped)):
        subprocess.run(["go", "build", *flags, "-o", name, "main.go"], cwd=directory, check=True)
    return directory


@pytest.mark.parametrize("name", ["whole", "stripped"])
def test_go(go_server, name):
    version = said(r"go([0-9.]+)", "go", "version")
    with waiting(go_server / name) as pid:
        told = check(pid, "go", version)
        assert "goroutines" in told["no_loop"] and not loops_of(told)


def test_go_is_left_out_but_of_list(go_server, tmp_path):
    ticking = ("node", "-e", "setInterval(() => {}, 9)")
    with waiting(go_server / "whole") as go, waiting(*ticking) as node:
        targets = ("-p", go, "-p", node)
        *listed, _ = list_json(*targets)
        assert {loop["pid"] for loop in listed if loop["no_loop"]} == {go}
        assert {loop["pid"] for loop in listed if not loop["no_loop"]} == {node}
        command = [BINARY, "stat", "--json", "-d", "0.5", *map(str, targets)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        *reported, summary = map(json.loads, done.stdout.splitlines())
        assert {loop["pid"] for loop in reported} == {node}
        assert summary["loops"] == len(reported)
        assert f"process {go} is left out: Go's scheduler" in done.stderr
        command = [BINARY, "stat", "-d", "0.3", "-p", str(go)]
        alone = subprocess.run(command, capture_output=True, text=True, check=True)
        assert alone.stdout.strip() == "" and "no loop seen: Go's scheduler" in alone.stderr
        path = tmp_path / "go"
        command = [BINARY, "record", "-o", path, "-d", "0.3", "-p", str(go)]
        subprocess.run(command, capture_output=True, check=True)
    for files in (path,), (path, path):
        command = [BINARY, "report", *files]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert f"while {path} was recorded: Go's scheduler" in done.stderr
        assert "slower" not in done.stdout


def test_the_agent_leaves_go_out(go_server, tmp_path):
    ticking = ("node", "-e", "setInterval(() => {}, 9)")
    version = say("node", "--version").strip().removeprefix("v")
    settings = {"export": {"to": "none", "interval_ms": 200}}
    with waiting(go_server / "whole") as go, waiting(*ticking) as node:
        with NodeAgent(tmp_path, settings) as agent:
            agent.await_loops(node)
            with waiting(*ticking) as later:  # by then all that was there before has been met
                agent.await_loops(later)
            samples = agent.metrics()
    info = [sample.labels for sample in samples if sample.name == "loopscope_resource_info"]
    pids = {sample.labels.get("process_pid") for sample in samples}
    assert str(node) in pids and str(go) not in pids
    (told,) = [labels for labels in info if labels.get("process_pid") == str(node)]
    assert told["process_runtime_name"] == "nodejs"
    assert told["process_runtime_version"] == version


def test_a_name_is_not_enough(tmp_path):
    """A program that has set its thread's name is not what that says."""
    code = "import time; open('/proc/self/comm', 'w').write('redis-server'); time.sleep(1000)"
    with servers.running([sys.executable, "-c", code]) as process:
        comm = Path(f"/proc/{process.pid}/comm")
        servers.await_true(lambda: comm.read_text() == "redis-server\n", "the name")
        assert explain(process.pid)["runtime"] == "python"
    renamed = tmp_path / "nginx"
    shutil.copyfile(shutil.which("sleep"), renamed)
    renamed.chmod(0o755)
    with servers.running([renamed, "1000"]) as process:
        exe = Path(f"/proc/{process.pid}/exe")
        servers.await_true(lambda: exe.readlink() == renamed, "the program")
        told = explain(process.pid)
        assert (told["runtime"], told["certainty"]) == ("nginx", "likely")
        assert told["runtime_version"] is None and not loops_of(told)


def refused(pid):
    done = subprocess.run([BINARY, "list", "--explain", str(pid)], capture_output=True, text=True)
    assert done.returncode == 1 and not done.stdout
    return done.stderr


def test_what_cannot_be_explained():
    assert "no such process" in refused(2**31 - 1)
    if not Path("/proc/2/exe").exists() and Path("/proc/2/stat").exists():
        assert "a kernel thread" in refused(2)
    with servers.running([sys.executable, "-c", ""]) as process:
        status = Path(f"/proc/{process.pid}/stat")
        servers.await_true(lambda: status.read_text().rsplit(")")[1].split()[0] == "Z", "its end")
        assert "a zombie" in refused(process.pid)


def test_one_that_ends_meanwhile():
    with servers.running(["sleep", "1000"]) as process:
        command = [BINARY, "list", "--json", "--explain", str(process.pid)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        with subprocess.Popen(command, **pipes) as explaining:
            explaining.stderr.readline()  # it is being watched
            process.send_signal(signal.SIGKILL)
            told = json.loads(explaining.communicate()[0])
    assert explaining.returncode == 0
    assert told["ended"] is True and [t["thread"] for t in told["threads"]] == ["sleep"]


def test_text_says_the_same(go_server):
    with waiting(go_server / "whole") as pid:
        told = explain(pid)
        command = [BINARY, "list", "--explain", str(pid)]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert f"runtime     go {told['runtime_version']} (sure)" in text
        assert told["no_loop"] in text and told["executable"]["path"] in text
        for thread in told["threads"]:
            assert re.search(rf"^ *{thread['tid']}  ", text, re.MULTILINE), text
