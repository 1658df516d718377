# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Pictures of recorded stalls, held against what the program that stalled says; and how the command
is told what to draw. How they look in a browser: test_pictures_browser.py."""

import gzip
import json
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import programs
import pytest
import trace_events
from recording import Record, report
from servers import await_true
from watch import BINARY

GOLDEN = Path(__file__).parents[1] / "unit" / "golden"
SVG = "{http://www.w3.org/2000/svg}"
STALLS = [("sleep", 300), ("loop", 250), ("sleep", 200)]
FUNCTIONS = {"sleep": "pause", "loop": "count"}
SHARES_TID = 10000000


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A recording of stalls that are known, and for how long each lasted, in ms, by what it was."""
    path = tmp_path_factory.mktemp("pictures") / "recording"
    told = []
    with programs.Program(sys.executable, programs.APPS / "stall_loop.py") as program:
        program.hear("ready")
        with Record(path, "-p", program.pid, "-i", "0.5") as record:
            for name, ms in STALLS:
                program.tell(f"stall {name} {ms}")
                span = program.hear("stalled")
                told.append((name, span["begun"], span["ended"]))
            time.sleep(1)  # that names come, and a window ends
            loops = record.finish().loops
        pid = program.pid
    return path, pid, told, loops


def draw(recording, *options):
    result = report(recording, *options)
    assert result.returncode == 0, result.stderr
    return result.stdout


def folded_lines(text):
    for line in text.splitlines():
        stack, _, weight = line.rpartition(" ")
        yield stack.split(";"), int(weight) / 1000


def test_folded(recorded):
    """All stall time is there, and each culprit has its own."""
    path, _, told, _ = recorded
    lines = list(folded_lines(draw(path, "--folded")))
    spans = {}
    for name, begun, ended in told:
        spans[name] = spans.get(name, 0) + length_ms(begun, ended)
    assert sum(weight for _, weight in lines) == pytest.approx(sum(spans.values()), rel=0.1)
    for name, span in spans.items():
        of_it = [weight for stack, weight in lines
                 if any(frame.startswith(FUNCTIONS[name] + " (") for frame in stack)]  # fmt: skip
        assert sum(of_it) == pytest.approx(span, rel=0.2), (name, lines)
    assert {stack[2] for stack, _ in lines} >= {"syscall", "cpu"}


def length_ms(begun, ended):
    return (ended - begun) / 1e6


def test_flamegraph(recorded, tmp_path):
    path, _, told, _ = recorded
    out = tmp_path / "out.svg"
    assert draw(path, "--flamegraph", out) == ""
    root = ElementTree.parse(out).getroot()
    assert root.tag == SVG + "svg"
    # of several of a name, the widest
    frames = {frame.find(SVG + "title").text.split("\n")[0]: frame
              for frame in sorted((g for g in root.iter(SVG + "g") if g.get("class") == "f"),
                                  key=lambda g: int(g.get("data-w")))}  # fmt: skip
    total = sum(length_ms(begun, ended) for _, begun, ended in told)
    assert int(frames["all"].get("data-w")) / 1e6 == pytest.approx(total, rel=0.1)
    assert "c-syscall" in frames["pause"].find(SVG + "rect").get("class")
    assert "stall_works.py:" in frames["pause"].find(SVG + "title").text


def test_timeline_json(recorded, tmp_path):
    path, pid, told, loops = recorded
    out = tmp_path / "out.json"
    assert draw(path, "--timeline", out) == ""
    tracks = trace_events.checked(json.loads(out.read_text()))
    stalls = [event for event in tracks[pid, pid] if event.get("cat") == "stall"
              and event["ph"] == "X"]  # fmt: skip
    assert [each["name"] for each in stalls] == [FUNCTIONS[name] for name, _, _ in told]
    for stall, (_, begun, ended) in zip(stalls, told):
        assert stall["dur"] / 1000 == pytest.approx(length_ms(begun, ended), rel=0.1, abs=10)
        assert sum(stall["args"]["time_ms"].values()) == pytest.approx(
            stall["args"]["duration_ms"])  # fmt: skip
        assert any("pause" in line or "count" in line
                   for event in tracks[pid, pid] if "stack" in event.get("args", {})
                   for line in event["args"]["stack"])  # fmt: skip
    assert sum(event["name"] == "stall begun" for event in tracks[pid, pid]) == len(told)
    windows = [each for each in tracks[pid, pid + SHARES_TID] if each["name"] == "window"]
    polls = [each for each in tracks[pid, pid + SHARES_TID] if each["name"] == "poll"]
    [loop] = loops
    assert sum(each["dur"] for each in windows) / 1e6 == pytest.approx(loop["window_s"], rel=0.1)
    assert sum(each["dur"] for each in polls) / 1e3 == pytest.approx(
        loop["time_ms"]["poll"], rel=0.1)  # fmt: skip
    assert all("order" in each["args"]["note"] for each in windows)


def test_timeline_svg(recorded, tmp_path):
    path, _, told, _ = recorded
    out = tmp_path / "out.svg"
    assert draw(path, "--timeline", out) == ""
    bars = [bar.find(SVG + "title").text for bar in ElementTree.parse(out).iter(SVG + "rect")
            if "stall" in bar.get("class", "")]  # fmt: skip
    assert sorted(bar.split("\n")[0] for bar in bars) == sorted(
        FUNCTIONS[name] for name, _, _ in told)  # fmt: skip


def pprof_text(path):
    return subprocess.run(["go", "tool", "pprof", "-raw", path], check=True, capture_output=True,
                          text=True).stdout  # fmt: skip


# which builds its pprof when that is first asked for
needs_go = pytest.mark.skipif(not shutil.which("go"), reason="go is not installed")


@needs_go
def test_pprof(recorded, tmp_path):
    """What pprof reads out of it."""
    path, _, told, _ = recorded
    out = tmp_path / "out.pb.gz"
    assert draw(path, "--pprof", out) == ""
    text = pprof_text(out)
    samples = [line.split() for line in text.partition("[dflt]\n")[2].partition("Locations")[0]
               .splitlines() if ": " in line and ":[" not in line]  # fmt: skip
    total = sum(length_ms(begun, ended) for _, begun, ended in told)
    assert sum(int(words[0]) for words in samples) == len(told)
    assert sum(int(words[1].rstrip(":")) for words in samples) / 1e6 == pytest.approx(
        total, rel=0.1)  # fmt: skip
    assert "cause:[syscall]" in text and "cause:[cpu]" in text and "stall_works.py" in text
    assert "stalls/count stall_time/nanoseconds[dflt]" in text


@needs_go
def test_pprof_in_full(tmp_path):
    """Of the made-up stalls: every field."""
    made = bytes.fromhex((GOLDEN / "pprof.hex").read_text().replace("\n", ""))
    (tmp_path / "profile").write_bytes(gzip.compress(made))
    text = pprof_text(tmp_path / "profile")
    assert "Duration: 1s" in text and "Time: 2026-09-21" in text
    assert "2  192500000: 1 2 3 4 5" in text
    assert "cause:[cpu] namespace:[shop] pod:[web-1] process:[python3] thread:[python3]" in text
    assert "1: 0x1040 M=1 scanstring :64" in text
    assert "5: 0x0 <module> /srv/app/main.py:3" in text
    assert "8: 0x1029 M=3 copy_block /src/cache.cc:40" in text
    assert "Cache::fill(int) /src/cache.cc:41" in text
    assert "/srv/cache  [FN][FL][LN][IN]" in text


@pytest.mark.parametrize("name", ["timeline", "timeline_hostile", "timeline_quiet"])
def test_trace_events(name):
    document = json.loads((GOLDEN / f"{name}.json").read_text())
    trace_events.checked(document)


def test_all_at_once(recorded, tmp_path):
    """Of one reading, which may be a pipe's."""
    outs = [tmp_path / name for name in ("f.svg", "f.txt", "t.svg", "p.pb.gz")]
    options = ["--flamegraph", outs[0], f"--folded={outs[1]}", "--timeline", outs[2], "--pprof",
               outs[3]]  # fmt: skip
    with open(recorded[0], "rb") as recording:
        assert report("-", *options, stdin=recording).returncode == 0
    together = [out.read_bytes() for out in outs]
    assert all(together)
    assert draw(recorded[0], "--folded").encode() == together[1]
    draw(recorded[0], "--flamegraph", outs[0])
    assert outs[0].read_bytes() == together[0]


def test_without_stalls(tmp_path):
    path = tmp_path / "recording"
    with programs.Program(sys.executable, programs.APPS / "stall_loop.py") as program:
        program.hear("ready")
        with Record(path, "-p", program.pid, "-i", "0.1") as record:
            await_true(path.exists, "the recording")
            record.finish()
    assert draw(path, "--folded") == ""
    for option, name in (("--flamegraph", "f.svg"), ("--timeline", "t.svg")):
        draw(path, option, tmp_path / name)
        assert "No stall was recorded" in (tmp_path / name).read_text()
    draw(path, "--timeline", tmp_path / "t.json", "--pprof", tmp_path / "p.pb.gz")
    trace_events.checked(json.loads((tmp_path / "t.json").read_text()))
    gzip.decompress((tmp_path / "p.pb.gz").read_bytes())


@pytest.mark.parametrize("options, status, said", [
    (["--flamegraph", "/proc/none/out.svg"], 1, "cannot write /proc/none/out.svg"),
    (["--flamegraph", "/dev/full"], 1, "cannot write /dev/full: No space left on device"),
    (["--flamegraph", "x.png"], 2, "--flamegraph x.png: only .svg can be written"),
    (["--flamegraph", "a.svg/x.svg.gz"], 2, "x.svg.gz: only .svg can be written"),
    (["--folded=x.svg"], 2, "--folded x.svg: only text can be written"),
    (["--timeline", "out.txt"], 2, "--timeline out.txt: only .json, for Perfetto, and .svg"),
    (["--pprof", "x.svg"], 2, "--pprof x.svg: only .pb.gz can be written"),
    (["--pprof", "9" * 5000 + ".svg"], 2, "9: only .pb.gz can be written"),
    (["--flamegraph", ""], 2, "--flamegraph '': the name of a file is needed"),
    (["--folded="], 2, "--folded '': the name of a file is needed"),
    (["--flamegraph", "-", "--folded"], 2, "only one picture"),
    (["--flamegraph"], 2, "needs a value"),
    (["--pprof", "a", "--pprof", "b"], 2, "--pprof can be given only once"),
    (["--folded", "out.txt"], 2, "--folded=OUT needs the `=`"),
    (["--folded", "--json"], 2, "--json"),
])  # fmt: skip
def test_errors(recorded, tmp_path, options, status, said):
    result = report(recorded[0], *options, cwd=tmp_path)
    assert result.returncode == status and said in result.stderr, result
    assert not result.stdout and not list(tmp_path.iterdir()), result


@pytest.mark.parametrize("option", ["--flamegraph", "--folded", "--timeline", "--pprof"])
def test_standard_output(recorded, tmp_path, option):
    """The very bytes that a file gets, whether or not it has an ending."""
    draw(recorded[0], f"{option}={tmp_path / 'named'}")
    with open(tmp_path / "piped", "wb") as out:
        command = [BINARY, "report", recorded[0], f"{option}=-"]
        subprocess.run(command, stdout=out, check=True)
    written = (tmp_path / "piped").read_bytes()
    assert written == (tmp_path / "named").read_bytes()
    if option == "--timeline":
        trace_events.checked(json.loads(written))
    elif option == "--flamegraph":
        ElementTree.fromstring(written)
    elif option == "--pprof":
        gzip.decompress(written)
    else:
        assert b";syscall;" in written


def test_what_is_there_is_kept(recorded, tmp_path):
    """A recording is not drawn over, and a picture stays when there is nothing to draw."""
    path = recorded[0]
    before = path.read_bytes()
    result = report(path, f"--folded={path}")
    assert result.returncode == 1 and "is the recording itself" in result.stderr
    assert path.read_bytes() == before
    out = tmp_path / "out.svg"
    out.write_text("precious")
    assert report(tmp_path / "no-recording", "--flamegraph", out).returncode == 1
    assert out.read_text() == "precious"
    (tmp_path / "link").symlink_to(out)
    result = report(path, "--flamegraph", out, f"--folded={tmp_path / 'link'}")
    assert result.returncode == 1 and "link is named twice" in result.stderr
    result = report(path, path, "--flamegraph", out)
    assert result.returncode == 2 and "of one recording" in result.stderr


def test_cut_recording(recorded, tmp_path):
    """What can be read of it is drawn, and that it is a part is told."""
    whole = recorded[0].read_bytes()
    (tmp_path / "cut").write_bytes(whole[:-20])
    result = report(tmp_path / "cut", "--flamegraph", tmp_path / "out.svg")
    assert result.returncode == 1 and "cut off" in result.stderr
    ElementTree.parse(tmp_path / "out.svg")
