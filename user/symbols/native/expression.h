/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Registers of one frame, and what the expressions of CFI make of them. */
#ifndef LOOPSCOPE_EXPRESSION_H
#define LOOPSCOPE_EXPRESSION_H

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/native/stack_sample.h"

struct machine_state {
	uint64_t registers[STACK_NR_REGISTERS]; /* by DWARF number, and the instruction's address */
	uint64_t known;                         /* a bit for each: others were not saved */
};

struct expression {
	const Dwarf_Op *operations;
	size_t nr;
};

/* What an expression may look at. */
struct expression_context {
	const struct machine_state *state;
	const struct stack_sample *sample;
	uint64_t cfa; /* 0: it is what is looked for */
};

static inline bool machine_state_get(const struct machine_state *state, uint64_t nr,
				     uint64_t *ret_value)
{
	if (nr >= STACK_NR_REGISTERS || !(state->known >> nr & 1))
		return false;
	*ret_value = state->registers[nr];
	return true;
}

static inline void machine_state_set(struct machine_state *state, unsigned int nr, uint64_t value)
{
	state->registers[nr] = value;
	state->known |= 1ULL << nr;
}

/*
 * The value of an expression, or, where it tells of a place in memory or of a register and
 * `is_location` is set, what is there. -EFAULT: memory that was not copied; -ENODATA: a register
 * that is not known; -EBADMSG: none that is sound.
 */
int expression_value(const struct expression_context *context, const struct expression *expression,
		     bool is_location, uint64_t *ret_value);

#endif
