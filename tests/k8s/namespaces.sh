#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Makes the mount and network namespace that it was started in those of a node: the
# runtime's and the kubelet's usual directories are folders below DIRECTORY, and eth0 has
# ADDRESS. Says `ready`, and holds the namespaces until its standard input ends.
#
#   namespaces.sh DIRECTORY ADDRESS GATEWAY
set -eu
directory=$1 address=$2 gateway=$3

# what containers mount from the node must see what is mounted there later
mount --make-rshared /
while read -r path; do
	mkdir -p "$directory/fs$path"
	mount --bind "$directory/fs$path" "$path"
done <"$directory/mount-points"

# The kubelet sets these for the whole machine. Here it does to stand-ins, and finds what
# it wants there already.
while read -r name value; do
	stand_in=$directory/sysctl-${name//\//-}
	echo "$value" >"$stand_in"
	mount --bind "$stand_in" "/proc/sys/$name"
done <<END
vm/overcommit_memory 1
vm/panic_on_oom 0
kernel/panic 10
kernel/panic_on_oops 1
kernel/keys/root_maxkeys 1000000
kernel/keys/root_maxbytes 25000000
END

ip link set lo up
ip link add eth0 type veth peer name wire # so that eth0 has a carrier
ip link set wire up
ip link set eth0 up
ip addr add "$address/24" dev eth0
ip route add default via "$gateway" dev eth0
echo ready
exec cat
