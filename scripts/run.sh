#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# run.sh BINARY [PID]: watches that process, or else the demo server, which it
# starts and ends. At a terminal until `q`; otherwise for ten seconds, in lines.
set -euo pipefail

binary=$1
pid=${2:-}
seconds=10

if [ -z "$pid" ]; then
	log=$(dirname "$binary")/demo.log
	"$binary" demo >"$log" 2>&1 </dev/null &
	pid=$!
	trap 'kill "$pid" 2>/dev/null || true' EXIT
	printf 'watching the demo server, pid %s; its output is in %s\n' "$pid" "$log"
fi

if [ -t 1 ] && [ -z "${CI:-}" ]; then
	"$binary" -p "$pid"
else
	timeout --preserve-status --signal=INT "$seconds" "$binary" -p "$pid" </dev/null
	"$binary" stat -p "$pid" -d 2 </dev/null
fi
