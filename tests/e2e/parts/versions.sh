# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What is built, and the Go that they need at least.
COLLECTOR_VERSION=v0.155.0
COLLECTOR_STABLE_VERSION=v1.61.0 # of the parts of the Collector that have reached 1.0
PROMETHEUS_VERSION=v0.315.0      # the module's number of Prometheus 3.15
KUBERNETES_VERSION=v1.34.4
KUSTOMIZE_VERSION=v5.7.1 # kubectl 1.34 has this one inside
GO_MINIMUM=1.26.0
