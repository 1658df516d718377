/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Prints a thread's frames of Python as JSON: as the kernel side reads them at a tick of its CPU
 * clock, or as another process reads them while it sleeps.
 *
 *   python_frames PID TID THREAD_POINTER on|off
 */
#include <errno.h>
#include <jansson.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "python_tick.h"
#include "python_tick.skel.h"
#include "symbols/python/python_merge.h"

#define TICKS_HZ 199
#define WAIT_MS 20000

struct job {
	struct process *process;
	struct stack_record record;
	struct python_runtime runtime;
	struct python_tick tick;
};

static void die(const char *what, int r)
{
	fprintf(stderr, "python_frames: %s: %s\n", what, strerror(-r));
	exit(1);
}

static int take_tick(void *context, void *data, size_t size)
{
	struct job *job = context;

	memcpy(&job->tick, data, size);
	return job->tick.nr > 0 ? -ECANCELED : 0; /* the first that says something is enough */
}

static int open_clock(pid_t tid)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.freq = 1,
		.sample_freq = TICKS_HZ,
	};
	int fd = (int)syscall(SYS_perf_event_open, &attr, tid, -1, -1, PERF_FLAG_FD_CLOEXEC);

	if (fd < 0)
		die("perf_event_open", -errno);
	return fd;
}

static void read_on_cpu(struct job *job, pid_t pid, pid_t tid)
{
	struct python_tick_bpf *skeleton = python_tick_bpf__open_and_load();
	struct ring_buffer *ring;
	int r = -ETIME;

	if (!skeleton)
		die("BPF", -errno);
	r = bpf_map__update_elem(skeleton->maps.python_runtimes, &pid, sizeof(pid), &job->runtime,
				 sizeof(job->runtime), 0);
	if (r)
		die("python_runtimes", r);
	ring = ring_buffer__new(bpf_map__fd(skeleton->maps.ticks), take_tick, job, NULL);
	if (!ring || !bpf_program__attach_perf_event(skeleton->progs.tick, open_clock(tid)))
		die("attach", -errno);
	for (int waited = 0; waited < WAIT_MS && r != -ECANCELED; waited += 100)
		r = ring_buffer__poll(ring, 100);
	ring_buffer__free(ring);
	python_tick_bpf__destroy(skeleton);
}

static json_t *frame_json(const struct frame *frame)
{
	return json_pack("{ss% ss% si si sb}", "function", frame->function, strlen(frame->function),
			 "file", frame->file, strlen(frame->file), "line", (int)frame->line,
			 "language", frame->language, "runtime", frame->flags & FRAME_RUNTIME);
}

static void print(const struct job *job)
{
	struct stack_sample sample = {
		.record = &job->record,
		.python = job->tick.frames,
		.nr_python = job->tick.nr,
	};
	static struct frames frames;
	json_t *list = json_array();
	uint64_t begin = clock_monotonic_ns(), took;
	int entries = 0;

	frames_reset(&frames);
	if (python_merge(job->process, &sample, &frames))
		die("python_merge", -ENOMEM);
	took = clock_monotonic_ns() - begin;
	for (size_t i = 0; i < frames.nr; i++)
		json_array_append_new(list, frame_json(&frames.frame[i]));
	for (int i = 0; i < job->tick.nr; i++)
		entries += job->tick.frames[i].flags & PYTHON_FRAME_ENTRY;
	json_dumpf(json_pack("{so si si si si sI sI}", "stack", list, "nr", job->tick.nr, "flags",
			     frames.flags, "entries", entries, "version", job->runtime.version,
			     "took_ns", (json_int_t)job->tick.took_ns, "names_ns",
			     (json_int_t)took),
		   stdout, 0);
}

int main(int argc, char **argv)
{
	static struct job job;
	int r;

	if (argc != 5)
		die("arguments", -EINVAL);
	r = process_new(atoi(argv[1]), UINT64_MAX, &job.process);
	if (r)
		die("process", r);
	r = python_find(job.process, &job.runtime);
	if (r)
		die("python_find", r);
	if (!job.runtime.version)
		die("no interpreter", -ENOENT);
	job.record.id.tid = atoi(argv[2]);
	job.record.thread_pointer = strtoull(argv[3], NULL, 0);
	if (!strcmp(argv[4], "on"))
		read_on_cpu(&job, atoi(argv[1]), atoi(argv[2]));
	else {
		uint64_t begin = clock_monotonic_ns();

		job.tick.nr = python_read_frames(job.process, &job.record, job.tick.frames);
		job.tick.took_ns = clock_monotonic_ns() - begin;
	}
	print(&job);
	return 0;
}
