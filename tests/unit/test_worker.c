/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The loop of loopscope-symbols: in what order it does things, and when it ends. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "symbols/protocol.h"
#include "symbols/worker.h"
#include "symbols_fixture.h"

/* What was done: p, c, r for prepare, capture, resolve, and of which thread. */
struct log {
	char text[256];
	size_t length;
	int resolved; /* what resolve returns */
};

static void note(struct log *log, char what, unsigned int tid)
{
	log->length += (size_t)snprintf(log->text + log->length, sizeof(log->text) - log->length,
					"%c%u ", what, tid);
}

static int prepare(void *context, pid_t pid, uint64_t start_ns, struct python_runtime *ret_runtime)
{
	(void)start_ns;
	(void)ret_runtime;
	note(context, 'p', (unsigned int)pid);
	return -ESRCH;
}

static void capture(void *context, const struct stack_record *record, struct capture *ret_capture)
{
	note(context, 'c', record->id.tid);
	ret_capture->memory_size = record->id.tid;
}

static int resolve(void *context, const struct stack_record *record,
		   const struct capture *of_thread, struct buffer *buffer)
{
	struct log *log = context;

	if (of_thread)
		assert_int_equal(of_thread->memory_size, record->id.tid);
	assert_int_equal(!of_thread, !(record->flags & STACK_OFF_CPU));
	note(log, 'r', record->id.tid);
	buffer_append_text(buffer, "stack");
	return log->resolved;
}

static void stats(const void *context, struct symbolizer_stats *ret_stats)
{
	(void)context;
	*ret_stats = (struct symbolizer_stats){.processes = 1, .evictions = 2};
}

/* Its socket and ours, which holds all that is sent before it runs. */
struct ends {
	int own, other;
};

static struct ends open_ends(void)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
	return (struct ends){fds[0], fds[1]};
}

static void send_stack(const struct ends *ends, uint32_t tid, bool off_cpu)
{
	struct made_record made = made_stack(1, tid, DEED_ANSWER);
	const struct message_head head = {.kind = MESSAGE_STACK, .number = tid};

	made.record.flags = off_cpu ? STACK_OFF_CPU : 0;
	assert_int_equal(message_send(ends->own, &head, &made, sizeof(made), MSG_DONTWAIT), 0);
}

static void send_process(const struct ends *ends, pid_t pid)
{
	const struct message_head head = {.kind = MESSAGE_PROCESS, .number = (uint64_t)pid};
	const struct process_request request = {.pid = pid};

	assert_int_equal(message_send(ends->own, &head, &request, sizeof(request), MSG_DONTWAIT),
			 0);
}

static int run(struct ends *ends, struct log *log)
{
	const struct worker_work work = {prepare, capture, resolve, stats, log};
	int r;

	/* what was sent is still there to be had */
	assert_int_equal(shutdown(ends->own, SHUT_WR), 0);
	r = worker_run(ends->other, &work);
	close(ends->other);
	return r;
}

static void check_answer(const struct ends *ends, enum symbols_message kind, uint64_t number)
{
	unsigned char packet[ANSWER_MAX_SIZE];
	ssize_t n = message_receive(ends->own, packet, sizeof(packet), MSG_DONTWAIT);
	struct message message;

	assert_true(n > 0);
	assert_true(message_read_answer(packet, (size_t)n, &message));
	assert_int_equal(message.head.kind, kind);
	assert_int_equal(message.head.number, number);
	if (kind == MESSAGE_STACK)
		assert_memory_equal(message.body, "stack", 5);
	if (kind == MESSAGE_HELLO)
		assert_string_equal(message.body, LOOPSCOPE_VERSION);
	else if (kind != MESSAGE_LOOKS_AT)
		assert_int_equal(message.head.evictions, 2);
}

/*
 * All that waits is taken in, and threads asleep are looked at, before the first has names; which
 * it is at is said where that is not the one to be answered next.
 */
static void test_captures_first(void **state)
{
	struct ends ends = open_ends();
	struct log log = {};

	(void)state;
	send_stack(&ends, 1, false);
	send_process(&ends, 2);
	send_stack(&ends, 3, true);
	send_stack(&ends, 4, true);
	assert_int_equal(run(&ends, &log), 0);
	assert_string_equal(log.text, "c3 c4 r1 p2 r3 r4 ");
	check_answer(&ends, MESSAGE_HELLO, 0);
	check_answer(&ends, MESSAGE_LOOKS_AT, 3);
	check_answer(&ends, MESSAGE_LOOKS_AT, 4);
	check_answer(&ends, MESSAGE_LOOKS_AT, 1);
	check_answer(&ends, MESSAGE_STACK, 1);
	check_answer(&ends, MESSAGE_PROCESS, 2);
	check_answer(&ends, MESSAGE_STACK, 3);
	check_answer(&ends, MESSAGE_STACK, 4);
	close(ends.own);
}

static void test_nothing_to_do(void **state)
{
	struct ends ends = open_ends();
	struct log log = {};

	(void)state;
	assert_int_equal(run(&ends, &log), 0);
	assert_string_equal(log.text, "");
	close(ends.own);
}

/* It ends, and what was taken in is freed, whatever it is that fails. */
static void test_fails(void **state)
{
	struct ends ends = open_ends();
	struct log log = {.resolved = -ENOMEM};

	(void)state;
	send_stack(&ends, 1, true);
	send_stack(&ends, 2, true);
	assert_int_equal(run(&ends, &log), -ENOMEM);
	assert_string_equal(log.text, "c1 c2 r1 ");
	close(ends.own);
}

static void test_no_request(void **state)
{
	const struct message_head hello = {.kind = MESSAGE_HELLO};
	struct ends ends = open_ends();
	struct log log = {};

	(void)state;
	send_stack(&ends, 1, true);
	assert_int_equal(message_send(ends.own, &hello, "", 1, MSG_DONTWAIT), 0);
	assert_int_equal(run(&ends, &log), -EBADMSG);
	assert_string_equal(log.text, "c1 ");
	close(ends.own);
}

/* One that is larger than any: nothing is read beyond, and no part of it is taken for a whole. */
static void test_too_large(void **state)
{
	static unsigned char body[STACK_RECORD_MAX_SIZE + 1];
	const struct message_head head = {.kind = MESSAGE_STACK};
	struct ends ends = open_ends();
	struct log log = {};

	(void)state;
	assert_int_equal(message_send(ends.own, &head, body, sizeof(body), MSG_DONTWAIT), 0);
	assert_int_equal(run(&ends, &log), -EMSGSIZE);
	close(ends.own);
}

/* Whoever asked is gone before the answer. */
static void test_nobody_listens(void **state)
{
	const struct worker_work work = {prepare, capture, resolve, stats, &(struct log){}};
	struct ends ends = open_ends();

	(void)state;
	send_stack(&ends, 1, false);
	close(ends.own);
	assert_int_equal(worker_run(ends.other, &work), 0);
	close(ends.other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_captures_first), cmocka_unit_test(test_nothing_to_do),
		cmocka_unit_test(test_fails),          cmocka_unit_test(test_no_request),
		cmocka_unit_test(test_too_large),      cmocka_unit_test(test_nobody_listens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
