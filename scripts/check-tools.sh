#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Checks what the build needs, and says what to install. The Makefile sets CC,
# CLANG, LLVM_STRIP and BPFTOOL.
set -u

clang_floor=19    # the compiler that the programs are verified with
bpftool_floor=7.1 # Debian 12's; `gen object` links several objects into one
problems=0

complain() {
	printf 'loopscope: %s\n' "$*" >&2
	problems=$((problems + 1))
}

# $1 at least $2, as versions
at_least() {
	[ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]
}

# the first dotted number of a tool's --version or version
version_of() {
	"$@" 2>/dev/null | grep -oE '[0-9]+(\.[0-9]+)+' | head -n 1
}

need_tool() { # tool, package
	command -v "$1" >/dev/null && return
	complain "$1 not found: apt-get install $2"
	return 1
}

need_version() { # tool, version, floor, package
	[ -n "$2" ] && at_least "$2" "$3" && return
	complain "$1 is version ${2:-unknown}, $3 or newer is needed: apt-get install $4"
}

need_header() { # header, package
	printf '#include <stdio.h>\n#include <%s>\n' "$1" |
		"$CC" -E -x c - >/dev/null 2>&1 && return
	complain "<$1> not found: apt-get install $2"
}

need_tool "$CLANG" clang-19 &&
	need_version "$CLANG" "$(version_of "$CLANG" --version)" "$clang_floor" clang-19
need_tool "$LLVM_STRIP" llvm-19
need_tool "$BPFTOOL" bpftool &&
	need_version "$BPFTOOL" "$(version_of "$BPFTOOL" version)" "$bpftool_floor" bpftool
if need_tool "$CC" gcc; then
	need_header stdlib.h libc6-dev
	need_header bpf/libbpf.h libbpf-dev
	need_header libelf.h libelf-dev
	need_header zlib.h zlib1g-dev
	need_header zstd.h libzstd-dev
	need_header jansson.h libjansson-dev
	need_header ncurses.h libncurses-dev
	need_header uthash.h uthash-dev
fi

[ "$problems" -eq 0 ] && exit 0
echo "loopscope: on Debian 12, scripts/install-deps.sh build installs all of it" >&2
exit 1
