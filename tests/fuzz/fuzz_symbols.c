/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the door of the symbols' room and its program say to each other, and stacks as bytes, which
 * stand in recordings too. The first byte of the input chooses: 'q' a request, 'a' an answer, else
 * a stack. What is taken must be within its bounds, and the same again once written and read.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/stack.h"
#include "symbols/protocol.h"
#include "symbols/unresolved.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void check_text(const char *text)
{
	require(strlen(text) < STACK_MAX_TEXT);
}

static void check_frames(const struct stack *stack)
{
	const struct stack_frame *culprit = stack_culprit(stack);

	require(stack->nr_frames <= STACK_MAX_FRAMES && stack->cause < NR_CAUSES);
	require(!culprit == !stack->nr_frames);
	require(!culprit ||
		(culprit >= stack->frames && culprit < stack->frames + stack->nr_frames));
	for (size_t i = 0; i < stack->nr_frames; i++) {
		check_text(stack->frames[i].function);
		check_text(stack->frames[i].file);
		check_text(stack->frames[i].module);
		frame_language_name(stack->frames[i].language);
	}
}

static void encode(const struct stack *stack, struct buffer *ret_bytes)
{
	stack_encode(ret_bytes, stack);
	require(!ret_bytes->error && ret_bytes->size <= STACK_MAX_BYTES);
}

/* Written by others it may be laid out in another way: but not if it is ours. */
static void check_stack(const void *data, size_t size)
{
	_cleanup_(stack_freep) struct stack *stack = NULL;
	_cleanup_(stack_freep) struct stack *again = NULL;
	_cleanup_(buffer_done) struct buffer once = {};
	_cleanup_(buffer_done) struct buffer twice = {};

	if (stack_decode(data, size, &stack))
		return;
	check_frames(stack);
	encode(stack, &once);
	require(!stack_decode(once.data, once.size, &again));
	check_frames(again);
	require(again->nr_frames == stack->nr_frames);
	encode(again, &twice);
	require(once.size == twice.size && !memcmp(once.data, twice.data, once.size));
}

static void check_request(const void *data, size_t size)
{
	_cleanup_(freep) struct stack_record *record = NULL;
	_cleanup_(buffer_done) struct buffer bytes = {};
	struct message message;

	if (!message_read_request(data, size, &message) || message.head.kind != MESSAGE_STACK)
		return;
	record = malloc(message.size);
	require(record);
	memcpy(record, message.body, message.size);
	unresolved_stack(&bytes, record);
	require(!bytes.error);
	check_stack(bytes.data, bytes.size);
}

static void check_answer(const void *data, size_t size)
{
	struct message message;

	if (!message_read_answer(data, size, &message))
		return;
	if (message.head.kind == MESSAGE_HELLO)
		require(strlen(message.body) < SYMBOLS_VERSION_LEN);
	else if (message.head.kind == MESSAGE_STACK)
		check_stack(message.body, message.size);
	else if (message.head.kind == MESSAGE_PROCESS)
		require(message.size == sizeof(struct python_runtime));
	else
		require(message.head.kind == MESSAGE_LOOKS_AT && !message.size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	switch (data[0]) {
	case 'q':
		check_request(data + 1, size - 1);
		break;
	case 'a':
		check_answer(data + 1, size - 1);
		break;
	default:
		check_stack(data + 1, size - 1);
		break;
	}
	return 0;
}
