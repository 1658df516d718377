/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A small recording in a file in memory, and the items that were put into it. */
#ifndef LOOPSCOPE_TESTS_RECORDING_FIXTURE_H
#define LOOPSCOPE_TESTS_RECORDING_FIXTURE_H

#include "unit.h"

#include "recording/reader.h"
#include "recording/writer.h"

#define RECORDING_MAX_ITEMS 32
#define RECORDING_HOST_JSON                                                                    \
	"{\"loopscope\":\"9.9\",\"hostname\":\"web-1\",\"kernel\":\"6.1\",\"architecture\":"   \
	"\"riscv64\",\"clocks\":{\"monotonic_ns\":1000,\"boottime_ns\":2000,\"unix_ns\":3000}" \
	",\"blocking_ns\":50000000,\"syscalls\":{\"fsync\":82,\"openat\":56},\"later\":[1]}"

struct recorded_item {
	enum item_kind kind;
	unsigned char *data;
	size_t size;
	size_t end; /* bytes of the file that it takes to read this */
};

struct recording_fixture {
	int fd; /* of the file */
	size_t size;
	size_t host_end; /* bytes that it takes to read the description of the host */
	struct recorded_item items[RECORDING_MAX_ITEMS];
	size_t nr_items;
};

/* Two loops over three windows, a process each, a thread not seen to wait, and an end. */
int recording_set_up(void **state);
int recording_tear_down(void **state);

#define recording_test(test) \
	cmocka_unit_test_setup_teardown(test, recording_set_up, recording_tear_down)

/* A file in memory of these bytes, read from its beginning. */
int recording_open_copy(const unsigned char *bytes, size_t size);

/* What came of reading a file. */
struct recording_read {
	int begun;    /* what recording_reader_new said */
	int ended;    /* what the last recording_reader_next said */
	size_t items; /* that were read, and are those of the fixture */
	char error[RECORDING_ERROR_LEN];
};

/* Reads to the end; an item that is not the fixture's next fails the test. */
struct recording_read recording_read_all(const struct recording_fixture *fixture, int fd);

#endif
