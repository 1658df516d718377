#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Builds tests/apps/tokio_loops twice, for its workers park in two ways: ./std on the
# standard library's, ./parking_lot on that library's.
set -eu
app=$(dirname "$(readlink -f "$0")")/../../apps/tokio_loops

build() { # name, options
	name=$1
	shift
	nice cargo build --manifest-path app/Cargo.toml --release --target-dir target "$@"
	cp target/release/tokio_loops "$name"
}
cp -r "$app" app # Cargo writes beside its sources
build parking_lot --features parking_lot
build std
rm -r app target
