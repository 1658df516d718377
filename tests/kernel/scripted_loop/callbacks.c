/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Steps between two waits: on the CPU, or blocked in one known way. What it
 * takes to set a step up is outside its samples, but inside the busy interval.
 */
#include "loop.h"

#include <linux/futex.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "process.h"

void spin_us(unsigned int us)
{
	uint64_t until_ns = now_ns() + (uint64_t)us * 1000;

	while (now_ns() < until_ns)
		;
}

static struct step_record *step_begin(struct loop *loop, const struct step *step)
{
	struct step_record *record = log_step(&loop->log, step->kind);

	sample_consistent(loop->schedstat_fd, &record->begin);
	return record;
}

static void step_end(struct loop *loop, struct step_record *record)
{
	sample_consistent(loop->schedstat_fd, &record->end);
}

static void ask_helper(struct loop *loop, struct errand errand, unsigned int in_ms)
{
	errand.due_ns = now_ns() + (uint64_t)in_ms * 1000000;
	helper_ask(&loop->helper, &errand);
}

static void step_nanosleep(struct loop *loop, const struct step *step)
{
	struct timespec time = {
		.tv_sec = step->a / 1000,
		.tv_nsec = (long)(step->a % 1000) * 1000000,
	};
	struct step_record *record = step_begin(loop, step);

	clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
	step_end(loop, record);
}

static void step_fsync(struct loop *loop, const struct step *step)
{
	static const char block[1024];
	struct step_record *record;

	for (unsigned int i = 0; i < step->a; i++) {
		if (pwrite(loop->file_fd, block, sizeof(block), (off_t)(i * sizeof(block))) < 0)
			give_up("pwrite");
	}
	record = step_begin(loop, step);
	if (fsync(loop->file_fd) < 0)
		give_up("fsync");
	step_end(loop, record);
}

static void step_futex(struct loop *loop, const struct step *step)
{
	struct step_record *record;
	int word = 0;

	ask_helper(loop, (struct errand){.kind = ERRAND_FUTEX, .address = &word}, step->a);
	record = step_begin(loop, step);
	while (!__atomic_load_n(&word, __ATOMIC_SEQ_CST))
		syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
	step_end(loop, record);
}

static void step_fault(struct loop *loop, const struct step *step)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	volatile char *page =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct uffdio_register range = {
		.range = {.start = (uintptr_t)page, .len = size},
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	struct step_record *record;

	if (page == MAP_FAILED || ioctl(loop->uffd, UFFDIO_REGISTER, &range) < 0)
		give_up("userfaultfd");
	ask_helper(loop,
		   (struct errand){.kind = ERRAND_PAGE, .fd = loop->uffd, .address = (void *)page},
		   step->a);
	record = step_begin(loop, step);
	(void)*page;
	step_end(loop, record);
	munmap((void *)page, size);
}

static void step_touch(struct loop *loop, const struct step *step)
{
	size_t page_size = (size_t)sysconf(_SC_PAGESIZE);
	size_t size = step->a * page_size;
	volatile char *pages =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct step_record *record;

	if (pages == MAP_FAILED)
		give_up("mmap");
	record = step_begin(loop, step);
	for (size_t i = 0; i < size; i += page_size)
		pages[i] = 1;
	step_end(loop, record);
	munmap((void *)pages, size);
}

/* Reads a byte that comes later, or polls for it first. */
static void step_pipe(struct loop *loop, const struct step *step)
{
	struct pollfd readable = {.fd = loop->pipe_fds[0], .events = POLLIN};
	struct step_record *record;
	char byte;

	ask_helper(loop, (struct errand){.kind = ERRAND_PIPE, .fd = loop->pipe_fds[1]}, step->a);
	record = step_begin(loop, step);
	if (step->kind == STEP_POLL && syscall(SYS_poll, &readable, 1, -1) != 1)
		give_up("poll");
	if (read(loop->pipe_fds[0], &byte, 1) != 1)
		give_up("read");
	step_end(loop, record);
}

static void step_spin(struct loop *loop, const struct step *step)
{
	struct step_record *record = step_begin(loop, step);

	spin_us(step->a);
	step_end(loop, record);
}

static void step_pause(struct loop *loop, const struct step *step)
{
	struct step_record *record = step_begin(loop, step);

	pause();
	step_end(loop, record);
}

static void step_fork(struct loop *loop, const struct step *step)
{
	struct step_record *record = step_begin(loop, step);

	process_fork(step->a, step->b);
	step_end(loop, record);
}

void callback_step(struct loop *loop, const struct step *step)
{
	switch (step->kind) {
	case STEP_NANOSLEEP:
		step_nanosleep(loop, step);
		break;
	case STEP_FSYNC:
		step_fsync(loop, step);
		break;
	case STEP_FUTEX:
		step_futex(loop, step);
		break;
	case STEP_FAULT:
		step_fault(loop, step);
		break;
	case STEP_TOUCH:
		step_touch(loop, step);
		break;
	case STEP_READ:
	case STEP_POLL:
		step_pipe(loop, step);
		break;
	case STEP_PAUSE:
		step_pause(loop, step);
		break;
	case STEP_FORK:
		step_fork(loop, step);
		break;
	default: /* STEP_SPIN */
		step_spin(loop, step);
	}
}
