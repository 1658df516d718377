/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The part of DWARF's stack machine that compilers use in CFI. Expressions come from hostile files:
 * steps and depth are bounded, and memory is read from the copy of the stack alone.
 */
#include "symbols/native/expression.h"

#include <dwarf.h>
#include <errno.h>

#define MAX_DEPTH 32
#define MAX_STEPS 256

struct evaluation {
	const struct expression_context *context;
	const struct expression *expression;
	uint64_t stack[MAX_DEPTH];
	size_t depth;
	bool is_value; /* it said so itself */
};

static int push(struct evaluation *evaluation, uint64_t value)
{
	if (evaluation->depth == MAX_DEPTH)
		return -EBADMSG;
	evaluation->stack[evaluation->depth++] = value;
	return 0;
}

static int pop(struct evaluation *evaluation, uint64_t *ret_value)
{
	if (!evaluation->depth)
		return -EBADMSG;
	*ret_value = evaluation->stack[--evaluation->depth];
	return 0;
}

static int push_register(struct evaluation *evaluation, uint64_t nr, uint64_t more)
{
	uint64_t value;

	if (!machine_state_get(evaluation->context->state, nr, &value))
		return -ENODATA;
	return push(evaluation, value + more);
}

static int push_memory(struct evaluation *evaluation, size_t size)
{
	uint64_t address, value = 0;
	int r = size <= sizeof(value) ? pop(evaluation, &address) : -EBADMSG;

	if (!r) /* the low bytes of a number come first */
		r = stack_sample_read(evaluation->context->sample, address, &value, size);
	return r ?: push(evaluation, value);
}

static int push_from_below(struct evaluation *evaluation, uint64_t how_far)
{
	if (how_far >= evaluation->depth)
		return -EBADMSG;
	return push(evaluation, evaluation->stack[evaluation->depth - 1 - how_far]);
}

static int combine(struct evaluation *evaluation, unsigned int operation)
{
	uint64_t right, left;
	int r = pop(evaluation, &right);

	if (!r)
		r = pop(evaluation, &left);
	if (r)
		return r;
	switch (operation) {
	case DW_OP_plus:
		return push(evaluation, left + right);
	case DW_OP_minus:
		return push(evaluation, left - right);
	case DW_OP_mul:
		return push(evaluation, left * right);
	case DW_OP_and:
		return push(evaluation, left & right);
	case DW_OP_or:
		return push(evaluation, left | right);
	case DW_OP_xor:
		return push(evaluation, left ^ right);
	case DW_OP_shl:
		return push(evaluation, right < 64 ? left << right : 0);
	case DW_OP_shr:
		return push(evaluation, right < 64 ? left >> right : 0);
	case DW_OP_eq:
		return push(evaluation, left == right);
	case DW_OP_ne:
		return push(evaluation, left != right);
	case DW_OP_ge:
		return push(evaluation, (int64_t)left >= (int64_t)right);
	case DW_OP_gt:
		return push(evaluation, (int64_t)left > (int64_t)right);
	case DW_OP_le:
		return push(evaluation, (int64_t)left <= (int64_t)right);
	case DW_OP_lt:
		return push(evaluation, (int64_t)left < (int64_t)right);
	default:
		return -EBADMSG;
	}
}

static int run_one(struct evaluation *evaluation, const Dwarf_Op *operation)
{
	unsigned int atom = operation->atom;
	uint64_t ignored;

	if (atom >= DW_OP_lit0 && atom <= DW_OP_lit31)
		return push(evaluation, atom - DW_OP_lit0);
	if (atom >= DW_OP_breg0 && atom <= DW_OP_breg31)
		return push_register(evaluation, atom - DW_OP_breg0, operation->number);
	switch (atom) {
	case DW_OP_nop:
		return 0;
	case DW_OP_addr:
	case DW_OP_const1u:
	case DW_OP_const1s:
	case DW_OP_const2u:
	case DW_OP_const2s:
	case DW_OP_const4u:
	case DW_OP_const4s:
	case DW_OP_const8u:
	case DW_OP_const8s:
	case DW_OP_constu:
	case DW_OP_consts:
		return push(evaluation, operation->number);
	case DW_OP_bregx:
		return push_register(evaluation, operation->number, operation->number2);
	case DW_OP_call_frame_cfa:
		return evaluation->context->cfa ? push(evaluation, evaluation->context->cfa)
						: -EBADMSG;
	case DW_OP_plus_uconst:
		return evaluation->depth
			       ? (evaluation->stack[evaluation->depth - 1] += operation->number, 0)
			       : -EBADMSG;
	case DW_OP_deref:
		return push_memory(evaluation, sizeof(uint64_t));
	case DW_OP_deref_size:
		return push_memory(evaluation, operation->number);
	case DW_OP_dup:
		return push_from_below(evaluation, 0);
	case DW_OP_over:
		return push_from_below(evaluation, 1);
	case DW_OP_pick:
		return push_from_below(evaluation, operation->number);
	case DW_OP_drop:
		return pop(evaluation, &ignored);
	case DW_OP_stack_value:
		evaluation->is_value = true;
		return 0;
	default:
		return combine(evaluation, atom);
	}
}

/* Without jumps: no compiler makes any here. */
static int run(struct evaluation *evaluation)
{
	const struct expression *expression = evaluation->expression;

	if (expression->nr > MAX_STEPS)
		return -EBADMSG;
	for (size_t i = 0; i < expression->nr; i++) {
		int r = run_one(evaluation, &expression->operations[i]);

		if (r)
			return r;
	}
	return evaluation->depth ? 0 : -EBADMSG;
}

static bool names_register(const struct expression *expression, uint64_t *ret_nr)
{
	const Dwarf_Op *operation = expression->operations;

	if (expression->nr != 1)
		return false;
	if (operation->atom == DW_OP_regx)
		*ret_nr = operation->number;
	else if (operation->atom >= DW_OP_reg0 && operation->atom <= DW_OP_reg31)
		*ret_nr = operation->atom - DW_OP_reg0;
	else
		return false;
	return true;
}

int expression_value(const struct expression_context *context, const struct expression *expression,
		     bool is_location, uint64_t *ret_value)
{
	struct evaluation evaluation = {.context = context, .expression = expression};
	uint64_t value, nr;
	int r;

	if (is_location && names_register(expression, &nr))
		return machine_state_get(context->state, nr, ret_value) ? 0 : -ENODATA;
	r = run(&evaluation);
	if (r)
		return r;
	value = evaluation.stack[evaluation.depth - 1];
	if (!is_location || evaluation.is_value) {
		*ret_value = value;
		return 0;
	}
	return stack_sample_read(context->sample, value, ret_value, sizeof(*ret_value));
}
