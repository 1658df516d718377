/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A loop: its file descriptors, and its way through the script. */
#include "loop.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "process.h"

void give_up(const char *what)
{
	fprintf(stderr, "scripted_loop: %s: %s\n", what, strerror(errno));
	_exit(2);
}

/* Edge-triggered: nothing need be read to use the descriptor again. */
static int watched(struct loop *loop, int fd)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.fd = fd};

	if (fd < 0 || epoll_ctl(loop->epfd, EPOLL_CTL_ADD, fd, &event) < 0)
		give_up("epoll_ctl");
	return fd;
}

static int open_userfaultfd(void)
{
	struct uffdio_api api = {.api = UFFD_API};
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);

	if (fd >= 0 && ioctl(fd, UFFDIO_API, &api) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static int open_scratch_file(void)
{
	const char *directory = getenv("TMPDIR");

	return open(directory ? directory : "/tmp", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
}

int loop_open(struct loop *loop)
{
	int err = log_new(loop->script, &loop->log);

	if (err < 0)
		return err;
	err = helper_start(&loop->helper);
	if (err < 0)
		return err;
	loop->tid = gettid();
	loop->epfd = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epfd < 0 || pipe2(loop->pipe_fds, O_CLOEXEC) < 0)
		return -errno;
	loop->control_fd = watched(loop, eventfd(0, EFD_CLOEXEC));
	loop->wake_fd = watched(loop, eventfd(0, EFD_CLOEXEC));
	loop->timer_fd = watched(loop, timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
	for (size_t i = 0; i < LOOP_MAX_READY; i++)
		loop->ready_fds[i] = watched(loop, eventfd(0, EFD_CLOEXEC));
	loop->uffd = open_userfaultfd();
	loop->file_fd = open_scratch_file();
	loop->schedstat_fd = sample_open();
	if (loop->script->nr_steps && loop->script->steps[0].kind == STEP_WITH)
		loop->variant = loop->script->steps[0].a;
	raise(SIGUSR1); /* the first signal takes page faults: none of the script's */
	return 0;
}

static void log_ending(struct loop *loop, const char *ending)
{
	loop->log.ending = ending;
	sample_after(loop->schedstat_fd, &loop->log.end);
}

/* Not by way of the C library, which has much to do before the thread is gone. */
static _Noreturn void exit_thread(struct loop *loop)
{
	log_ending(loop, "exit");
	atomic_store(&loop->rests, true);
	for (;;)
		syscall(SYS_exit, 0);
}

static void rename_thread(unsigned int number)
{
	char name[16];

	snprintf(name, sizeof(name), "renamed-%u", number);
	prctl(PR_SET_NAME, name);
}

static void run_step(struct loop *loop, const struct step *step)
{
	switch (step->kind) {
	case STEP_WITH:
		loop->variant = step->a;
		break;
	case STEP_RENAME:
		rename_thread(step->a);
		break;
	case STEP_EXEC:
		log_ending(loop, "exec");
		log_print(&loop->log, getpid(), loop->tid, stdout);
		process_exec(step->a);
	case STEP_EXIT:
		exit_thread(loop);
	default:
		if (step_is_wait(step->kind))
			wait_step(loop, step);
		else
			callback_step(loop, step);
	}
}

void loop_run(struct loop *loop, bool started)
{
	if (!started)
		wait_for_go(loop);
	for (size_t i = 0; i < loop->script->nr_steps; i++)
		run_step(loop, &loop->script->steps[i]);
	loop->log.ending = "rest";
	wait_at_rest(loop);
}
