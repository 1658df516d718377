/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Writes the seed corpus of fuzz_recording to the directory named: one recording, each way. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "fake_loop.h"
#include "model/stack.h"
#include "recording/format.h"
#include "recording/host.h"
#include "recording/writer.h"

static void add(struct buffer *items, struct recording_writer *writer, enum item_kind kind,
		const void *data, size_t size)
{
	const struct recording_item item = {.kind = kind, .bytes = size};

	buffer_append(items, &item, sizeof(item));
	buffer_append(items, data, size);
	recording_writer_put(writer, kind, data, size);
}

static void add_made(struct buffer *items, struct recording_writer *writer, enum item_kind kind,
		     struct buffer *item)
{
	add(items, writer, kind, item->data, item->size);
	buffer_reset(item);
}

static void add_record(struct buffer *items, struct recording_writer *writer,
		       struct fake_loop *loop, enum record_kind kind)
{
	unsigned char record[WINDOW_MAX_SIZE];

	fake_loop_pass(loop, 5000000);
	fake_loop_return(loop, 1000, 2);
	fake_loop_sleep(loop, 0, CAUSE_SYSCALL, 70000000);
	fake_loop_enter(loop);
	add(items, writer, ITEM_RECORD, record, fake_loop_record(loop, kind, record));
}

static void add_stall(struct buffer *items, struct recording_writer *writer,
		      const struct fake_loop *loop, enum record_kind kind, __u64 age_ns)
{
	struct stall_record record = {
		.header = {kind, 0, sizeof(record), loop->window.header.time_ns + age_ns},
		.id = loop->window.id,
		.thread = "main",
		.process = "server",
		.start_ns = loop->window.header.time_ns,
		.blocking_ns = 50000000,
		.cause_ns[CAUSE_SYSCALL] = age_ns,
		.family = WAIT_EPOLL,
		.cause = CAUSE_SYSCALL,
		.flags = kind == RECORD_STALL_BEGUN ? STALL_STACK_FOLLOWS : STALL_WOKEN,
		.waker = {1, 2, "writer", "backup"},
		.nr_syscalls = 1,
		.syscalls = {{0, 1, age_ns}},
	};

	add(items, writer, ITEM_RECORD, &record, sizeof(record));
}

static void add_stack(struct buffer *items, struct recording_writer *writer,
		      const struct fake_loop *loop, __u64 age_ns)
{
	struct stack_frame frames[] = {
		{1, 2, "read", "", "/lib/libc.so.6", 0, FRAME_NATIVE, FRAME_RUNTIME},
		{3, 4, "fill", "cache.cc", "/srv/cache", 5, FRAME_CPP, FRAME_INLINED},
		{3, 4, "", "cache.cc", "/srv/cache", 6, FRAME_CPP, 0},
		{0, 0, "<module>", "main.py", "", 7, FRAME_PYTHON, 0},
	};
	const struct stack stack = {
		.id = loop->window.id,
		.start_ns = loop->window.header.time_ns,
		.time_ns = loop->window.header.time_ns + age_ns,
		.syscall_nr = 0,
		.cause = CAUSE_SYSCALL,
		.flags = STACK_IS_CUT,
		.nr_frames = sizeof(frames) / sizeof(*frames),
		.frames = frames,
	};
	_cleanup_(buffer_done) struct buffer item = {};

	stack_encode(&item, &stack);
	add_made(items, writer, ITEM_STACK, &item);
}

static void add_stalls(struct buffer *items, struct recording_writer *writer,
		       const struct fake_loop *loop)
{
	add_stall(items, writer, loop, RECORD_STALL_BEGUN, 60000000);
	add_stack(items, writer, loop, 60000000);
	add_stall(items, writer, loop, RECORD_STALL_LASTS, 80000000);
	add_stack(items, writer, loop, 90000000);
	add_stall(items, writer, loop, RECORD_STALL_ENDED, 100000000);
}

static void add_all(struct buffer *items, struct recording_writer *writer)
{
	const struct process_facts facts = {
		.key = {.exec_id = 1, .pid = 100},
		.in_container = true,
		.runtime = "node",
		.runtime_version = "18",
		.loop_library = "libuv",
		.executable = "/node",
		.cgroup = "/a.service",
		.container = {"c0ffee", "main", "web", "shop"},
	};
	const struct loop_report stuck = {.id = {.pid = 7, .tid = 7}, .family = WAIT_EPOLL};
	const struct summary summary = {
		.stalls_held = 1, .nr_hooks = 1, .hooks = {{"off_cpu", "tp_btf"}}};
	const struct item_mark mark = {1, 1, 1};
	_cleanup_(buffer_done) struct buffer item = {};
	struct fake_loop loop;

	fake_loop_start(&loop, 1, 1000);
	add_record(items, writer, &loop, RECORD_LOOP_WINDOW);
	item_put_process(&item, &facts);
	add_made(items, writer, ITEM_PROCESS, &item);
	item_put_unseen(&item, &stuck);
	add_made(items, writer, ITEM_UNSEEN, &item);
	add(items, writer, ITEM_WINDOW, &mark, sizeof(mark));
	add_stalls(items, writer, &loop);
	recording_writer_flush(writer);
	add_record(items, writer, &loop, RECORD_LOOP_GONE);
	item_put_summary(&item, &summary);
	add_made(items, writer, ITEM_SUMMARY, &item);
	add(items, writer, ITEM_WALK, &mark, sizeof(mark));
	add(items, writer, ITEM_END, &mark, sizeof(mark));
	recording_writer_flush(writer);
}

static int write_seed(const char *directory, char kind, const void *data, size_t size)
{
	_cleanup_(fclosep) FILE *file = NULL;
	char path[4096];

	snprintf(path, sizeof(path), "%s/seed-%c", directory, kind);
	file = fopen(path, "we");
	if (!file)
		return -1;
	fputc(kind, file);
	fwrite(data, size, 1, file);
	return ferror(file) ? -1 : 0;
}

int main(int argc, char **argv)
{
	static const char host[] = "{\"clocks\":{\"monotonic_ns\":1,\"boottime_ns\":1,"
				   "\"unix_ns\":1},\"blocking_ns\":1,\"syscalls\":{\"read\":0}}";
	_cleanup_(buffer_done) struct buffer items = {};
	_cleanup_(recording_writer_freep) struct recording_writer *writer = NULL;
	_cleanup_(closep) int fd = memfd_create("seed", MFD_CLOEXEC);
	unsigned char file[65536];
	ssize_t size;

	if (argc != 2 || fd < 0 || recording_writer_new(fd, host, &writer))
		return EXIT_FAILURE;
	add_all(&items, writer);
	size = pread(fd, file, sizeof(file), 0);
	if (size < 0 || write_seed(argv[1], 'F', file, (size_t)size) ||
	    write_seed(argv[1], 'C', file, (size_t)size) ||
	    write_seed(argv[1], 'I', items.data, items.size) ||
	    write_seed(argv[1], 'H', host, strlen(host)))
		return EXIT_FAILURE;
	return EXIT_SUCCESS;
}
