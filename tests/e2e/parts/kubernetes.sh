#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Builds programs of Kubernetes in the current directory: those named, each of which is
# a folder of cmd/ in its repository.
#
#   kubernetes.sh PROGRAM...
set -eu
# shellcheck source-path=SCRIPTDIR source=versions.sh
. "$(dirname "$(readlink -f "$0")")/versions.sh"
module=k8s.io/kubernetes
number=${KUBERNETES_VERSION#v1.}
stamp=k8s.io/component-base/version

go mod init loopscope.test/kubernetes
go mod edit -require="$module@$KUBERNETES_VERSION"
# In its own repository Kubernetes takes its libraries from folders beside it. They are
# published too, as version 0 where it is version 1.
go mod download "$module@$KUBERNETES_VERSION"
definition=$(go env GOMODCACHE)/cache/download/$module/@v/$KUBERNETES_VERSION.mod
awk '$1 ~ /^k8s.io\// && $2 == "=>" { print $1 }' "$definition" | while read -r library; do
	go mod edit -replace="$library=$library@v0.$number"
done
# the programs ask each other, and the API server refuses clients, by these numbers
for program; do
	nice go build -mod=mod -trimpath -o "$program" -ldflags="-s -w \
		-X $stamp.gitVersion=$KUBERNETES_VERSION \
		-X $stamp.gitMajor=1 -X $stamp.gitMinor=${number%%.*}" "$module/cmd/$program"
done
