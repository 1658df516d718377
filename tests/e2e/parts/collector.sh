#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Builds ./collector, an OpenTelemetry Collector of the parts that configs/collector and
# the tests use, by the Collector's own builder.
set -eu
# shellcheck source-path=SCRIPTDIR source=versions.sh
. "$(dirname "$(readlink -f "$0")")/versions.sh"
core=go.opentelemetry.io/collector
contrib=github.com/open-telemetry/opentelemetry-collector-contrib
new=$COLLECTOR_VERSION
stable=$COLLECTOR_STABLE_VERSION

cat >builder.yaml <<YAML
dist:
  name: collector
  output_path: .
  version: 0.0.1
receivers:
  - gomod: $core/receiver/otlpreceiver $new
processors:
  - gomod: $core/processor/memorylimiterprocessor $new
  - gomod: $core/processor/batchprocessor $new
exporters:
  - gomod: $core/exporter/debugexporter $new
  - gomod: $core/exporter/otlphttpexporter $new
  - gomod: $contrib/exporter/fileexporter $new
  - gomod: $contrib/exporter/prometheusexporter $new
extensions:
  - gomod: $contrib/extension/basicauthextension $new
  - gomod: $contrib/extension/bearertokenauthextension $new
  - gomod: $contrib/extension/healthcheckextension $new
providers:
  - gomod: $core/confmap/provider/fileprovider $stable
  - gomod: $core/confmap/provider/envprovider $stable
YAML

# The builder would end with `go mod tidy`, which wants every part's test modules, some of
# which no proxy serves. So it only generates, and go.mod is written here.
nice go run "$core/cmd/builder@$new" --config builder.yaml --skip-get-modules --skip-compilation
rm -f go.mod go.sum
go mod init loopscope.test/collector
awk '/gomod:/ { print $3 "@" $4 }' builder.yaml | while read -r module; do
	go mod edit -require="$module"
done
go mod edit -require="$core/otelcol@$new"
nice go build -mod=mod -trimpath -ldflags='-s -w' -o collector .
