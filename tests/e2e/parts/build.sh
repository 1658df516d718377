#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Gets the real servers that tests talk to or watch, from pinned Go modules for the most
# part, and links them into the directory named. What is built is kept below
# LOOPSCOPE_PARTS, by version and by the hash of these scripts: a second run takes no
# time. Where there is no Go to build with, a file `missing` in the directory says so,
# and the tests skip with its text; `PART.missing` does where a part cannot be had.
#
#   build.sh DIRECTORY PART...      collector, prometheus, kustomize, kubelet,
#                                   control-plane, etcd, netty, tokio, go-server
set -euo pipefail

[ $# -ge 2 ] || {
	echo "usage: $0 DIRECTORY PART..." >&2
	exit 2
}
mkdir -p "$1"
into=$(readlink -f "$1")
shift
here=$(dirname "$(readlink -f "$0")")
kept=${LOOPSCOPE_PARTS:-${XDG_CACHE_HOME:-$HOME/.cache}/loopscope-parts}
mkdir -p "$kept"

# shellcheck source-path=SCRIPTDIR source=versions.sh
. "$here/versions.sh"
# shellcheck source-path=SCRIPTDIR source=go.sh
. "$here/go.sh"

# One at a time: two of these would only do the same work twice.
exec 9>"$kept/lock"
flock 9

part_sources() { # script
	app=$here/../../apps
	printf '%s\n' "$here"/{versions,go,"$1"}.sh
	case $1 in
	tokio) printf '%s\n' "$app"/tokio_loops/{Cargo.*,src/*} ;;
	go-server) printf '%s\n' "$app"/go_server/*.go ;;
	esac
}

build_part() { # name, release, program that must be there in the end, script, its arguments
	name=$1 release=$2 program=$3 script=$4
	shift 4
	hash=$(part_sources "$script" | xargs -d '\n' cat | sha256sum | cut -c1-12)
	part=$kept/$name-$release-$hash
	if [ ! -x "$part/$program" ]; then
		require_builder "$script" || return 0
		echo "building $name $release, once: it takes some minutes" >&2
		rm -rf "$part" "$part.new"
		mkdir "$part.new"
		(cd "$part.new" && "$here/$script.sh" "$@" >build.log 2>&1) || {
			tail -n 20 "$part.new/build.log" >&2
			echo "$0: no $name $release: $part.new/build.log has all of it" >&2
			do_without "$script"
			return
		}
		mv "$part.new" "$part"
	fi
	ln -sfn "$part" "$into/$name"
}

# a part that need not be there: the tests that want it skip
do_without() { # script
	case $1 in
	netty) echo "Maven does not get Netty here" >"$into/netty.missing" ;;
	tokio) echo "Cargo does not get tokio here" >"$into/tokio.missing" ;;
	*) return 1 ;;
	esac
}

require_program() { # program, part, what to say without it
	command -v "$1" >/dev/null || {
		echo "$3" | tee "$into/$2.missing" >&2
		return 1
	}
}

require_builder() { # script
	case $1 in
	etcd) ;;
	netty) require_program mvn netty "no Maven here, to get Netty with" ;;
	tokio) require_program cargo tokio "no Cargo here, to get tokio with" ;;
	*) require_go ;;
	esac
}

get_part() {
	case $1 in
	collector) build_part collector "$COLLECTOR_VERSION" collector collector ;;
	prometheus) build_part prometheus "$PROMETHEUS_VERSION" promtool prometheus ;;
	kubelet) build_part kubelet "$KUBERNETES_VERSION" kubelet kubernetes kubelet ;;
	control-plane)
		build_part control-plane "$KUBERNETES_VERSION" kubectl kubernetes kube-apiserver \
			kube-controller-manager kube-scheduler kube-proxy kubectl
		;;
	kustomize) build_part kustomize "$KUSTOMIZE_VERSION" kustomize kustomize ;;
	etcd) build_part etcd debian etcd etcd ;;
	netty) build_part netty maven lib netty ;;
	tokio) build_part tokio cargo std tokio ;;
	go-server) build_part go-server own go-server go-server ;;
	*)
		echo "$0: no such part: $1" >&2
		return 2
		;;
	esac
}

rm -f "$into/missing"
for part_name; do
	rm -f "$into/$part_name" "$into/$part_name.missing"
	get_part "$part_name"
done
