/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Perf events, one for each CPU; the kernel closes them with the links. */
#include "observe/ticks.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

static int open_event(int cpu)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.sample_freq = TICKS_HZ,
		.freq = 1,
	};
	long fd = syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : (int)fd;
}

int ticks_probe(void)
{
	_cleanup_(closep) int fd = open_event(sched_getcpu()); /* which is online */

	return fd < 0 ? fd : 0;
}

static int attach_cpu(struct bpf_program *program, int cpu, struct ticks *ticks)
{
	struct bpf_link *link;
	int fd = open_event(cpu);

	if (fd == -ENODEV) /* offline */
		return 0;
	if (fd < 0)
		return fd;
	link = bpf_program__attach_perf_event(program, fd);
	if (!link) {
		int err = -errno;

		close(fd);
		return err;
	}
	ticks->links[ticks->nr++] = link;
	return 0;
}

int ticks_attach(struct bpf_program *program, struct ticks *ret_ticks)
{
	int nr_cpus = libbpf_num_possible_cpus();
	struct ticks ticks = {};

	if (nr_cpus < 0)
		return nr_cpus;
	ticks.links = calloc((size_t)nr_cpus, sizeof(*ticks.links));
	if (!ticks.links)
		return -ENOMEM;
	for (int cpu = 0; cpu < nr_cpus; cpu++) {
		int err = attach_cpu(program, cpu, &ticks);

		if (err) {
			ticks_detach(&ticks);
			return err;
		}
	}
	*ret_ticks = ticks;
	return 0;
}

void ticks_detach(struct ticks *ticks)
{
	while (ticks->nr)
		bpf_link__destroy(ticks->links[--ticks->nr]);
	free(ticks->links);
	ticks->links = NULL;
}
