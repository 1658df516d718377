/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Made by hand: records as stall.h has them, stacks as bytes. */
#include "stall_fixture.h"

#include <stdio.h>
#include <string.h>

#include "fake_loop.h"

#define MAX_FRAMES 16

static int tell(enum stall_event event, const struct stall *stall, void *context)
{
	struct stall_fixture *fixture = context;
	const struct stack_frame *culprit = stall_culprit(stall, NULL);
	struct told_stall *told = &fixture->told[fixture->nr_told++];
	__u64 causes_ns = 0;

	assert_in_range(fixture->nr_told, 1, STALL_MAX_TOLD);
	*told = (struct told_stall){
		.event = event,
		.state = stall->state,
		.tid = stall->id.tid,
		.start_ns = stall->start_ns,
		.until_ns = stall->until_ns,
		.nr_stacks = stall->nr_stacks,
		.unseen = stall->unseen,
	};
	if (stall_holder(stall))
		told->holder = *stall_holder(stall);
	for (size_t i = 0; i < stall->nr_stacks; i++) {
		fixture->stacks_each[i] = stall->stacks[i].weight_ns;
		told->weights_ns += stall->stacks[i].weight_ns;
	}
	for (int i = 0; i < NR_CAUSES; i++)
		causes_ns += stall->cause_ns[i];
	assert_int_equal(causes_ns, stall->until_ns - stall->start_ns);
	if (stall->nr_stacks)
		assert_int_equal(told->weights_ns, causes_ns);
	snprintf(fixture->culprit, sizeof(fixture->culprit), "%s",
		 culprit ? culprit->function : "");
	return fixture->answer;
}

static int set_up(void **state, size_t max_stack_bytes)
{
	static struct stall_fixture fixture;
	const struct stalls_options options = {
		.max_open = 3,
		.max_stacks = 4,
		.max_stack_bytes = max_stack_bytes,
		.blocking_ns = 50 * MS,
		.event = tell,
		.context = &fixture,
	};

	memset(&fixture, 0, sizeof(fixture));
	*state = &fixture;
	return stalls_new(&options, &fixture.stalls);
}

int stall_set_up(void **state)
{
	return set_up(state, 0);
}

int stall_set_up_tight(void **state)
{
	const size_t texts = sizeof("") + sizeof("a") + sizeof("app.c") + sizeof("/app");

	return set_up(state, 2 * (sizeof(struct stack) + sizeof(struct stack_frame) + texts));
}

int stall_tear_down(void **state)
{
	struct stall_fixture *fixture = *state;

	stalls_free(fixture->stalls);
	return 0;
}

static struct loop_id id_of(__u32 tid)
{
	return (struct loop_id){.pid = 1, .tid = tid, .start_ns = 77};
}

struct stall_record stall_record_of(enum record_kind kind, __u32 tid, __u64 start_ns, __u64 now_ns,
				    enum cause cause)
{
	struct stall_record record = {
		.header = {kind, 0, sizeof(record), now_ns},
		.id = id_of(tid),
		.thread = "thread",
		.process = "process",
		.start_ns = start_ns,
		.blocking_ns = 50 * MS,
		.family = WAIT_EPOLL,
		.cause = cause,
		.syscall_nr = -1,
	};

	record.cause_ns[cause] = now_ns - start_ns;
	return record;
}

/* In memory of exactly its size, so that AddressSanitizer sees any read beyond it. */
int stall_take(struct stall_fixture *fixture, const struct stall_record *record)
{
	void *copy = malloc(sizeof(*record));
	int r;

	assert_non_null(copy);
	memcpy(copy, record, sizeof(*record));
	r = stalls_take_record(fixture->stalls, copy, sizeof(*record));
	free(copy);
	return r;
}

int stall_take_announcing(struct stall_fixture *fixture, struct stall_record record)
{
	record.flags |= STALL_STACK_FOLLOWS;
	return stall_take(fixture, &record);
}

int stall_take_stack(struct stall_fixture *fixture, __u32 tid, __u64 start_ns, __u64 now_ns,
		     const char *const functions[])
{
	struct stack_frame frames[MAX_FRAMES] = {};
	struct stack stack = {
		.id = id_of(tid),
		.start_ns = start_ns,
		.time_ns = now_ns,
		.syscall_nr = -1,
		.holder = fixture->holder,
		.frames = frames,
	};
	_cleanup_(buffer_done) struct buffer bytes = {};

	for (; functions[stack.nr_frames]; stack.nr_frames++) {
		const char *name = functions[stack.nr_frames];

		frames[stack.nr_frames] = (struct stack_frame){
			.address = 0x1000 + now_ns % 64,
			.function = name,
			.file = "app.c",
			.module = "/app",
			.line = 1 + now_ns % 7,
			.flags = *name == '-' ? FRAME_RUNTIME : 0,
		};
	}
	if (!stack.nr_frames)
		stack.flags = STACK_IS_MISSING;
	stack_encode(&bytes, &stack);
	assert_int_equal(bytes.error, 0);
	return stalls_take_stack(fixture->stalls, bytes.data, bytes.size);
}

void stall_take_window(struct stall_fixture *fixture, struct fake_loop *loop, enum record_kind kind)
{
	unsigned char record[WINDOW_MAX_SIZE];
	size_t size = fake_loop_record(loop, kind, record);

	assert_int_equal(stalls_take_record(fixture->stalls, record, size), 0);
}

void assert_told(const struct stall_fixture *fixture, size_t nr, enum stall_event event,
		 __u64 until_ns)
{
	assert_int_equal(fixture->nr_told, nr);
	assert_int_equal(fixture->told[nr - 1].event, event);
	assert_int_equal(fixture->told[nr - 1].until_ns, until_ns);
}
