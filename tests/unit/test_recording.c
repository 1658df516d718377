/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A recording, whole, cut off anywhere, and with any of its bits flipped. */
#include "recording_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <zstd.h>

#include "recording/format.h"

static void test_round_trip(void **state)
{
	struct recording_fixture *fixture = *state;
	struct recording_read result = recording_read_all(fixture, fixture->fd);

	assert_int_equal(result.begun, 0);
	assert_int_equal(result.ended, 0);
	assert_int_equal(result.items, fixture->nr_items);
}

static void test_host(void **state)
{
	struct recording_fixture *fixture = *state;
	char error[RECORDING_ERROR_LEN], name[SYSCALL_NAME_LEN];
	struct recording_reader *reader;
	const struct recording_host *host;

	assert_int_equal(recording_reader_new(fixture->fd, &reader, error), 0);
	host = recording_reader_host(reader);
	assert_string_equal(host->hostname, "web-1");
	assert_string_equal(host->architecture, "riscv64");
	assert_string_equal(host->version, "9.9");
	assert_int_equal(host->begin.unix_ns, 3000);
	assert_int_equal(host->blocking_ns, 50 * MS);
	assert_string_equal(syscall_name_by(&host->syscalls, 82, name), "fsync");
	assert_string_equal(syscall_name_by(&host->syscalls, 74, name), "sys_74");
	recording_reader_free(reader);
}

/* How many items are in whole chunks of the first `size` bytes. */
static size_t items_within(const struct recording_fixture *fixture, size_t size)
{
	size_t nr = 0;

	while (nr < fixture->nr_items && fixture->items[nr].end <= size)
		nr++;
	return nr;
}

/* Whether a chunk ends there. */
static bool is_boundary(const struct recording_fixture *fixture, size_t size)
{
	size_t nr = items_within(fixture, size);

	return size == fixture->host_end || (nr && fixture->items[nr - 1].end == size);
}

static void test_every_truncation(void **state)
{
	struct recording_fixture *fixture = *state;

	for (size_t size = fixture->size; size--;) {
		struct recording_read result;

		assert_int_equal(ftruncate(fixture->fd, (off_t)size), 0);
		assert_int_equal(lseek(fixture->fd, 0, SEEK_SET), 0);
		result = recording_read_all(fixture, fixture->fd);
		assert_int_equal(result.begun, size < fixture->host_end ? -EBADMSG : 0);
		assert_int_equal(result.items, items_within(fixture, size));
		if (is_boundary(fixture, size)) {
			assert_int_equal(result.ended, 0);
		} else {
			assert_int_equal(result.begun ?: result.ended, -EBADMSG);
			assert_true(*result.error);
		}
	}
}

/* Items of the chunk that the byte is in, and of later ones, are not handed out. */
static void check_spoilt(struct recording_fixture *fixture, size_t byte)
{
	struct recording_read result;

	assert_int_equal(lseek(fixture->fd, 0, SEEK_SET), 0);
	result = recording_read_all(fixture, fixture->fd);
	assert_int_equal(result.begun ?: result.ended, -EBADMSG);
	assert_true(*result.error);
	assert_int_equal(result.begun != 0, byte < fixture->host_end);
	assert_int_equal(result.items, items_within(fixture, byte));
}

static void test_every_flipped_bit(void **state)
{
	struct recording_fixture *fixture = *state;

	for (size_t byte = 0; byte < fixture->size; byte++) {
		unsigned char value, spoilt;

		assert_int_equal(pread(fixture->fd, &value, 1, (off_t)byte), 1);
		for (int bit = 0; bit < 8; bit++) {
			spoilt = value ^ (1 << bit);
			assert_int_equal(pwrite(fixture->fd, &spoilt, 1, (off_t)byte), 1);
			check_spoilt(fixture, byte);
		}
		assert_int_equal(pwrite(fixture->fd, &value, 1, (off_t)byte), 1);
	}
}

static void set_head(struct recording_fixture *fixture, __u32 byte_order, __u16 major)
{
	struct recording_head head;

	assert_int_equal(pread(fixture->fd, &head, sizeof(head), 0), sizeof(head));
	head.byte_order = byte_order;
	head.major = major;
	head.crc = recording_head_crc(&head);
	assert_int_equal(pwrite(fixture->fd, &head, sizeof(head), 0), sizeof(head));
}

static void assert_refused(struct recording_fixture *fixture, const char *words)
{
	char error[RECORDING_ERROR_LEN];
	struct recording_reader *reader;

	assert_int_equal(lseek(fixture->fd, 0, SEEK_SET), 0);
	assert_int_equal(recording_reader_new(fixture->fd, &reader, error), -EBADMSG);
	assert_non_null(strstr(error, words));
}

static void test_of_another_kind(void **state)
{
	struct recording_fixture *fixture = *state;

	set_head(fixture, RECORDING_BYTE_ORDER_SWAPPED, RECORDING_MAJOR);
	assert_refused(fixture, "big-endian");
	set_head(fixture, RECORDING_BYTE_ORDER, RECORDING_MAJOR + 1);
	assert_refused(fixture, "take a newer loopscope");
	set_head(fixture, RECORDING_BYTE_ORDER, 0);
	assert_refused(fixture, "corrupted");
	assert_int_equal(pwrite(fixture->fd, "#!/bin/sh\n", 10, 0), 10);
	assert_refused(fixture, "no recording");
	assert_int_equal(ftruncate(fixture->fd, 0), 0);
	assert_refused(fixture, "empty");
}

/* Appends a chunk with a right checksum, whatever is in it. */
static void append_chunk(struct recording_fixture *fixture, __u16 kind, __u32 sequence,
			 const void *data, size_t size)
{
	unsigned char stored[4096];
	struct recording_chunk chunk = {
		.magic = RECORDING_CHUNK_MAGIC,
		.kind = kind,
		.sequence = sequence,
		.bytes = size,
		.stored_bytes = ZSTD_compress(stored, sizeof(stored), data, size, 1),
	};

	chunk.crc = recording_chunk_crc(&chunk, stored);
	assert_int_equal(lseek(fixture->fd, 0, SEEK_END) >= 0, 1);
	assert_int_equal(write(fixture->fd, &chunk, sizeof(chunk)), sizeof(chunk));
	assert_int_equal(write(fixture->fd, stored, chunk.stored_bytes), chunk.stored_bytes);
	assert_int_equal(lseek(fixture->fd, 0, SEEK_SET), 0);
}

#define NEXT_SEQUENCE 6 /* of the fixture's chunks */

static void test_unknown_chunk(void **state)
{
	struct recording_fixture *fixture = *state;
	struct recording_read result;

	append_chunk(fixture, 77, NEXT_SEQUENCE, "whatever", 8);
	result = recording_read_all(fixture, fixture->fd);
	assert_int_equal(result.ended, 0);
	assert_int_equal(result.items, fixture->nr_items);
}

static void assert_bad_end(struct recording_fixture *fixture, const char *words)
{
	struct recording_read result = recording_read_all(fixture, fixture->fd);

	assert_int_equal(result.ended, -EBADMSG);
	assert_int_equal(result.items, fixture->nr_items);
	assert_non_null(strstr(result.error, words));
}

static void test_item_beyond_its_chunk(void **state)
{
	const struct recording_item item = {.kind = ITEM_RECORD, .bytes = 1};

	append_chunk(*state, CHUNK_ITEMS, NEXT_SEQUENCE, &item, sizeof(item));
	assert_bad_end(*state, "what is in it is not");
}

static void test_half_an_item(void **state)
{
	const struct recording_item item = {.kind = ITEM_RECORD};

	append_chunk(*state, CHUNK_ITEMS, NEXT_SEQUENCE, &item, sizeof(item) - 1);
	assert_bad_end(*state, "what is in it is not");
}

static void test_chunk_out_of_place(void **state)
{
	append_chunk(*state, CHUNK_ITEMS, NEXT_SEQUENCE + 1, "", 0);
	assert_bad_end(*state, "stands at byte");
}

static void test_failures_to_write(void **state)
{
	struct recording_writer *writer;
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC), ends[2];

	(void)state;
	assert_int_equal(recording_writer_new(fd, "{}", &writer), -ENOSPC);
	close(fd);
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(recording_writer_new(ends[1], "{}", &writer), 0);
	close(ends[0]);
	assert_int_equal(recording_writer_put(writer, ITEM_RECORD, "x", 1), 0);
	assert_int_equal(recording_writer_flush(writer), -EPIPE);
	assert_int_equal(recording_writer_put(writer, ITEM_RECORD, "x", 1), -EPIPE);
	recording_writer_free(writer);
	close(ends[1]);
}

/* As a session has it: signals are blocked. */
static void write_on(int fd)
{
	struct recording_writer *writer;
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	if (recording_writer_new(fd, "{}", &writer))
		_exit(1);
	for (;;)
		if (recording_writer_put(writer, ITEM_RECORD, "x", 1)
			    ?: recording_writer_flush(writer))
			_exit(1);
}

static void test_a_pipe_that_nobody_reads(void **state)
{
	int ends[2], status;
	pid_t child;

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child)
		write_on(ends[1]);
	assert_int_equal(kill(child, SIGTERM), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
	close(ends[0]);
	close(ends[1]);
}

static void test_own_description(void **state)
{
	char *arguments[] = {"--pid", "\xff", NULL}, *json;
	const struct recording_manner manner = {arguments, 7, 1};
	struct recording_host *host;
	char name[SYSCALL_NAME_LEN];

	(void)state;
	assert_int_equal(recording_host_describe(&manner, &json), 0);
	assert_int_equal(recording_host_parse(json, strlen(json), &host), 0);
	assert_int_equal(host->blocking_ns, 7);
	assert_int_equal(strlen(host->boot_id), 36);
	for (int nr = 0; nr < 400; nr++)
		assert_string_equal(syscall_name_by(&host->syscalls, nr, name),
				    syscall_name(nr, (char[SYSCALL_NAME_LEN]){}));
	recording_host_free(host);
	free(json);
	/* of a machine that does not tell its boot */
	json = "{\"clocks\":{\"monotonic_ns\":1,\"boottime_ns\":1,\"unix_ns\":1},"
	       "\"blocking_ns\":1,\"syscalls\":{},\"boot_id\":null}";
	assert_int_equal(recording_host_parse(json, strlen(json), &host), 0);
	assert_string_equal(host->boot_id, "");
	recording_host_free(host);
}

static void test_hostile_descriptions(void **state)
{
	static const char *const texts[] = {
		"",
		"[]",
		"{}",
		"{\"clocks\":{}}",
		"\xff",
		"{\"clocks\":{\"monotonic_ns\":-1,\"boottime_ns\":1,\"unix_ns\":1},"
		"\"blocking_ns\":1,\"syscalls\":{}}",
		"{\"clocks\":{\"monotonic_ns\":1,\"boottime_ns\":1,\"unix_ns\":1},"
		"\"blocking_ns\":1,\"syscalls\":{\"\\u001b[2J\":1}}",
		"{\"clocks\":{\"monotonic_ns\":1,\"boottime_ns\":1,\"unix_ns\":1},"
		"\"blocking_ns\":1,\"syscalls\":{\"fsync\":1024}}",
		"{\"clocks\":{\"monotonic_ns\":1,\"boottime_ns\":1,\"unix_ns\":1},"
		"\"blocking_ns\":1,\"syscalls\":{},\"hostname\":5}",
	};
	struct recording_host *host;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_int_equal(recording_host_parse(texts[i], strlen(texts[i]), &host), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		recording_test(test_round_trip),
		recording_test(test_host),
		recording_test(test_every_truncation),
		recording_test(test_every_flipped_bit),
		recording_test(test_of_another_kind),
		recording_test(test_unknown_chunk),
		recording_test(test_item_beyond_its_chunk),
		recording_test(test_half_an_item),
		recording_test(test_chunk_out_of_place),
		cmocka_unit_test(test_failures_to_write),
		cmocka_unit_test(test_a_pipe_that_nobody_reads),
		cmocka_unit_test(test_own_description),
		cmocka_unit_test(test_hostile_descriptions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
