#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Installs the Debian packages of the groups named: build, test, browser, runtimes (programs to be
# watched), cargo (where there is none), lint, bench, comparison, vm, k8s-vm, k8s.
# This is the one list of them. It does nothing, and needs neither network nor
# root, where all are there; no service of theirs is started or enabled.
set -euo pipefail

declare -A groups=(
	[build]="make gcc libc6-dev clang-19 llvm-19 bpftool libbpf-dev libelf-dev zlib1g-dev
		libzstd-dev libdw-dev libiberty-dev libseccomp-dev libjansson-dev libncurses-dev
		uthash-dev libcurl4-gnutls-dev|libcurl4-openssl-dev libmicrohttpd-dev libyaml-dev
		libsystemd-dev libcap-dev libprotobuf-c-dev protobuf-c-compiler"
	[test]="python3 python3-venv python3-dev g++ libcmocka-dev libuv1-dev liburing-dev
		libaio-dev libfuse2 nodejs redis-server redis-tools nginx-light wrk strace procps
		openssl curl systemd"
	[runtimes]="haproxy memcached postgresql-15 pgbouncer php8.2-fpm puma
		erlang-base openjdk-17-jdk-headless maven"
	[cargo]="cargo-web"
	[browser]="chromium"
	[lint]="clang-tidy-19 clang-format-19 libclang-rt-19-dev shellcheck pyflakes3"
	[bench]="bpftrace"
	[comparison]="linux-perf bpfcc-tools"
	[vm]="qemu-system-x86 busybox-static cpio"
	[k8s-vm]="qemu-system-x86 debootstrap e2fsprogs"
	[k8s]="containerd|containerd.io runc|containerd.io containernetworking-plugins iptables
		conntrack iproute2 ethtool socat util-linux podman"
)
# what the packages above would start; after a colon, where it is not named as the package
services="redis-server nginx haproxy memcached postgresql pgbouncer php8.2-fpm
	erlang-base:epmd erlang-base:epmd.socket containerd"

die() {
	printf 'install-deps: %s\n' "$*" >&2
	exit 1
}

as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

# apt-get, waiting for whoever holds its locks
apt_get() {
	as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get -q -o DPkg::Lock::Timeout=600 "$@" </dev/null
}

apt_update() {
	for _ in $(seq 10); do
		apt_get update && return
		sleep 6
	done
	die "apt-get update failed: is there a network, and does /etc/apt name a mirror?"
}

list_missing() {
	for package in "$@"; do
		# of a|b either will do, and the first is installed if none is there; dpkg-query
		# fails if one of them is not known at all
		IFS='|' read -r -a either <<<"$package"
		{ dpkg-query -W -f '${db:Status-Status}\n' "${either[@]}" 2>/dev/null || true; } |
			grep -qx installed || echo "${package%%|*}"
	done
}

# Debian's own switch: exit 101 forbids maintainer scripts to start services
forbid_services() {
	policy=/usr/sbin/policy-rc.d
	[ ! -e "$policy" ] || return 0
	trap 'as_root rm -f /usr/sbin/policy-rc.d' EXIT
	printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
	as_root chmod 755 "$policy"
}

packages=()
for group in "$@"; do
	[ -n "${groups[$group]:-}" ] || die "no group '$group'; there are: ${!groups[*]}"
	# from wherever it is: Debian's own would stand beside it, and is large
	[ "$group" != cargo ] || ! command -v cargo >/dev/null || continue
	read -r -d '' -a names <<<"${groups[$group]}" || true
	packages+=("${names[@]}")
done

if ! command -v dpkg-query >/dev/null; then
	printf 'install-deps: no Debian here; needed are the likes of: %s\n' "${packages[*]}" >&2
	exit 0
fi
mapfile -t missing < <(list_missing "${packages[@]}")
[ "${#missing[@]}" -gt 0 ] || exit 0

[ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null ||
	die "become root and run: apt-get install ${missing[*]}"
printf 'installing %s\n' "${missing[*]}"
forbid_services
apt_update
apt_get install -y --no-install-recommends "${missing[@]}"

# nor at the next boot
for each in $services; do
	service=${each#*:}
	case " ${missing[*]} " in
	*" ${each%:*}"*)
		as_root update-rc.d "$service" disable >/dev/null 2>&1 || true
		as_root systemctl disable "$service" >/dev/null 2>&1 || true
		;;
	esac
done
