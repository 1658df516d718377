# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=dash
#
# What is run in the guest: guest_rows.py, whose output goes to the host.

# shellcheck disable=SC1091 # not there but in the guest
. /payload/step.sh

mount -t debugfs debugfs /sys/kernel/debug
mkdir /results
stty -F "$RESULTS_PORT" raw
step rows python3 -B /payload/tests/bench/guest_rows.py
