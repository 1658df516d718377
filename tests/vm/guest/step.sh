# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=dash
#
# Steps, whose files go to the host as each ends, and watched loops.

RESULTS_PORT=/dev/ttyS1
AWAIT_S=120

# step NAME COMMAND...: in a directory of its own, which keeps stdout, stderr,
# status and whatever else the command leaves there
step() {
	echo "$(cut -d " " -f 1 /proc/uptime) $1"
	mkdir "/results/$1"
	cd "/results/$1" || return
	shift
	"$@" </dev/null >stdout 2>stderr
	echo $? >status
	cd /results || return
	# through a pipe: GNU's tar refuses to write to a terminal
	tar -cf - "${OLDPWD##*/}" | cat >"$RESULTS_PORT"
}

# await WORD FILE PID: until the file, which that process writes, has the word
await() {
	for _ in $(seq $((AWAIT_S * 5))); do
		grep -q "$1" "$2" && return
		kill -0 "$3" 2>/dev/null || break
		usleep 200000
	done
	echo "no '$1' in $2, where there is:" >&2
	cat "$2" >&2
	return 1
}

# loop_start NAME [COMMAND...] SCRIPT: a scripted loop, asleep in its first wait;
# its pid is in NAME.pid, its log will be in NAME.log
loop_start() {
	loop=$1
	shift
	mkfifo "$loop.say"
	"$@" <>"$loop.say" >"$loop.log" 2>"$loop.stderr" &
	echo $! >"$loop.pid"
	await ready "$loop.log" $!
}

loop_run() {
	echo go >"$1.say"
	await "done" "$1.log" "$(cat "$1.pid")"
}

loop_end() {
	pid=$(cat "$1.pid")
	echo quit >"$1.say"
	wait "$pid"
	rm "$1.say"
}

# watch_start OPTIONS...: loopscope, when it has attached; its report will be in `report`. It is
# that of `stat`, or of the command $WATCH
watch_start() {
	loopscope "${WATCH:-stat}" --json -d 600 "$@" >report 2>watch.stderr &
	watch=$!
	await watching watch.stderr "$watch"
}

watch_end() {
	kill -INT "$watch"
	wait "$watch"
}

# watch_script SCRIPT OPTIONS...: one loop, watched from the wait it sleeps in to
# the wait it rests in
watch_script() {
	loop_start loop scripted_loop "$1" || return
	shift
	watch_start -p "$(cat loop.pid)" "$@" || return
	loop_run loop || return
	watch_end || return
	loop_end loop
}
