#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=dash
#
# The guest's first process: mounts, runs the checks that the kernel's command
# line names, sends the kernel's log, ends the machine. tracefs is not mounted:
# that most hooks do not need it is one of the things to show.

/bin/busybox --install -s /bin
export PATH=/bin

mount -t devtmpfs devtmpfs /dev
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /tmp
mount -t cgroup2 cgroup2 /sys/fs/cgroup

# shellcheck disable=SC1091 # not there but in the guest
. /step.sh
stty -F "$RESULTS_PORT" raw

# shellcheck disable=SC1090,SC2154 # $checks is from the kernel's command line
. "/checks_$checks.sh"

step kernel_log dmesg
step end true
poweroff -f
