#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Builds the real servers that the agent's tests talk to, an OpenTelemetry Collector
# and Prometheus, from pinned Go modules, and links them into the directory named.
# What is built is kept below LOOPSCOPE_PARTS, by version and by the hash of these
# scripts: a second run takes no time. Where there is no Go to build with, a file
# `missing` in the directory says so, and the tests skip with its text.
set -euo pipefail

[ $# -eq 1 ] || {
	echo "usage: $0 DIRECTORY" >&2
	exit 2
}
mkdir -p "$1"
into=$(readlink -f "$1")
here=$(dirname "$(readlink -f "$0")")
kept=${LOOPSCOPE_PARTS:-${XDG_CACHE_HOME:-$HOME/.cache}/loopscope-parts}
mkdir -p "$kept"

# shellcheck source-path=SCRIPTDIR source=versions.sh
. "$here/versions.sh"
# shellcheck source-path=SCRIPTDIR source=go.sh
. "$here/go.sh"

# One at a time: two of these would only do the same work twice.
exec 9>"$kept/lock"
flock 9

build_part() { # name, version, program that must be there in the end
	script=$here/$1.sh
	hash=$(cat "$here"/{versions,go,"$1"}.sh | sha256sum | cut -c1-12)
	part=$kept/$1-$2-$hash
	if [ ! -x "$part/$3" ]; then
		require_go || return 0
		echo "building $1 $2, once: it takes some minutes" >&2
		rm -rf "$part" "$part.new"
		mkdir "$part.new"
		(cd "$part.new" && "$script" >build.log 2>&1) || {
			tail -n 20 "$part.new/build.log" >&2
			echo "$0: $1 $2 could not be built; all of it: $part.new/build.log" >&2
			return 1
		}
		mv "$part.new" "$part"
	fi
	ln -sfn "$part" "$into/$1"
}

rm -f "$into"/{missing,collector,prometheus}
build_part collector "$COLLECTOR_VERSION" collector
build_part prometheus "$PROMETHEUS_VERSION" promtool
