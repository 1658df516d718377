#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Builds ./kustomize, which is what `kubectl kustomize` and `kubectl apply -k` are inside.
set -eu
# shellcheck source-path=SCRIPTDIR source=versions.sh
. "$(dirname "$(readlink -f "$0")")/versions.sh"
module=sigs.k8s.io/kustomize/kustomize/v5

go mod init loopscope.test/kustomize
go mod edit -require="$module@$KUSTOMIZE_VERSION"
nice go build -mod=mod -trimpath -ldflags='-s -w' -o kustomize "$module"
