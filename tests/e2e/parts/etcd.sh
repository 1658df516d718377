#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Unpacks Debian's etcd and etcdctl into the current directory. Installed, it would
# be a service.
set -eu
apt-get download -q etcd-server etcd-client || {
	[ "$(id -u)" -eq 0 ] && apt-get -q update && apt-get download -q etcd-server etcd-client
}
for package in ./*.deb; do
	dpkg-deb -x "$package" root
done
mv root/usr/bin/etcd root/usr/bin/etcdctl .
rm -r root ./*.deb
