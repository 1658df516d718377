/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Threads that wait for events and are no loops: what they are told of they hand to other threads,
 * so that the time between two of their waits is neither busy nor late for anyone. Those that
 * are left out, and what has been looked at and is right to be treated as a loop:
 *
 *   Go          any thread that has nothing to run polls for all goroutines, which wander between
 *               threads: out.
 *   Erlang      (OTP 21 and later; seen with OTP 25 under strace) `0_poller` waits in epoll_wait
 *               and only marks ports and processes as runnable; a scheduler without work waits on a
 *               second eventpoll itself, another one parks on a futex: out.
 *   .NET        `.NET Sockets` (SocketAsyncEngine) queues work to the thread pool; no user's code
 *               runs there, unless DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS says so: out. Other
 *               threads, such as libuv's of old Kestrels, are loops.
 *   JVM         a thread with an NIO Selector is in epoll_wait in select(), and runs its handlers
 *               between two of them: a loop; so is Netty's, with NIO as with its native transport,
 *               which waits in epoll_wait or epoll_pwait2 of its own. The pollers for virtual
 *               threads (JDK 21 and later: Read-Poller, Write-Poller, MasterPoller) unpark those, and
 *               run nothing: out.
 *   Ruby        one Ruby thread runs at a time, so a thread that waits in epoll (nio4r: Puma's
 *               reactor, io-event: Falcon) or in ppoll or select is its own loop, and waiting for
 *               the lock of the VM is time in a futex. The VM's timer thread (3.3 and later) waits in
 *               epoll and has no name of its own; a thread that the program makes always has.
 *   tokio       the worker that holds the driver waits in epoll for all: a loop, others park. See
 *               WINDOW_PARKS.
 *   PostgreSQL  a backend waits for its client in epoll_wait, and for locks in another one: a loop.
 */
#include "identity/runtime.h"

#include <fnmatch.h>
#include <string.h>

#define GO                                                                                       \
	"Go's scheduler polls from whichever thread has nothing to run, for all goroutines: no " \
	"thread is a loop"
#define ERLANG                                                                                    \
	"Erlang's pollers and schedulers share the waiting, and processes run on any scheduler: " \
	"no "                                                                                     \
	"thread is a loop"
#define DOTNET ".NET's socket engine hands what is ready to the thread pool: its thread is no loop"
#define VIRTUAL_THREADS \
	"a poller of the JVM hands what is ready to virtual threads: its thread is no loop"

const char *runtime_no_loop(const char *runtime, const char *thread)
{
	static const struct {
		const char *runtime, *threads, *reason; /* threads: NULL: all of the process */
	} rules[] = {
		{"go", NULL, GO},
		{"erlang", NULL, ERLANG},
		{"dotnet", ".NET Sockets*", DOTNET},
		{"java", "Read-Poller*", VIRTUAL_THREADS},
		{"java", "Write-Poller*", VIRTUAL_THREADS},
		{"java", "MasterPoller*", VIRTUAL_THREADS},
		{"java", "Master-Poller*", VIRTUAL_THREADS},
	};

	for (size_t i = 0; runtime && i < sizeof(rules) / sizeof(*rules); i++) {
		if (strcmp(rules[i].runtime, runtime) == 0 &&
		    (!rules[i].threads || (thread && fnmatch(rules[i].threads, thread, 0) == 0)))
			return rules[i].reason;
	}
	return NULL;
}
