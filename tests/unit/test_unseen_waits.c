/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Threads that own an eventpoll, never use it, and wait for events in another call: for
 * several descriptors they are not stuck, for one alone they may be.
 */
#include "unit.h"

#include <fcntl.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "unseen_fixture.h"

static int poll_several(void)
{
	struct pollfd fds[] = {{.fd = eventfd(0, 0), .events = POLLIN},
			       {.fd = eventfd(0, 0), .events = POLLIN}};

	return ppoll(fds, ARRAY_SIZE(fds), NULL, NULL);
}

static void poll_for_several(int ready)
{
	new_eventpoll();
	tell(ready, 0);
	poll_several();
}

static void select_for_several(int ready)
{
	int fd = fcntl(new_eventpoll(), F_DUPFD_CLOEXEC, 100);
	fd_set readable;

	FD_ZERO(&readable);
	FD_SET(fd, &readable);
	tell(ready, 0);
	select(fd + 1, &readable, NULL, NULL, NULL);
}

/* Containers refuse it, and the kernel may: as good as poll. */
static void wait_for_a_ring(int ready)
{
	struct io_uring_params params = {};
	int ring = (int)syscall(SYS_io_uring_setup, 2, &params);

	new_eventpoll();
	tell(ready, 0);
	if (ring < 0)
		poll_several();
	syscall(SYS_io_uring_enter, ring, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0);
}

static void one_that_waits_in_another_call_is_not(void **state)
{
	static void (*const bodies[])(int) = {poll_for_several, select_for_several,
					      wait_for_a_ring};
	struct unseen_thread threads[MAX_THREADS];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		struct child child = start_child(bodies[i]);

		await_unseen(&child, 0, -1, threads);
		stop_child(&child);
	}
}

static void poll_for_one(int ready)
{
	struct pollfd readable = {.fd = new_eventpoll(), .events = POLLIN};

	tell(ready, 0);
	ppoll(&readable, 1, NULL, NULL);
}

static void one_that_polls_one_descriptor_is(void **state)
{
	struct child child = start_child(poll_for_one);
	struct unseen_thread threads[MAX_THREADS];

	(void)state;
	await_unseen(&child, 1, SYS_ppoll, threads);
	stop_child(&child);
}

static void *thread_polls(void *unused)
{
	poll_several();
	return unused;
}

static void block_beside_one_that_polls(int ready)
{
	pthread_t thread;

	new_eventpoll();
	pthread_create(&thread, NULL, thread_polls, NULL);
	tell(ready, 0);
	sleep_long();
}

static void one_that_polls_does_not_hide_another(void **state)
{
	struct child child = start_child(block_beside_one_that_polls);
	struct unseen_thread threads[MAX_THREADS];

	(void)state;
	await_unseen(&child, 1, SYS_clock_nanosleep, threads);
	assert_int_equal(threads[0].tid, child.pid);
	stop_child(&child);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_waits_in_another_call_is_not),
		cmocka_unit_test(one_that_polls_one_descriptor_is),
		cmocka_unit_test(one_that_polls_does_not_hide_another),
	};

	return cmocka_run_group_tests_name("unseen waits", tests, NULL, NULL);
}
