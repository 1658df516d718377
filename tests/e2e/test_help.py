# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`make help` leaves no target out that has a text."""

import re
import subprocess

from make import ROOT

MAKEFILES = [ROOT / "Makefile", *sorted(ROOT.glob("tests/*/*.mk"))]


def test_all_targets_with_a_text_are_listed():
    texts = [re.search(r"^([^\s:]+):.* ## (.*)$", line)
             for file in MAKEFILES for line in file.read_text().splitlines()]  # fmt: skip
    expected = [found.groups() for found in texts if found]
    result = subprocess.run(["awk", "-f", ROOT / "scripts" / "help.awk", *MAKEFILES],
                            capture_output=True, text=True, check=True)  # fmt: skip
    listed = re.findall(r"^  (\S+) +(.*)$", result.stdout, re.MULTILINE)
    assert ("help", "this list") in listed
    assert sorted(listed) == sorted(expected)
