#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# All lints, each reporting before the next starts; fails if any found anything.
# The Makefile sets CLANG_TIDY, USER_FLAGS and BPF_FLAGS.
set -u

failures=0
sources=scripts/list-sources.sh

step() { # name, command...
	name=$1
	shift
	if "$@"; then
		printf '  ok       %s\n' "$name"
	else
		printf '  FAILED   %s\n' "$name"
		failures=$((failures + 1))
	fi
}

# one clang-tidy a file and CPU; its count of suppressed warnings is no news
tidy() { # flags as the shell reads them, further arguments; files on stdin
	eval "flags=($1)"
	shift
	# shellcheck disable=SC2154 # flags are set by eval
	xargs -r -P "$(nproc)" -I '{}' "$CLANG_TIDY" --quiet "$@" '{}' -- "${flags[@]}" 2>&1 |
		grep -vE '^[0-9]+ warnings?( and [0-9]+ errors?)? generated\.$'
	return "${PIPESTATUS[0]}"
}

# the analyzer cannot follow uthash's macros
tidy_user() {
	find user -name '*.c' -exec grep -LF 'uthash.h' {} + | tidy "$USER_FLAGS" &&
		find user -name '*.c' -exec grep -lF 'uthash.h' {} + |
		tidy "$USER_FLAGS" '--checks=-clang-analyzer-*'
}

tidy_bpf() {
	find bpf -name '*.bpf.c' | tidy "$BPF_FLAGS"
}

# prints offending files or lines, and fails if there are any
none() {
	! grep .
}

licences() {
	$sources all | xargs -r grep -L 'SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause' |
		grep -vE '\.(json|png|svg|hex|bin|prom)$|/corpus/' | none
}

line_lengths() {
	# shellcheck disable=SC2016 # $ is awk's
	{ $sources c && $sources python && $sources shell; } |
		xargs -r awk '{ line = $0; gsub(/\t/, "        ", line) }
			length(line) > 100 { print FILENAME ":" FNR ": over 100 columns" }' | none
}

file_lengths() {
	{ $sources c && $sources python && $sources shell; } | xargs -r wc -l |
		awk '$1 > 400 && $2 != "total" { print $2 ": " $1 " lines; split it" }' | none
}

spaces() {
	$sources all | xargs -r grep -nIE '[ 	]+$' | none
}

# a macro of fonts joins its words: it has to end where a sentence does
man_page() {
	grep -nE '^\.[BIR]{2} .* [.:,;] [A-Z]' docs/loopscope.1 | none
}

step "clang-tidy user" tidy_user
step "clang-tidy bpf" tidy_bpf
step "shellcheck" eval "$sources shell | xargs -r shellcheck"
step "pyflakes" eval "$sources python | xargs -r pyflakes3"
step "licence lines" licences
step "line lengths" line_lengths
step "file lengths" file_lengths
step "trailing spaces" spaces
step "man page" man_page
[ "$failures" -eq 0 ]
