/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The thread that does errands. */
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "sample.h"

struct helper_thread {
	int request_fd;
	pid_t tid;
};

static void sleep_until(uint64_t due_ns)
{
	struct timespec due = {
		.tv_sec = (time_t)(due_ns / 1000000000),
		.tv_nsec = (long)(due_ns % 1000000000),
	};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL) == EINTR)
		;
}

static int errand_run(const struct errand *errand, pid_t tid)
{
	uint64_t one = 1;

	switch (errand->kind) {
	case ERRAND_EVENTFD:
		return write(errand->fd, &one, sizeof(one)) < 0 ? -errno : 0;
	case ERRAND_PIPE:
		return write(errand->fd, "x", 1) < 0 ? -errno : 0;
	case ERRAND_SIGNAL:
		return (int)syscall(SYS_tgkill, getpid(), tid, SIGUSR1);
	case ERRAND_FUTEX:
		__atomic_store_n((int *)errand->address, 1, __ATOMIC_SEQ_CST);
		return (int)syscall(SYS_futex, errand->address, FUTEX_WAKE_PRIVATE, INT_MAX, NULL,
				    NULL, 0);
	case ERRAND_PAGE: {
		struct uffdio_zeropage page = {
			.range = {.start = (uintptr_t)errand->address,
				  .len = (unsigned long)sysconf(_SC_PAGESIZE)},
		};

		return ioctl(errand->fd, UFFDIO_ZEROPAGE, &page);
	}
	}
	return -EINVAL;
}

static void *helper_main(void *argument)
{
	struct helper_thread thread = *(struct helper_thread *)argument;
	struct errand errand;

	free(argument);
	prctl(PR_SET_NAME, "helper");
	prctl(PR_SET_TIMERSLACK, 1);
	while (read(thread.request_fd, &errand, sizeof(errand)) == sizeof(errand)) {
		uint64_t before_ns;

		sleep_until(errand.due_ns);
		before_ns = now_ns();
		if (errand_run(&errand, thread.tid) < 0)
			abort();
		if (errand.fired_ns) {
			errand.fired_ns[0] = before_ns;
			errand.fired_ns[1] = now_ns();
		}
	}
	return NULL;
}

int helper_start(struct helper *ret_helper)
{
	struct helper_thread *thread = malloc(sizeof(*thread));
	pthread_t id;
	int ends[2];
	int err;

	if (!thread)
		return -ENOMEM;
	if (pipe2(ends, O_CLOEXEC) < 0) {
		err = -errno;
		free(thread);
		return err;
	}
	thread->request_fd = ends[0];
	thread->tid = gettid();
	err = pthread_create(&id, NULL, helper_main, thread);
	if (err) {
		free(thread);
		close(ends[0]);
		close(ends[1]);
		return -err;
	}
	pthread_detach(id);
	ret_helper->request_fd = ends[1];
	ret_helper->tid = thread->tid;
	return 0;
}

void helper_ask(const struct helper *helper, const struct errand *errand)
{
	if (write(helper->request_fd, errand, sizeof(*errand)) != sizeof(*errand))
		abort();
}
