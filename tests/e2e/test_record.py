# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Recordings: replayed anywhere they give what was shown live, and much of one is as good."""

import contextlib
import os
import pathlib
import re
import signal
import subprocess
import time

import programs
import pytest
from recording import Record, compared, demo, read_partly, report, size_of_beginning, stuck
from servers import await_true
from watch import BINARY

NR_CHURNING = 6


@pytest.fixture
def recorded(tmp_path):
    """A short recording of a demo server, of several chunks."""
    path = tmp_path / "recording"
    with demo() as (pid, get), Record(path, "-p", pid, "-i", "0.1") as record:
        await_true(lambda: path.exists() and read_partly(path)[0], "the first chunk")
        for _ in range(5):
            get("/health")
        record.finish()
    return path


@pytest.mark.parametrize("json_too", [True, False])
def test_replay_is_live(tmp_path, json_too):
    """Loops that stay, begin, end and are stuck; byte for byte, on a machine that tells nothing
    and without a right to anything."""
    path = tmp_path / "recording"
    with demo() as (pid, get), stuck() as stuck_pid:
        with programs.Program(programs.built("churn"), NR_CHURNING, os.getpid()) as churn:
            churn.hear("ready")
            targets = [word for each in (pid, stuck_pid, churn.pid) for word in ("-p", each)]
            record = Record(path, *targets, "-i", "0.2", json_too=json_too)
            with record:
                churn.start()
                get("/blocking")
                time.sleep(1)  # that some end and others begin, several walks long
                churn.stop()
                live = record.finish()
    replayed = report(*(["--json"] if json_too else []), path, elsewhere=True)
    assert replayed.returncode == 0, replayed.stderr
    assert replayed.stdout == record.output
    if json_too:
        live.check_nothing_lost()
        assert live.thread(stuck_pid)["state"] == "unseen"
        assert live.thread(pid).syscall("clock_nanosleep")[0] >= 1
        ended = [loop for loop in live.loops if loop["ended"]]
        assert len(ended) > NR_CHURNING
    else:
        assert "then ended" in live and "not seen to wait" in live


def test_pipe(tmp_path):
    """The standard output and input do as well, and there is no report then."""
    with demo() as (pid, _):
        made = subprocess.run([BINARY, "record", "-o", "-", "-p", str(pid), "-d", "0.5"],
                              capture_output=True, check=True)  # fmt: skip
    piped = subprocess.run([BINARY, "report", "-"], input=made.stdout, capture_output=True,
                           check=True)  # fmt: skip
    (tmp_path / "file").write_bytes(made.stdout)
    assert b"demo-server" in piped.stdout
    assert report(tmp_path / "file").stdout == piped.stdout.decode()


def test_killed(tmp_path):
    """What a recorder wrote before it was killed can be read, while it is at work, too."""
    path = tmp_path / "recording"
    with demo() as (pid, get), Record(path, "-p", pid, "-i", "0.2") as record:

        def readable():
            get("/health")
            loops, error = read_partly(path) if path.exists() else ([], "")
            assert not loops or "has no end" in error or "cut off" in error
            return loops and loops[0]["window_s"] >= 1

        await_true(readable, "a second that can be read")
        record.process.kill()
        record.process.wait()
        [loop], error = read_partly(path)
    assert loop["pid"] == pid and loop["window_s"] >= 1
    assert "has no end: whoever recorded it was killed" in error
    assert path.stat().st_mode & 0o777 == 0o600


def test_full_disk(tmp_path):
    """It is said, and what fitted can be read: up to the last whole second."""
    mount = tmp_path / "small"
    mount.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k", "none", mount], check=True)
    try:
        path = mount / "recording"
        with demo() as (pid, _), Record(path, "-p", pid, "-i", "0.1") as record:
            assert record.process.wait(timeout=60) == 1
            record.reader.join()
            [loop], error = read_partly(path)
    finally:
        subprocess.run(["umount", mount], check=True)
    said = "".join(record.stderr)
    assert "No space left on device" in said and f"loopscope report {path}" in said
    assert loop["pid"] == pid and loop["window_s"] > 0
    assert "has no end" in error and "cut off" not in error


def test_closed_pipe():
    with demo() as (pid, _):
        process = subprocess.Popen([BINARY, "record", "-o", "-", "-p", str(pid)],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip
        assert process.stdout.read(8) == b"\x89LOOPSC\n"
        process.stdout.close()
        error = process.stderr.read()
        assert process.wait(timeout=60) == 1
    assert b"nobody reads it any more" in error


def refused(*arguments):
    result = subprocess.run([BINARY, "record", *map(str, arguments)], capture_output=True,
                            text=True, check=False)  # fmt: skip
    assert result.returncode in (1, 2) and not result.stdout, result
    return result.stderr


def test_what_is_not_overwritten(tmp_path, recorded):
    precious = tmp_path / "precious"
    precious.write_text("not to be lost")
    target = ("-p", os.getpid())
    assert "is no recording: remove it" in refused("-o", precious, *target)
    assert precious.read_text() == "not to be lost"
    assert "Is a directory" in refused("-o", tmp_path, *target)
    assert "is no file" in refused("-o", "/dev/null", *target)
    assert "belongs to another user" in refused_of_another(tmp_path, target)
    comm = pathlib.Path("/proc/self/comm").resolve()  # no size, but something in it
    assert "is no recording" in refused("-o", comm, *target)
    assert "give -o FILE" in refused(*target)
    # where nothing can be watched, nothing is lost, and nothing left behind
    before = recorded.read_bytes()
    refused("-o", recorded, "-p", 2**31 - 1)
    assert recorded.read_bytes() == before
    refused("-o", tmp_path / "new", "-p", 2**31 - 1)
    assert not (tmp_path / "new").exists()


def refused_of_another(tmp_path, target):
    path = tmp_path / "another"
    path.touch()
    os.chown(path, 65534, 65534)
    return refused("-o", path, *target)


def test_a_recording_is_overwritten_by_one_at_a_time(recorded):
    before = recorded.read_bytes()
    recorded.chmod(0o644)
    with demo() as (pid, _), Record(recorded, "-p", pid, "-i", "0.1") as record:
        assert "another loopscope is recording" in refused("-o", recorded, "-p", pid)
        live = record.finish()
    assert recorded.read_bytes() != before
    assert recorded.stat().st_mode & 0o777 == 0o600
    assert report("--json", recorded).stdout == record.output
    assert [loop["pid"] for loop in live.loops] == [pid]


def test_corrupted(recorded, tmp_path):
    """One byte is wrong: what comes before it is shown, and where it is told."""
    whole = recorded.read_bytes()
    path = tmp_path / "corrupted"
    path.write_bytes(whole[:-100] + bytes([whole[-100] ^ 1]) + whole[-99:])
    loops, error = read_partly(path)
    assert "it is corrupted" in error and " at byte " in error
    assert len(loops) == 1
    path.write_bytes(whole[:-30])
    loops, error = read_partly(path)
    assert f"cut off at byte {len(whole) - 30}" in error
    assert len(loops) == 1
    path.write_bytes(b"x" + whole[1:])
    assert "no recording of loopscope" in report(path).stderr
    assert report(tmp_path / "none").returncode == 1
    assert report().returncode == 2


def visits(tmp_path, name, pages):
    """A recording of a new demo server that is asked for these pages."""
    path = tmp_path / name
    with demo() as (pid, get), Record(path, "-p", pid, "-i", "0.2") as record:
        for page in pages:
            get(page)
        record.finish()
    return path


def test_comparison_names_the_cause(tmp_path, figures):
    """Of a server that has become slower, and that was restarted in between."""
    quick = visits(tmp_path, "quick", ["/health"] * 60)
    slow = visits(tmp_path, "slow", (["/health"] * 3 + ["/blocking"]) * 10)
    [loop], summary = compared(quick, slow)
    assert summary == {"summary": True, "slower": 1, "unknown": 0, "same": 0, "faster": 0}
    assert loop["verdict"] == "slower" and loop["before"]["pid"] != loop["after"]["pid"]
    worst = loop["per_iteration"][0]
    assert worst["syscall"] == "clock_nanosleep" and worst["before_ms"] == 0
    busy = loop["figures"]["busy_per_iteration_ms"]
    assert busy["change"] == "more"
    added = busy["after"] - busy["before"]
    figures.near("added, in clock_nanosleep", worst["after_ms"], added, "ms", rel=0.1,
                 source="busy/iteration")  # fmt: skip
    text = report(quick, slow).stdout
    assert "in clock_nanosleep" in text and ": slower\n" in text
    assert compared(slow, quick)[0][0]["verdict"] == "faster"
    assert compared(slow, slow)[1]["same"] == 1


def test_noise_is_not_cried_out(tmp_path):
    """The same work twice; the machine may be busy, so that nothing but lag may differ."""
    first = visits(tmp_path, "first", ["/health"] * 60)
    second = visits(tmp_path, "second", ["/health"] * 60)
    [loop], _ = compared(first, second)
    for figure in "stalls_per_minute", "lag_max_ms":
        assert loop["figures"][figure]["change"] == "same"
    for figure in "lag_p95_ms", "lag_p99_ms":
        assert loop["figures"][figure]["change"] == "unknown"


def measure(path, command, work, seconds, figures, name):
    with programs.Program(*command) as program:
        program.hear("ready")
        with Record(path, "-p", program.pid) as record:
            if work:
                program.start()
            time.sleep(seconds)
            if work:
                program.stop()
            live = record.finish()
    assert report("--json", path).stdout == record.output
    window_s = max(loop["window_s"] for loop in live.loops)
    beginning = size_of_beginning(path)
    rate = (path.stat().st_size - beginning) / len(live.loops) / window_s * 60
    figures.note(f"{name}: a loop and minute", rate / 1000, 0, "kB", "file")
    figures.note(f"{name}: beginning of file", beginning / 1000, 0, "kB", "file")
    return rate


def test_size(tmp_path, figures):
    """What a loop costs a minute of the file, at the default interval."""
    uv_loop, many = programs.built("uv_loop"), programs.built("many_loops")
    path = tmp_path / "recording"
    idle = measure(path, (uv_loop, "idle"), False, 3, figures, "idle")
    measure(path, (uv_loop, "ticks"), True, 3, figures, "busy")
    of_many = measure(path, (many, "sized", "4", "25", "100", "10"), True, 3, figures, "100 loops")
    # a record is 312 bytes and one for each bucket; an idle one is sent without buckets
    figures.at_most("idle, compressed", idle, 60 * 400, "bytes", source="as it came")
    figures.at_most("of 100, compressed", of_many, 60 * 1600, "bytes", source="as it came")


def test_targets_end_it(tmp_path):
    path = tmp_path / "recording"
    with programs.Program(programs.built("uv_loop"), "idle") as program:
        program.hear("ready")
        with Record(path, "-p", program.pid) as record:
            program.process.terminate()
            [loop] = record.wait().loops
    assert loop["ended"] and "the last process to watch has ended" in "".join(record.stderr)
    assert report("--json", path).stdout == record.output


def said_on_terminal(*command):
    """What a command writes to a terminal that is its stderr."""
    ours, theirs = os.openpty()
    with subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=theirs):
        os.close(theirs)
        said = b""
        with contextlib.suppress(OSError):  # which is how the end of a terminal is told
            while data := os.read(ours, 4096):
                said += data
    os.close(ours)
    return said.decode()


def test_progress(tmp_path):
    """Only on a terminal."""
    path = tmp_path / "recording"
    with demo() as (pid, _):
        arguments = ("-p", pid, "-d", "1.5", "-o", path)
        said = said_on_terminal(BINARY, "record", *arguments)
        assert re.search(r"\r\x1b\[K1 s, 1 loop, [\d.]+ kB", said), said
        plain = subprocess.run([BINARY, "record", *map(str, arguments)], capture_output=True,
                               check=True)  # fmt: skip
    assert b"\r" not in plain.stderr


def test_interrupt_ends_it(recorded):
    """SIGTERM as well as Ctrl-C: the end is written, and the report printed."""
    with demo() as (pid, _), Record(recorded, "-p", pid) as record:
        record.process.send_signal(signal.SIGTERM)
        record.wait()
    assert report("--json", recorded).stdout == record.output
