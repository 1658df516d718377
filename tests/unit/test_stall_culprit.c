/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a stall is blamed on: by the time that was spent under a frame, of the causes it was in. */
#include "model/stall_parts.h"
#include "unit.h"

#define MAX_STACKS 8

static const struct stack_frame main_frame = {.function = "main", .file = "", .module = "svc"};
static const struct stack_frame handle = {.function = "handle", .file = "", .module = "svc"};
static const struct stack_frame parse = {.function = "parse", .file = "", .module = "svc"};
static const struct stack_frame interpreter = {
	.function = "eval", .file = "", .module = "python3", .flags = FRAME_RUNTIME};

/* Of a stall that began at 0, the innermost frame first. */
static void add(struct stall *stall, enum cause cause, uint64_t ms, size_t nr,
		const struct stack_frame *const *frames)
{
	struct stack *stack = calloc(1, sizeof(*stack) + nr * sizeof(*stack->frames));

	assert_non_null(stack);
	stack->cause = cause;
	stack->time_ns = ms * MS;
	stack->nr_frames = nr;
	stack->frames = (struct stack_frame *)(stack + 1);
	for (size_t i = 0; i < nr; i++)
		stack->frames[i] = *frames[i];
	assert_int_equal(stall_add_stack(stall, stack, MAX_STACKS), 0);
}

#define ADD(stall, cause, ms, ...)                                                \
	add(stall, cause, ms,                                                     \
	    sizeof((const struct stack_frame *[]){__VA_ARGS__}) / sizeof(void *), \
	    (const struct stack_frame *[]){__VA_ARGS__})

static const char *blamed(const struct stall *stall)
{
	const struct stack_frame *frame = stall_culprit(stall, NULL);

	return frame ? frame->function : "nobody";
}

/* The caller stands in the heaviest stack; the callee has most of the time all the same. */
static void test_callee(void **state)
{
	struct stall stall = {.state = STALL_ENDED, .cause = CAUSE_CPU};

	(void)state;
	for (unsigned int i = 1; i <= 6; i++)
		ADD(&stall, CAUSE_CPU, 110 * i, &parse, &handle, &main_frame);
	ADD(&stall, CAUSE_CPU, 851, &handle, &main_frame);
	assert_string_equal(blamed(&stall), "parse");
	stall_done(&stall);
}

/* Time asleep is of the stack that was taken asleep, whenever the next one came. */
static void test_sleeper(void **state)
{
	struct stall stall = {.state = STALL_ENDED, .cause = CAUSE_SYSCALL};

	(void)state;
	ADD(&stall, CAUSE_SYSCALL, 60, &parse, &main_frame);
	ADD(&stall, CAUSE_CPU, 307, &handle, &main_frame);
	stall.cause_ns[CAUSE_SYSCALL] = 300 * MS;
	stall.cause_ns[CAUSE_CPU] = 7 * MS;
	stall_lasts_until(&stall, 308 * MS);
	assert_string_equal(blamed(&stall), "parse");
	stall_done(&stall);
}

/* Most of it was spent where no stack was taken. */
static void test_nobody_looked(void **state)
{
	struct stall stall = {.state = STALL_ENDED, .cause = CAUSE_SYSCALL};

	(void)state;
	ADD(&stall, CAUSE_CPU, 307, &handle, &main_frame);
	stall.cause_ns[CAUSE_SYSCALL] = 300 * MS;
	stall.cause_ns[CAUSE_CPU] = 7 * MS;
	stall_lasts_until(&stall, 308 * MS);
	assert_string_equal(blamed(&stall), "nobody");
	stall_done(&stall);
}

static void test_stopped(void **state)
{
	struct stall stall = {.cause = CAUSE_OTHER};
	const struct stack *stack = NULL;

	(void)state;
	ADD(&stall, CAUSE_OTHER, 100, &handle, &main_frame);
	assert_string_equal(blamed(&stall), "nobody");
	assert_null(stall_culprit_now(&stall, &stack));
	assert_non_null(stack);
	stall_done(&stall);
}

/* The interpreter's own function says nothing, if frames of its language could not be had. */
static void test_partial(void **state)
{
	struct stall stall = {.cause = CAUSE_CPU};
	const struct stack *stack = NULL;

	(void)state;
	ADD(&stall, CAUSE_CPU, 100, &interpreter);
	assert_string_equal(blamed(&stall), "eval");
	stall.stacks[0].stack->flags = STACK_IS_PARTIAL;
	assert_string_equal(blamed(&stall), "nobody");
	assert_null(stall_culprit_now(&stall, &stack));
	stall_done(&stall);
}

int main(void)
{
	const struct CMUnitTest stall_culprits[] = {
		cmocka_unit_test(test_callee),        cmocka_unit_test(test_sleeper),
		cmocka_unit_test(test_nobody_looked), cmocka_unit_test(test_stopped),
		cmocka_unit_test(test_partial),
	};

	return cmocka_run_group_tests(stall_culprits, NULL, NULL);
}
