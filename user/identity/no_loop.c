/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Runtimes whose threads wait for events and are no loops all the same. What has been looked at:
 *
 *   Go          goroutines go on on any thread, and whichever thread finds nothing to run polls
 *               for all of them: what is between two waits of a thread is nobody's callback. Out.
 *   Erlang      schedulers take turns at one eventpoll, and the others park on a futex (strace,
 *               OTP 25): loops that share a reactor, see WINDOW_PARKS. `0_poller` waits on another,
 *               and only marks as runnable what others run: a loop that hands over.
 *   .NET        `.NET Sockets` (SocketAsyncEngine) hands what is ready to the thread pool; with
 *               DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS=1 it runs the program's code: a loop.
 *   JVM         a thread with an NIO Selector is in epoll_wait in select() and runs its handlers
 *               between two of them: a loop, as is Netty's, by NIO or its native transport. Pollers
 *               for virtual threads (JDK 21: Read-Poller, Write-Poller, MasterPoller) unpark those
 *               and run nothing: loops that hand over.
 *   Ruby        nio4r's reactor (Puma) and io-event's (Falcon): loops. Since 3.3 the VM's timer
 *               thread waits in epoll as well, in every process, and hands over; it has the name of
 *               the process.
 *   tokio       the worker that holds the driver waits in epoll, the others park: as Erlang's.
 *   PostgreSQL  a backend waits for its client in epoll_wait: a loop.
 */
#include "identity/runtime.h"

#include <string.h>

#define GO                                                                                    \
	"Go's scheduler polls for all goroutines, from whichever thread has nothing to run: " \
	"no thread is a loop"

const char *runtime_no_loop(const char *runtime)
{
	return runtime && strcmp(runtime, "go") == 0 ? GO : NULL;
}
