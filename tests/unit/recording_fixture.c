/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The items come from fake loops; each window is a chunk. */
#include "recording_fixture.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "fake_loop.h"

static struct recording_fixture fixture;

static void put(struct recording_writer *writer, enum item_kind kind, const void *data, size_t size)
{
	struct recorded_item *item = &fixture.items[fixture.nr_items++];

	assert_true(fixture.nr_items < RECORDING_MAX_ITEMS);
	*item = (struct recorded_item){.kind = kind, .data = malloc(size + !size), .size = size};
	assert_non_null(item->data);
	memcpy(item->data, data, size);
	assert_int_equal(recording_writer_put(writer, kind, data, size), 0);
}

static void put_buffer(struct recording_writer *writer, enum item_kind kind, struct buffer *buffer)
{
	assert_int_equal(buffer->error, 0);
	put(writer, kind, buffer->data, buffer->size);
	buffer_reset(buffer);
}

static void put_mark(struct recording_writer *writer, enum item_kind kind, struct buffer *buffer,
		     __u64 now)
{
	const struct item_mark mark = {now, now + 1, now + 2};

	item_put_mark(buffer, &mark);
	put_buffer(writer, kind, buffer);
}

static void put_process(struct recording_writer *writer, struct buffer *buffer, __u64 pid)
{
	struct process_facts facts = {
		.key = {.start_ns = 0, .exec_id = 1, .pid = pid},
		.in_container = true,
		.runtime = "node",
		.runtime_version = "18.19.0",
		.loop_library = "libuv",
		.executable = "/usr/bin/node",
		.cgroup = "/a/b.service",
		.container = {"c0ffee", "main", "web-1", "shop"},
	};

	item_put_process(buffer, &facts);
	put_buffer(writer, ITEM_PROCESS, buffer);
}

static void put_unseen(struct recording_writer *writer, struct buffer *buffer)
{
	struct loop_report report = {
		.id = {.pid = 7, .tid = 8},
		.thread = "stuck",
		.process = "server",
		.family = WAIT_EPOLL,
		.where = CAUSE_SYSCALL,
		.where_syscall = 82,
		.current_busy_ns = 5 * MS,
	};

	item_put_unseen(buffer, &report);
	put_buffer(writer, ITEM_UNSEEN, buffer);
}

static void put_summary(struct recording_writer *writer, struct buffer *buffer)
{
	const struct summary summary = {
		.torn = 3,
		.misses = 4,
		.stalls_held = 5,
		.stacks_held = 6,
		.nr_hooks = 2,
		.hooks = {{"wait_edges", "fentry"}, {"off_cpu", NULL}},
	};

	item_put_summary(buffer, &summary);
	put_buffer(writer, ITEM_SUMMARY, buffer);
}

static void live(struct recording_writer *writer, struct fake_loop *loop, enum record_kind kind)
{
	unsigned char record[WINDOW_MAX_SIZE];

	fake_loop_pass(loop, 10 * MS);
	fake_loop_return(loop, 30 * US, 2);
	fake_loop_pass(loop, 4 * MS);
	fake_loop_sleep(loop, 82, CAUSE_SYSCALL, 60 * MS);
	fake_loop_enter(loop);
	put(writer, ITEM_RECORD, record, fake_loop_record(loop, kind, record));
}

static void flush(struct recording_writer *writer)
{
	assert_int_equal(recording_writer_flush(writer), 0);
	for (size_t i = fixture.nr_items; i && !fixture.items[i - 1].end; i--)
		fixture.items[i - 1].end = recording_writer_bytes(writer);
}

static void write_all(struct recording_writer *writer)
{
	_cleanup_(buffer_done) struct buffer buffer = {};
	struct fake_loop loops[2];

	fake_loop_start(&loops[0], 1, 1000 * MS);
	fake_loop_start(&loops[1], 2, 1000 * MS);
	live(writer, &loops[0], RECORD_LOOP_WINDOW);
	put_process(writer, &buffer, 100);
	put_unseen(writer, &buffer);
	put_mark(writer, ITEM_WINDOW, &buffer, 1100 * MS);
	flush(writer);
	for (int i = 0; i < 3; i++) {
		live(writer, &loops[0], RECORD_LOOP_WINDOW);
		if (i < 2)
			live(writer, &loops[1], i ? RECORD_LOOP_GONE : RECORD_LOOP_WINDOW);
		put_summary(writer, &buffer);
		put_mark(writer, ITEM_WALK, &buffer, (1200 + i) * MS);
		flush(writer);
	}
	put_mark(writer, ITEM_END, &buffer, 1300 * MS);
	flush(writer);
}

int recording_set_up(void **state)
{
	struct recording_writer *writer;

	memset(&fixture, 0, sizeof(fixture));
	fixture.fd = memfd_create("recording", MFD_CLOEXEC);
	assert_true(fixture.fd >= 0);
	assert_int_equal(recording_writer_new(fixture.fd, RECORDING_HOST_JSON, &writer), 0);
	fixture.host_end = recording_writer_bytes(writer);
	write_all(writer);
	fixture.size = recording_writer_bytes(writer);
	recording_writer_free(writer);
	assert_int_equal(lseek(fixture.fd, 0, SEEK_SET), 0);
	*state = &fixture;
	return 0;
}

int recording_tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < fixture.nr_items; i++)
		free(fixture.items[i].data);
	close(fixture.fd);
	return 0;
}

int recording_open_copy(const unsigned char *bytes, size_t size)
{
	int fd = memfd_create("copy", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), size);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static void compare_item(const struct recorded_item *expected, const struct read_item *item)
{
	assert_int_equal(item->kind, expected->kind);
	assert_int_equal(item->size, expected->size);
	if (item->size)
		assert_memory_equal(item->data, expected->data, item->size);
}

struct recording_read recording_read_all(const struct recording_fixture *of, int fd)
{
	struct recording_read result = {};
	struct recording_reader *reader;
	struct read_item item;

	result.begun = recording_reader_new(fd, &reader, result.error);
	if (result.begun)
		return result;
	*result.error = '\0';
	while ((result.ended = recording_reader_next(reader, &item)) > 0) {
		assert_true(result.items < of->nr_items);
		compare_item(&of->items[result.items++], &item);
	}
	if (result.ended) {
		snprintf(result.error, sizeof(result.error), "%s", recording_reader_error(reader));
		/* it stays at that */
		assert_int_equal(recording_reader_next(reader, &item), result.ended);
	}
	recording_reader_free(reader);
	return result;
}
