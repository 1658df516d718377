#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Builds prometheus and promtool in the current directory. Debian's own has no OTLP
# receiver. Without service discovery, which no test needs, it is built in half the time.
set -eu
# shellcheck source-path=SCRIPTDIR source=versions.sh
. "$(dirname "$(readlink -f "$0")")/versions.sh"
module=github.com/prometheus/prometheus

go mod init loopscope.test/prometheus
go mod edit -require="$module@$PROMETHEUS_VERSION"
# -mod=mod: look up only what the build needs; `go mod tidy` would want the tests' modules too
for program in prometheus promtool; do
	nice go build -mod=mod -trimpath -tags=netgo,remove_all_sd -ldflags='-s -w' \
		-o "$program" "$module/cmd/$program"
done
