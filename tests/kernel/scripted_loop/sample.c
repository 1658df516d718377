/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Samples of the calling thread: clocks, getrusage and schedstat. */
#include "sample.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define UNDISTURBED_NS 20000
#define MAX_TRIES 20 /* under strace every system call is a disturbance */

static uint64_t clock_ns(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

int sample_open(void)
{
	return open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
}

/* "time-on-cpu run-delay timeslices" */
static uint64_t read_delay(int schedstat_fd)
{
	char text[96];
	char *end;
	ssize_t size = pread(schedstat_fd, text, sizeof(text) - 1, 0);

	if (size <= 0)
		return 0;
	text[size] = '\0';
	strtoull(text, &end, 10);
	return strtoull(end, NULL, 10);
}

static void read_switches(struct sample *sample)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	sample->sleeps = (uint64_t)usage.ru_nvcsw;
	sample->preempted = (uint64_t)usage.ru_nivcsw;
}

void sample_before(int schedstat_fd, struct sample *ret_sample)
{
	ret_sample->delay_ns = read_delay(schedstat_fd);
	read_switches(ret_sample);
	ret_sample->cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	ret_sample->mono_ns = clock_ns(CLOCK_MONOTONIC);
}

void sample_after(int schedstat_fd, struct sample *ret_sample)
{
	ret_sample->mono_ns = clock_ns(CLOCK_MONOTONIC);
	ret_sample->cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	read_switches(ret_sample);
	ret_sample->delay_ns = read_delay(schedstat_fd);
}

static bool waited_since(const struct sample *sample)
{
	uint64_t cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) - sample->cpu_ns;

	return clock_ns(CLOCK_MONOTONIC) - sample->mono_ns > cpu_ns + UNDISTURBED_NS;
}

void sample_consistent(int schedstat_fd, struct sample *ret_sample)
{
	int tries = 0;

	do {
		sample_after(schedstat_fd, ret_sample);
	} while (waited_since(ret_sample) && ++tries < MAX_TRIES);
}
