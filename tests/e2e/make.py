# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Runs the tree's own make, of which a test may itself be part."""

import os
import subprocess
from pathlib import Path

from watch import BUILD

ROOT = Path(__file__).resolve().parents[2]


def make(*words):
    environment = {key: value for key, value in os.environ.items() if key != "MAKEFLAGS"}
    subprocess.run(["make", "-s", f"BUILD={BUILD}", *words], cwd=ROOT, env=environment, check=True)
