/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Seeds for fuzz_symbols: one of each kind that its first byte chooses. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/stack.h"
#include "symbols/protocol.h"

static void write_seed(const char *directory, const char *name, const struct buffer *bytes)
{
	_cleanup_(fclosep) FILE *file = NULL;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "we");
	if (!file || fwrite(bytes->data, 1, bytes->size, file) != bytes->size) {
		perror(path);
		exit(1);
	}
}

static void put_stack(struct buffer *bytes)
{
	struct stack_frame frames[] = {
		{1, 2, "read", "", "/lib/libc.so.6", 0, FRAME_NATIVE, FRAME_RUNTIME},
		{3, 4, "app::fill()", "/src/fill.cc", "/srv/app", 17, FRAME_CPP, FRAME_INLINED},
		{0, 0, "handle", "/srv/app.py", "", 3, FRAME_PYTHON, 0},
	};
	const struct stack stack = {
		.start_ns = 1, .time_ns = 2, .syscall_nr = -1, .nr_frames = 3, .frames = frames};

	stack_encode(bytes, &stack);
}

static void put_head(struct buffer *bytes, const char *kind, enum symbols_message message)
{
	const struct message_head head = {.kind = message, .number = 1};

	buffer_append_text(bytes, kind);
	buffer_append(bytes, &head, sizeof(head));
}

static void put_record(struct buffer *bytes)
{
	const struct python_frame python = {.function = "handle", .file = "/srv/app.py"};
	static const unsigned char memory[64];
	const struct stack_record record = {
		.header = {RECORD_STACK, 0, sizeof(record) + sizeof(memory) + sizeof(python), 2},
		.start_ns = 1,
		.nr_registers = STACK_NR_REGISTERS,
		.memory_size = sizeof(memory),
		.nr_python = 1,
	};

	buffer_append(bytes, &record, sizeof(record));
	buffer_append(bytes, memory, sizeof(memory));
	buffer_append(bytes, &python, sizeof(python));
}

static void finish(const char *directory, const char *name, struct buffer *bytes)
{
	write_seed(directory, name, bytes);
	buffer_reset(bytes);
}

int main(int argc, char **argv)
{
	static const struct process_request process = {.pid = 1};
	static const struct python_runtime runtime;
	_cleanup_(buffer_done) struct buffer bytes = {};

	if (argc != 2)
		return 2;
	buffer_append_text(&bytes, "s");
	put_stack(&bytes);
	finish(argv[1], "stack", &bytes);
	put_head(&bytes, "q", MESSAGE_STACK);
	put_record(&bytes);
	finish(argv[1], "request-stack", &bytes);
	put_head(&bytes, "q", MESSAGE_PROCESS);
	buffer_append(&bytes, &process, sizeof(process));
	finish(argv[1], "request-process", &bytes);
	put_head(&bytes, "a", MESSAGE_STACK);
	put_stack(&bytes);
	finish(argv[1], "answer-stack", &bytes);
	put_head(&bytes, "a", MESSAGE_PROCESS);
	buffer_append(&bytes, &runtime, sizeof(runtime));
	finish(argv[1], "answer-process", &bytes);
	put_head(&bytes, "a", MESSAGE_HELLO);
	buffer_append(&bytes, "0.1.0", sizeof("0.1.0"));
	finish(argv[1], "answer-hello", &bytes);
	return 0;
}
