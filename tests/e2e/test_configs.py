# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What is shipped in configs/, before the programs that it is for."""

import json
import os
import re
import subprocess

import pytest
from built_parts import built_part
from prometheus import CONFIGS, RULES, hurried, promtool
from watch import BINARY

PROMETHEUS = CONFIGS / "prometheus"
DASHBOARD = CONFIGS / "grafana" / "loopscope.json"
VARIABLES = {"datasource", "instance", "namespace", "pod", "service_name", "loop"}
BUILT_IN = {"__all", "__rate_interval", "__url_time_range", "__data", "__value"}
GRID_WIDTH = 24


def check(*arguments):
    result = promtool(*arguments, cwd=PROMETHEUS)
    assert result.returncode == 0, result.stdout + result.stderr


def test_prometheus_takes_rules_and_settings():
    check("check", "rules", *RULES)
    check("check", "config", "prometheus.yaml")


def test_rules_do_what_they_say():
    check("test", "rules", "rules_test.yaml")


def alert_blocks():
    text = (PROMETHEUS / "alerts.yaml").read_text()
    return dict(re.findall(r"- alert: (\w+)\n(.*?)(?=\n +- alert:|\Z)", text, re.DOTALL))


def test_each_alert_is_tested_and_says_what_to_do():
    tests = (PROMETHEUS / "rules_test.yaml").read_text()
    assert len(alert_blocks()) >= 6
    for name, block in alert_blocks().items():
        assert f'alertname="{name}", alertstate="firing"' in tests or f"alertname: {name}" in tests
        for key in ("severity: ", "summary: ", "description: "):
            assert key in block, (name, key)


def test_what_to_do_is_said_for_kubernetes_too():
    of_machines = {name: block for name, block in alert_blocks().items()
                   if re.search("(system|journal)ctl", block)}  # fmt: skip
    assert {"LoopscopeDown", "LoopscopeGone"} <= of_machines.keys()
    for name, block in of_machines.items():
        assert "kubectl" in block, name


def test_nothing_is_left_unhurried():
    for name in RULES:
        rules = re.sub(r"#.*", "", (PROMETHEUS / name).read_text())
        left = re.findall(r"\b\d+[mh]\b", hurried(rules))
        # names of recorded series keep theirs, and so do texts
        assert set(left) <= {"5m"}, left


@pytest.mark.parametrize("listen", [None, "127.0.0.1"])
def test_the_collector_takes_its_pipeline(listen):
    environment = {**os.environ, **({"LOOPSCOPE_LISTEN": listen} if listen else {})}
    file = CONFIGS / "collector" / "collector.yaml"
    result = subprocess.run(
        [built_part("collector", "collector"), "validate", "--config", file],
        capture_output=True, text=True, env=environment, timeout=60,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr


def panels():
    return json.loads(DASHBOARD.read_text())["panels"]


def targets():
    return [(panel, target) for panel in panels() for target in panel.get("targets", [])]


def test_panels_lie_side_by_side():
    taken = {}
    assert len({panel["id"] for panel in panels()}) == len(panels())
    for panel in panels():
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= GRID_WIDTH
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                other = taken.setdefault((x, y), panel["title"])
                assert other == panel["title"], (other, panel["title"])


def test_panels_know_their_variables():
    dashboard = json.loads(DASHBOARD.read_text())
    assert {variable["name"] for variable in dashboard["templating"]["list"]} == VARIABLES
    for panel, target in targets():
        assert target["datasource"]["uid"] == "${datasource}", panel["title"]
        assert len({other["refId"] for other in panel["targets"]}) == len(panel["targets"])
    used = set(re.findall(r"\$\{?(\w+)", DASHBOARD.read_text()))
    assert used <= VARIABLES | BUILT_IN
    assert VARIABLES <= used


def test_each_panel_says_what_it_shows():
    for panel in panels():
        assert panel["type"] == "row" or panel.get("targets"), panel["title"]
        assert panel["title"]


def test_examples_are_taken(tmp_path):
    """Each piece of settings in README.md; what it refers to is not there."""
    pieces = re.findall(r"^```yaml\n(.*?)^```", (CONFIGS / "README.md").read_text(),
                        re.DOTALL | re.MULTILINE)  # fmt: skip
    assert len(pieces) >= 3
    for number, piece in enumerate(pieces):
        file = tmp_path / f"{number}.yaml"
        (tmp_path / "password").write_text("a password\n")
        file.write_text(piece.replace("file:/etc/loopscope/scrape-", f"file:{tmp_path}/"))
        result = subprocess.run(
            [BINARY, "agent", "--config", file, "--check-config"],
            capture_output=True, text=True, env={**os.environ, "OTLP_TOKEN": "x"}, timeout=60,
        )  # fmt: skip
        assert result.returncode == 0, result.stderr


def test_scrapes_and_otlp_have_the_same_labels():
    """What Prometheus promotes from OTLP is what the agent gives a scrape, and the host."""
    settings = (PROMETHEUS / "prometheus.yaml").read_text()
    promoted = re.findall(r"^    - ([\w.]+)$", settings, re.MULTILINE)
    source = (CONFIGS.parent / "user" / "config" / "settings" / "settings_keys.c").read_text()
    key = source.partition('"prometheus.labels"')[2].partition(".doc")[0]
    labels = "".join(re.findall(r'"([^"]*)"', key.partition(".fallback")[2])).split(",")
    assert set(promoted) == set(labels) | {"host.name"}
