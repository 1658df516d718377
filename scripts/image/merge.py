#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Joins archives of the same version for several architectures into one image."""

import argparse
from pathlib import Path

import oci
from build import epoch_of_source


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archives", nargs="+", type=Path)
    parser.add_argument("--to", type=Path, required=True)
    arguments = parser.parse_args()
    oci.merge(arguments.archives, arguments.to, epoch_of_source())


if __name__ == "__main__":
    main()
