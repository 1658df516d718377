# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Pictures in a real browser: those that the unit tests hold the encoders to, byte for byte."""

import re
from pathlib import Path

import pytest
from browser import CHROMIUM, Browser

pytestmark = pytest.mark.skipif(
    not CHROMIUM, reason="chromium is not installed: scripts/install-deps.sh browser does"
)

GOLDEN = Path(__file__).parents[1] / "unit" / "golden"
FRAMES = """
    [...document.querySelectorAll("g.f")]
        .filter(g => g.getAttribute("display") !== "none")
        .map(g => [g.querySelector("title").textContent.split("\\n")[0],
                   Number(g.querySelector("rect").getAttribute("width")),
                   g.querySelector("text").textContent])
"""
RIGHTMOST = """
    Math.max(...[...document.querySelectorAll("g.f:not([display]) rect")].map(
        rect => Number(rect.getAttribute("x")) + Number(rect.getAttribute("width"))))
"""
MIDDLE = """
    (name => {
        const g = [...document.querySelectorAll("g.f")].find(
            each => each.querySelector("title").textContent.startsWith(name + "\\n"));
        const box = g.querySelector("rect").getBoundingClientRect();
        return [box.x + box.width / 2, box.y + box.height / 2];
    })
"""


@pytest.fixture(scope="module")
def browser():
    with Browser() as running:
        yield running


@pytest.fixture
def flamegraph(browser):
    browser.show(GOLDEN / "flamegraph.svg")
    yield browser
    assert not browser.failures()


def widths(page):
    """Of frames by name: of several of a name, the widest, which comes first."""
    return {name: width for name, width, _ in reversed(page.evaluate(FRAMES))}


def click(page, name):
    page.click(*page.evaluate(f"({MIDDLE})({name!r})"))


def search(page, words):
    page.evaluate(f"""(() => {{
        const input = document.getElementById("search");
        input.value = {words!r};
        input.dispatchEvent(new Event("input"));
    }})()""")
    return page.evaluate('document.getElementById("found").textContent')


def test_zoom(flamegraph):
    before = widths(flamegraph)
    assert before["all"] == pytest.approx(1180)
    # 230 of 840 ms on CPU; 10 more are beside it
    assert before["parse_orders"] == pytest.approx(1180 * 230 / 840, abs=0.02)
    click(flamegraph, "parse_orders")
    zoomed = widths(flamegraph)
    assert flamegraph.evaluate('document.documentElement.dataset.zoom') == "parse_orders"
    # what it stands on is as wide as it, what is beside it is gone, what is on it has grown
    assert zoomed["parse_orders"] == zoomed["<module>"] == zoomed["all"] == 1180
    assert "Cache::fill(int)" not in zoomed
    assert zoomed["scanstring"] == pytest.approx(1180 * 192.5 / 230)
    assert flamegraph.evaluate(RIGHTMOST) == pytest.approx(1190)
    click(flamegraph, "all")
    assert widths(flamegraph) == pytest.approx(before, abs=0.02)


@pytest.mark.parametrize("back", ["Escape", "reset"])
def test_zoom_back(flamegraph, back):
    before = widths(flamegraph)
    click(flamegraph, "lock")
    assert widths(flamegraph)["lock"] == 1180
    if back == "Escape":
        flamegraph.press("Escape")
    else:
        box = flamegraph.evaluate("""(box => [box.x + 5, box.y + 5])(
            document.getElementById("reset").getBoundingClientRect())""")
        flamegraph.click(*box)
    assert flamegraph.evaluate('document.documentElement.dataset.zoom') == ""
    assert widths(flamegraph) == pytest.approx(before, abs=0.02)


def test_names_are_cut_to_what_fits(flamegraph):
    """By the picture itself and by its script in the same way."""
    at_rest = flamegraph.evaluate(FRAMES)
    click(flamegraph, "lock")
    click(flamegraph, "all")
    assert [text for _, _, text in flamegraph.evaluate(FRAMES)] == [
        text for _, _, text in at_rest]  # fmt: skip
    for name, width, text in at_rest:
        assert len(text) * 7 < width and (text == name or text.endswith("..") or not text)


def test_search(flamegraph):
    assert search(flamegraph, "parse_(orders|x)$|nothing") == "matched: 28.6 %"
    # one on top of another counts once; files are searched as well
    assert search(flamegraph, "loads|scanstring") == "matched: 28.6 %"
    assert search(flamegraph, r"orders\.py") == "matched: 28.6 %"
    click(flamegraph, "python3")
    assert search(flamegraph, "scanstring") == "matched: 83.3 %"
    assert flamegraph.evaluate('document.querySelectorAll(".match").length') == 2
    assert search(flamegraph, "(") == "no regular expression"
    assert search(flamegraph, "") == ""


def test_hover(flamegraph):
    title = flamegraph.evaluate("""[...document.querySelectorAll("g.f title")].map(
        each => each.textContent).find(each => each.startsWith("scanstring"))""")
    assert "/_json.so" in title and "192.5 ms, 22.92 % of all stall time" in title


@pytest.mark.parametrize("name", ["flamegraph_hostile", "timeline_hostile"])
def test_hostile_names(browser, name):
    """Are shown, and do nothing."""
    browser.show(GOLDEN / f"{name}.svg")
    assert not browser.failures()
    text = browser.evaluate("document.documentElement.textContent")
    assert "</title></text><script>alert(1)</script>" in text
    assert browser.evaluate("document.documentElement.tagName") == "svg"
    assert browser.evaluate('document.querySelectorAll("script").length') == (
        1 if name.startswith("flame") else 0)  # fmt: skip


@pytest.mark.parametrize("name", ["flamegraph_quiet", "timeline_quiet"])
def test_nothing_recorded(browser, name):
    browser.show(GOLDEN / f"{name}.svg")
    assert not browser.failures()
    text = browser.evaluate("document.documentElement.textContent")
    assert "No stall was recorded" in text


def test_timeline(browser):
    browser.show(GOLDEN / "timeline.svg")
    bars = browser.evaluate("""[...document.querySelectorAll("rect.stall")].map(
        each => [each.getBoundingClientRect().x, each.getBoundingClientRect().width,
                 getComputedStyle(each).fill, each.textContent])""")
    assert not browser.failures()
    assert len(bars) == 5
    first = min(bars)
    # 100 to 260 ms of 1 s, over 880 pixels
    assert first[0] == pytest.approx(270 + 88) and first[1] == pytest.approx(0.16 * 880)
    assert first[2] == "rgb(240, 136, 62)"
    assert first[3].startswith("parse_orders\n/srv/app/orders.py:12\n160.0 ms from ")
    assert re.search(r"\ncpu 150.0 ms\nrunqueue 10.0 ms$", first[3])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark(flamegraph, scheme):
    flamegraph.call("Emulation.setEmulatedMedia",
                    features=[{"name": "prefers-color-scheme", "value": scheme}])  # fmt: skip
    paper, words = flamegraph.evaluate("""[".paper", "text"].map(
        each => getComputedStyle(document.querySelector(each)).fill)""")
    expected = {
        "light": ("rgb(255, 255, 255)", "rgb(27, 31, 36)"),
        "dark": ("rgb(13, 17, 23)", "rgb(230, 237, 243)"),
    }
    assert (paper, words) == expected[scheme]
    inside = flamegraph.evaluate('getComputedStyle(document.querySelector(".f text")).fill')
    assert inside == "rgb(27, 31, 36)"
