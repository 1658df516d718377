#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# smoke.sh BINARY: every command once, briefly, watching the demo server; made
# for sanitized builds, whose reports end the process with a status of their own.
set -euo pipefail

binary=$1
export ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=print_stacktrace=1

"$binary" demo >/dev/null 2>&1 </dev/null &
demo=$!
trap 'kill "$demo" 2>/dev/null || true' EXIT

try() { # expected status, command...
	expected=$1
	shift
	status=0
	"$@" >/dev/null 2>"$binary.smoke" </dev/null || status=$?
	[ "$status" -eq "$expected" ] && return
	printf 'smoke: %s exited with %s, not %s\n' "$*" "$status" "$expected" >&2
	cat "$binary.smoke" >&2
	exit 1
}

try 0 "$binary" --help
try 0 "$binary" --version
try 0 "$binary" check
try 0 "$binary" list
try 0 "$binary" stat -p "$demo" -d 1
try 0 "$binary" stat -p "$demo" -d 1 --json
try 0 timeout --preserve-status --signal=INT 3 "$binary" -p "$demo"
try 1 "$binary" stat -p 2147483647
kill "$demo"
status=0
wait "$demo" || status=$?
trap - EXIT
case $status in
0 | 143) echo "smoke: every command ran clean" ;;
*)
	printf 'smoke: demo ended with %s\n' "$status" >&2
	exit 1
	;;
esac
