#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Becomes systemd, as process 1 of namespaces that it was started in (mount, pid,
# uts, ipc, cgroup). What is below DESTDIR lies over the machine's own files, and
# nothing that is written stays. Starts UNIT, with nothing that it does not need.
#
#   boot_systemd.sh DESTDIR UNIT
set -eu
dest=$1 unit=$2

mount --make-rprivate /
mount -t tmpfs tmpfs /run
for directory in etc usr var; do
	mkdir -p "$dest/$directory" "/run/overlay/$directory" "/run/overlay/$directory.work"
	mount -t overlay overlay "/$directory" -o "lowerdir=$dest/$directory:/$directory" \
		-o "upperdir=/run/overlay/$directory,workdir=/run/overlay/$directory.work"
done
mount -t proc proc /proc

# a unit's default dependencies are the whole machine's start
mkdir -p /etc/systemd/system
cat >/etc/systemd/system/loopscope-test.target <<END
[Unit]
DefaultDependencies=no
Wants=$unit
END
exec env -i container=loopscope PATH="$PATH" /lib/systemd/systemd --system \
	--unit=loopscope-test.target --log-target=null --show-status=no
