/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The program is the test's own executable, run by the name of the real one. */
#include "unit.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "symbols/protocol.h"
#include "symbols/symbols_parts.h"
#include "symbols/worker.h"
#include "symbols_fixture.h"

struct made_record made_stack(uint32_t pid, uint32_t tid, enum deed deed)
{
	struct made_record made = {
		.record =
			{
				.header = {.kind = RECORD_STACK,
					   .size = sizeof(made),
					   .time_ns = tid},
				.id = {.pid = pid, .tid = tid, .start_ns = 1},
				.process_start_ns = 7,
				.syscall_nr = (int)deed,
				.flags = deed == DEED_HANG_EARLY ? STACK_OFF_CPU : 0,
				.nr_registers = STACK_NR_REGISTERS,
				.memory_size = sizeof(made.memory),
				.nr_python = 2,
			},
		.python = {{.function = "inner", .file = "/a.py"}, {.function = "outer"}},
	};

	made.record.registers[STACK_REGISTER_PC] = 0x1000 + tid;
	return made;
}

struct stall_record made_stall(uint32_t pid, uint32_t tid)
{
	return (struct stall_record){
		.header = {.kind = RECORD_STALL_LASTS,
			   .size = sizeof(struct stall_record),
			   .time_ns = tid},
		.id = {.pid = pid, .tid = tid, .start_ns = 1},
		.start_ns = tid,
		.family = WAIT_EPOLL,
		.syscall_nr = -1,
	};
}

static int prepare(void *context, pid_t pid, uint64_t start_ns, struct python_runtime *ret_runtime)
{
	(void)context;
	if (pid == FIXTURE_CRASHES)
		raise(SIGKILL);
	ret_runtime->address = start_ns;
	ret_runtime->version = (uint32_t)pid;
	return 0;
}

static void capture(void *context, const struct stack_record *record, struct capture *ret_capture)
{
	(void)context;
	while (record->syscall_nr == DEED_HANG_EARLY)
		pause();
	ret_capture->flags = 0;
}

static int resolve(void *context, const struct stack_record *record,
		   const struct capture *of_thread, struct buffer *buffer)
{
	struct stack_frame frame = {.function = "named", .file = "", .module = ""};
	struct stack stack;

	(void)context;
	(void)of_thread;
	stack_of_record(record, &stack);
	stack.frames = &frame;
	stack.nr_frames = 1;
	switch ((enum deed)record->syscall_nr) {
	case DEED_ANSWER:
	case DEED_HANG_EARLY:
		break;
	case DEED_CRASH:
		raise(SIGKILL);
		break;
	case DEED_HANG:
		for (;;)
			pause();
	case DEED_ANSWER_OTHER:
		stack.id.tid++;
		break;
	case DEED_ANSWER_RUBBISH:
		return buffer_append_text(buffer, "rubbish");
	}
	stack_encode(buffer, &stack);
	return buffer->error;
}

static void stats(const void *context, struct symbolizer_stats *ret_stats)
{
	(void)context;
	*ret_stats = (struct symbolizer_stats){.processes = 3, .evictions = 4};
}

void symbols_fixture_program(int argc, char **argv)
{
	const struct worker_work work = {prepare, capture, resolve, stats, NULL};

	if (argc == 2 && !strcmp(argv[0], SYMBOLS_PROGRAM))
		_exit(worker_run(STDIN_FILENO, &work) ? 1 : 0);
}

struct symbols *symbols_fixture_start(unsigned int timeout_ms, unsigned int max_waiting)
{
	const struct symbols_options options = {.timeout_ms = timeout_ms,
						.max_waiting = max_waiting};
	char error[SYMBOLS_ERROR_LEN] = "";
	struct symbols *symbols = NULL;

	if (symbols_start_program("/proc/self/exe", &options, &symbols, error))
		fail_msg("%s", error);
	return symbols;
}
