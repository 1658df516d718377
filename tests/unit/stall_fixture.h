/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Records and stacks of stalls as they come, and what is told of them. */
#ifndef LOOPSCOPE_TESTS_STALL_FIXTURE_H
#define LOOPSCOPE_TESTS_STALL_FIXTURE_H

#include "unit.h"

#include "model/stalls.h"

#define STALL_MAX_TOLD 32

struct told_stall {
	enum stall_event event;
	enum stall_state state;
	__u32 tid;
	__u64 start_ns, until_ns;
	size_t nr_stacks;
	__u64 weights_ns; /* their sum */
	bool unseen;
	struct stack_holder holder; /* tid 0: nobody */
};

struct stall_fixture {
	struct stalls *stalls;
	struct told_stall told[STALL_MAX_TOLD];
	size_t nr_told;
	struct stack_holder holder;        /* of stacks to come */
	int answer;                        /* of the listener */
	char culprit[64];                  /* of the last one told; "" if there was none */
	__u64 stacks_each[STALL_MAX_TOLD]; /* weights of the last one told */
};

/* At most three stalls at once, of four stacks each; from 50 ms on, if they are unseen. */
int stall_set_up(void **state);

/* And with room for no more than two stacks of one frame, whose name is of one letter. */
int stall_set_up_tight(void **state);
int stall_tear_down(void **state);

/* All of `tid`, whose loop has these bounds; what it does is `cause`. */
struct stall_record stall_record_of(enum record_kind kind, __u32 tid, __u64 start_ns, __u64 now_ns,
				    enum cause cause);
int stall_take(struct stall_fixture *fixture, const struct stall_record *record);

/* The record, and that a stack follows it. */
int stall_take_announcing(struct stall_fixture *fixture, struct stall_record record);

/* Functions, innermost first, ended by NULL: those that begin with '-' are not the program's. */
int stall_take_stack(struct stall_fixture *fixture, __u32 tid, __u64 start_ns, __u64 now_ns,
		     const char *const functions[]);

/* The record of the loop as it is now. */
struct fake_loop;
void stall_take_window(struct stall_fixture *fixture, struct fake_loop *loop,
		       enum record_kind kind);

/* How often it was told, and the last of it. */
void assert_told(const struct stall_fixture *fixture, size_t nr, enum stall_event event,
		 __u64 until_ns);

/* What tests are written in: the fixture is called so. */
#define BEGUN RECORD_STALL_BEGUN
#define LASTS RECORD_STALL_LASTS
#define ENDED RECORD_STALL_ENDED
#define TAKE(...)         \
	assert_int_equal( \
		stall_take(fixture, &(struct stall_record[]){stall_record_of(__VA_ARGS__)}[0]), 0)
#define TAKE_ANNOUNCING(...) \
	assert_int_equal(stall_take_announcing(fixture, stall_record_of(__VA_ARGS__)), 0)
#define TAKE_STACK(tid, start_ns, now_ns, ...)                                 \
	assert_int_equal(stall_take_stack(fixture, tid, start_ns, now_ns,      \
					  (const char *const[]){__VA_ARGS__}), \
			 0)
#define TEST(name) cmocka_unit_test_setup_teardown(name, stall_set_up, stall_tear_down)

#endif
