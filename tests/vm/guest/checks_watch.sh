# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=dash
#
# What is run on a kernel that loopscope watches. test_watch.py judges.

CGROUPS=/sys/fs/cgroup
QUOTA=$CGROUPS/quota

# one step of each cause, after each way to wait
EVERY_CAUSE="idle:20 spin:60000 idle:20 nanosleep:60 with:1 wake:20 futex:60 with:2 timeout:20 \
fault:60 idle:20 read:60 with:0 idle:20 poll:60 ready:3 spin:2000 zero spin:2000"

# in_cgroup GROUP COMMAND...: becomes the command, in that cgroup
in_cgroup() {
	# shellcheck disable=SC2016 # the inner shell's
	exec sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$@"
}

facts() {
	uname -r
	cat /sys/kernel/security/lockdown
}

truth() { # edges
	watch_script "$EVERY_CAUSE $EVERY_CAUSE $EVERY_CAUSE" --edges="$1"
}

# poll and select, by both of their calls
family() { # edges, family, variant, variant
	steps="with:$3 idle:20 spin:20000 wake:20 nanosleep:20"
	steps="$steps with:$4 timeout:20 ready:3 spin:20000"
	watch_script "$steps $steps $steps" --edges="$1" --wait="$2"
}

# each long enough to be told of while it lasts, though this machine is slow
stalls() { # edges
	steps="idle:100 spin:600000 idle:100 nanosleep:600 idle:100 futex:600 idle:100 read:600"
	WATCH=stalls watch_script "$steps idle:100" --edges="$1"
}

# with a policy for each loop, of all of the machine
agent() {
	loop_start loop scripted_loop \
		"idle:100 spin:600000 idle:100 nanosleep:600 idle:100" || return
	loopscope agent --export=stdout --listen=none --set=agent.lock_file=agent.lock \
		>report 2>watch.stderr &
	watch=$!
	await watching watch.stderr "$watch" || return
	loop_run loop || return
	watch_end || return
	loop_end loop
}

# never woken while it is watched
asleep() {
	loop_start loop scripted_loop "idle:1" || return
	watch_start -p "$(cat loop.pid)" || return
	sleep 1
	watch_end || return
	loop_run loop
	loop_end loop
}

# a process that forks another, and goes on as a third
lives() {
	loop_start loop scripted_loop --later "idle:20 spin:20000" --later "idle:20 spin:40000" \
		"idle:20 spin:10000 fork:0 idle:200 spin:10000 exec:1" || return
	watch_start -p "$(cat loop.pid)" || return
	loop_run loop || return
	watch_end || return
	loop_end loop
}

# quota COMMAND...: a loop in the cgroup that has a fifth of a CPU, and the
# cgroup's own account of its time
quota() {
	loop_start loop in_cgroup "$QUOTA" "$@" || return
	watch_start -p "$(cat loop.pid)" || return
	cp "$QUOTA/cpu.stat" before
	loop_run loop || return
	cp "$QUOTA/cpu.stat" after
	watch_end || return
	loop_end loop
}

# on one CPU, so that the time throttled is that of one queue
quota_busy() {
	quota taskset 2 scripted_loop "idle:20 spin:600000 idle:20"
}

# beside a spinner of the same cgroup, so that it is throttled when its timer fires
quota_wakes() {
	in_cgroup "$QUOTA" taskset 2 sh -c 'while :; do :; done' &
	spinner=$!
	quota taskset 2 scripted_loop "$(yes idle:20 | head -n 12 | tr '\n' ' ')"
	result=$?
	kill "$spinner"
	return $result
}

# move FILE: the process whose pid it holds, from CPU to CPU until it has ended
move() {
	until [ -s "$1" ]; do usleep 50000; done
	while taskset -p 1 "$(cat "$1")"; do
		usleep 70000
		taskset -p 2 "$(cat "$1")"
		usleep 70000
	done
}

# sent to another CPU while it runs, or waits, or is throttled
quota_moves() {
	move loop.pid &
	quota scripted_loop "idle:20 spin:900000 idle:20"
}

cgroup() {
	group=$CGROUPS/inside
	mkdir "$group"
	loop_start inside in_cgroup "$group" scripted_loop "idle:20 spin:20000" || return
	loop_start outside scripted_loop "idle:20 spin:20000" || return
	watch_start --cgroup "$group" || return
	loop_run inside
	loop_run outside
	watch_end || return
	loop_end inside
	loop_end outside
}

left_out() {
	loop_start wanted scripted_loop --name wanted "idle:20 spin:20000" || return
	loop_start unwanted scripted_loop --name unwanted "idle:20 spin:20000" || return
	watch_start --comm '*wanted' --not-comm 'un*' || return
	loop_run wanted
	loop_run unwanted
	watch_end || return
	loop_end wanted
	loop_end unwanted
}

mount -t securityfs securityfs /sys/kernel/security
echo +cpu >"$CGROUPS/cgroup.subtree_control"
mkdir "$QUOTA"
echo "20000 100000" >"$QUOTA/cpu.max"

step facts facts
step check loopscope check
step truth_fentry truth fentry
step truth_tp_btf truth tp_btf
step no_tracefs loopscope stat -p 1 -d 1 --edges=tracepoint
mount -t tracefs tracefs /sys/kernel/tracing
step truth_tracepoint truth tracepoint
step poll_tracepoint family tracepoint poll 3 4
step select_tracepoint family tracepoint select 5 6
umount /sys/kernel/tracing
step poll_fentry family fentry poll 3 4
step select_fentry family fentry select 5 6
step stalls_fentry stalls fentry
step stalls_tp_btf stalls tp_btf
step agent agent
step asleep asleep
step lives lives
step quota_busy quota_busy
step quota_wakes quota_wakes
step quota_moves quota_moves
step cgroup cgroup
step left_out left_out
