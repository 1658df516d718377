# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=dash
#
# What is run on a kernel that is too old. test_refuse.py judges.

step facts uname -r
step check loopscope check
step stat loopscope stat -p 1 -d 1
step top loopscope -p 1
step list loopscope list
