/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A child dies with the test, and says when it has come to where it is to be looked at. */
#include "unseen_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "unit.h"

void tell(int ready, pid_t thread)
{
	if (write(ready, &thread, sizeof(thread)) != sizeof(thread))
		_exit(1);
}

struct child start_child(void (*body)(int ready))
{
	struct child child;
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	child.pid = fork();
	if (child.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		body(ends[1]);
		_exit(0);
	}
	assert_true(child.pid > 0);
	assert_int_equal(read(ends[0], &child.thread, sizeof(child.thread)), sizeof(child.thread));
	close(ends[0]);
	close(ends[1]);
	return child;
}

void stop_child(const struct child *child)
{
	kill(child->pid, SIGKILL);
	assert_int_equal(waitpid(child->pid, NULL, 0), child->pid);
}

void pause_briefly(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

void sleep_long(void)
{
	nanosleep(&(struct timespec){.tv_sec = 1000}, NULL);
}

int new_eventpoll(void)
{
	int epfd = epoll_create1(EPOLL_CLOEXEC), fd = eventfd(0, EFD_CLOEXEC);

	if (epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &(struct epoll_event){.events = EPOLLIN}))
		_exit(1);
	return epfd;
}

void await_unseen(const struct child *child, int nr_expected, int syscall_nr,
		  struct unseen_thread *threads)
{
	int nr = 0;

	for (int i = 0; i < 10000; i++) {
		nr = unseen_find(child->pid, NULL, 0, threads, MAX_THREADS);
		assert_true(nr >= 0);
		if (nr == nr_expected && (!nr || threads[0].syscall_nr == syscall_nr))
			return;
		pause_briefly();
	}
	fail_msg("%d threads, the first in call %d", nr, nr ? threads[0].syscall_nr : -1);
}
