#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Lists the tree's files of one kind: c, shell, python or all. What is built,
# and texts of licences, are not sources.
set -euo pipefail

files() {
	find . \( -name .git -o -path ./build -o -path ./LICENSES -o -name __pycache__ \
		-o -name .pytest_cache \) -prune -o -type f "$@" -print | sort
}

case ${1:-} in
c) files -name '*.[ch]' ;;
shell) files \( -name '*.sh' -o -path ./.ci/run \) ;;
python) files -name '*.py' ;;
all) files ;;
*)
	echo "list-sources: c, shell, python or all" >&2
	exit 2
	;;
esac
