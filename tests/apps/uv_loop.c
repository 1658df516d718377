/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A libuv program that does one kind of work and tells libuv's own counters.
 *
 * The work is the only argument: idle, timers, ticks, slices or files. Says `ready {}`,
 * takes `start` and `stop` on stdin and answers `started {}` and `stopped {}`
 * with idle_ns (uv_metrics_idle_time), now_ns (the clock it is measured by) and
 * iterations (one prepare callback each, which is what loop_count counts).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

struct program {
	uv_loop_t *loop;
	uv_pipe_t commands;
	uv_prepare_t prepare;
	uv_timer_t timer;
	uv_idle_t slices;
	uv_fs_t stat;
	const char *work;
	const char *path;
	unsigned long iterations;
	int working;
	char line[64];
};

static struct program program;

static void spin_us(unsigned int us)
{
	uint64_t end = uv_hrtime() + us * 1000ULL;

	while (uv_hrtime() < end)
		;
}

static void say(const char *word)
{
	printf("%s {\"idle_ns\": %llu, \"now_ns\": %llu, \"iterations\": %lu}\n", word,
	       (unsigned long long)uv_metrics_idle_time(program.loop),
	       (unsigned long long)uv_hrtime(), program.iterations);
	fflush(stdout);
}

static void on_prepare(uv_prepare_t *prepare)
{
	(void)prepare;
	program.iterations++;
}

static void on_timer(uv_timer_t *timer)
{
	(void)timer;
	spin_us(3000);
}

static void on_tick(uv_timer_t *timer)
{
	(void)timer;
}

static void on_slice(uv_idle_t *idle)
{
	(void)idle;
	spin_us(500);
}

static void on_stat(uv_fs_t *stat)
{
	uv_fs_req_cleanup(stat);
	spin_us(100);
	if (program.working)
		uv_fs_stat(program.loop, stat, program.path, on_stat);
}

static void begin(void)
{
	program.working = 1;
	if (!strcmp(program.work, "timers"))
		uv_timer_start(&program.timer, on_timer, 10, 10);
	else if (!strcmp(program.work, "ticks"))
		uv_timer_start(&program.timer, on_tick, 1, 1);
	else if (!strcmp(program.work, "slices"))
		uv_idle_start(&program.slices, on_slice);
	else if (!strcmp(program.work, "files"))
		uv_fs_stat(program.loop, &program.stat, program.path, on_stat);
}

static void end(void)
{
	program.working = 0;
	uv_timer_stop(&program.timer);
	uv_idle_stop(&program.slices);
}

static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	(void)handle;
	(void)suggested;
	*buffer = uv_buf_init(program.line, sizeof(program.line));
}

static void on_command(uv_stream_t *stream, ssize_t nr_read, const uv_buf_t *buffer)
{
	if (nr_read < 0) {
		uv_stop(stream->loop);
	} else if (!strncmp(buffer->base, "start\n", 6)) {
		say("started");
		begin();
	} else if (!strncmp(buffer->base, "stop\n", 5)) {
		end();
		say("stopped");
	}
}

int main(int argc, char **argv)
{
	program.loop = uv_default_loop();
	program.work = argc > 1 ? argv[1] : "idle";
	program.path = argv[0];
	if (uv_loop_configure(program.loop, UV_METRICS_IDLE_TIME) ||
	    uv_pipe_init(program.loop, &program.commands, 0) ||
	    uv_pipe_open(&program.commands, 0) || uv_timer_init(program.loop, &program.timer) ||
	    uv_idle_init(program.loop, &program.slices) ||
	    uv_prepare_init(program.loop, &program.prepare) ||
	    uv_prepare_start(&program.prepare, on_prepare) ||
	    uv_read_start((uv_stream_t *)&program.commands, on_allocate, on_command))
		return EXIT_FAILURE;
	say("ready");
	uv_run(program.loop, UV_RUN_DEFAULT);
	return EXIT_SUCCESS;
}
