/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Four libuv loops in a process, a thread each, as Envoy's workers are: they
 * work on timers, each twice as much as the one before it, and tell libuv's own
 * counters.
 *
 * Says `ready {}`, takes `start` and `stop` on stdin and answers `started` and
 * `stopped`, each with {"tid": {"idle_ns", "now_ns", "iterations"}, ...}: libuv's
 * uv_metrics_idle_time, the clock it is measured by, and one prepare callback an
 * iteration.
 */
#define _GNU_SOURCE
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#define NR_WORKERS 4
#define PERIOD_MS 10
#define LEAST_WORK_US 250

static struct worker {
	uv_loop_t loop;
	uv_async_t command;
	uv_prepare_t prepare;
	uv_timer_t timer;
	uv_thread_t thread;
	uv_sem_t done; /* the worker is ready, or has done what it was told */
	unsigned int work_us;
	int working;
	pid_t tid;
	atomic_ulong iterations;
} workers[NR_WORKERS];

static void on_prepare(uv_prepare_t *prepare)
{
	struct worker *worker = prepare->data;

	worker->iterations++;
}

static void on_timer(uv_timer_t *timer)
{
	struct worker *worker = timer->data;
	uint64_t end = uv_hrtime() + worker->work_us * 1000ULL;

	while (uv_hrtime() < end)
		;
}

static void on_command(uv_async_t *command)
{
	struct worker *worker = command->data;

	worker->working = !worker->working;
	if (worker->working)
		uv_timer_start(&worker->timer, on_timer, PERIOD_MS, PERIOD_MS);
	else
		uv_timer_stop(&worker->timer);
	uv_sem_post(&worker->done);
}

static void worker_run(void *argument)
{
	struct worker *worker = argument;

	worker->tid = gettid();
	uv_sem_post(&worker->done);
	uv_run(&worker->loop, UV_RUN_DEFAULT);
}

static int worker_start(struct worker *worker, unsigned int work_us)
{
	worker->work_us = work_us;
	worker->command.data = worker->prepare.data = worker->timer.data = worker;
	if (uv_loop_init(&worker->loop) || uv_loop_configure(&worker->loop, UV_METRICS_IDLE_TIME) ||
	    uv_async_init(&worker->loop, &worker->command, on_command) ||
	    uv_timer_init(&worker->loop, &worker->timer) ||
	    uv_prepare_init(&worker->loop, &worker->prepare) ||
	    uv_prepare_start(&worker->prepare, on_prepare) || uv_sem_init(&worker->done, 0) ||
	    uv_thread_create(&worker->thread, worker_run, worker))
		return -1;
	uv_sem_wait(&worker->done);
	return 0;
}

static void say(const char *word)
{
	printf("%s {", word);
	for (int i = 0; i < NR_WORKERS; i++)
		printf("%s\"%d\": {\"idle_ns\": %llu, \"now_ns\": %llu, \"iterations\": %lu}",
		       i ? ", " : "", workers[i].tid,
		       (unsigned long long)uv_metrics_idle_time(&workers[i].loop),
		       (unsigned long long)uv_hrtime(), workers[i].iterations);
	printf("}\n");
	fflush(stdout);
}

static void tell_all(void)
{
	for (int i = 0; i < NR_WORKERS; i++)
		uv_async_send(&workers[i].command);
	for (int i = 0; i < NR_WORKERS; i++)
		uv_sem_wait(&workers[i].done);
}

int main(void)
{
	char line[16];

	for (int i = 0; i < NR_WORKERS; i++)
		if (worker_start(&workers[i], LEAST_WORK_US << i))
			return EXIT_FAILURE;
	say("ready");
	while (fgets(line, sizeof(line), stdin)) {
		if (!strcmp(line, "start\n")) {
			say("started");
			tell_all();
		} else if (!strcmp(line, "stop\n")) {
			tell_all();
			say("stopped");
		}
	}
	return EXIT_SUCCESS;
}
