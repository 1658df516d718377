#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Builds tests/apps/go_server, which needs nothing but Go's own library.
set -eu
nice go build -o go-server "$(dirname "$(readlink -f "$0")")/../../apps/go_server/main.go"
