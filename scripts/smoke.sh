#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# smoke.sh BINARY: every command once, briefly, watching the demo server, and the
# agent, exporting, scraped, reloaded; made for sanitized builds, whose reports end
# the process with a status of their own.
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

port=$((20000 + RANDOM % 10000)) # the agent's, here
settings=$binary.smoke.yaml
scrape() {
	for _ in $(seq 50); do
		curl -sf -o /dev/null "http://127.0.0.1:$port$1" && return
		sleep 0.1
	done
	return 1
}

# an agent that exports to nobody, or writes its figures down, until it is told to stop
try_agent() { # expected status, flags...
	expected=$1
	shift
	printf 'export: {interval_ms: 200, otlp: {timeout_ms: 300, endpoint: "%s"}}\n' \
		http://127.0.0.1:9 >"$settings"
	"$binary" agent --config "$settings" --listen "127.0.0.1:$port" \
		--set "agent.lock_file=$settings.lock" "$@" \
		>/dev/null 2>"$binary.smoke" </dev/null &
	agent=$!
	for page in /readyz /metrics /debug/loops; do
		scrape "$page" || printf 'smoke: no answer to %s\n' "$page" >&2
	done
	printf 'targets: [{name: none, include: [{comm: none}]}]\nexport: {interval_ms: 100}\n' \
		>"$settings"
	kill -HUP "$agent" || true # it has ended, then: its status says more
	sleep 0.5
	kill -TERM "$agent" || true
	status=0
	wait "$agent" || status=$?
	rm -f "$settings" "$settings.lock"
	[ "$status" -eq "$expected" ] && grep -q 'loaded anew' "$binary.smoke" && return
	printf 'smoke: the agent exited with %s, not %s\n' "$status" "$expected" >&2
	cat "$binary.smoke" >&2
	exit 1
}

try 0 "$binary" --help
try 0 "$binary" --version
try 0 "$binary" check
try 0 "$binary" list
try 0 "$binary" stat -p "$demo" -d 1
try 0 "$binary" stat -p "$demo" -d 1 --json
try 0 "$binary" stalls -p "$demo" -d 3
try 0 "$binary" stalls -p "$demo" -d 3 --json
recording=$binary.smoke.recording
rm -f "$recording"
try 0 "$binary" record -p "$demo" -d 1 -o "$recording"
try 0 "$binary" report "$recording"
try 0 "$binary" report --json "$recording" "$recording"
try 1 "$binary" report "$binary"
rm -f "$recording"
try 0 timeout --preserve-status --signal=INT 3 "$binary" -p "$demo"
try 1 "$binary" stat -p 2147483647
try 0 "$binary" agent --config-help
try 0 "$binary" agent --check-config --config configs/loopscope.yaml
try 2 "$binary" agent --config configs/grafana/loopscope.json
try_agent 0
try_agent 0 --set export.otlp.protocol=grpc --set export.temporality=delta
try_agent 0 --export stdout
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
