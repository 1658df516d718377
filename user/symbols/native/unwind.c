/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One caller after the other, each by the rules that .eh_frame or .debug_frame has for the address,
 * or, where there are none, by the frame pointer. libdwfl's own unwinder wants all files of each
 * process opened beforehand and shares nothing between processes: so only the rules are libdw's.
 */
#include "symbols/native/unwind.h"

#include <errno.h>

#include "symbols/process/address_space.h"
#include "symbols/native/expression.h"
#include "symbols/native/unwind_scan.h"

struct unwinding {
	struct process *process;
	const struct stack_sample *sample;
	struct machine_state state; /* of the frame at hand */
	uint64_t cfa;               /* of the frame before; at first, the stack pointer */
	bool is_return;             /* it was called from, not interrupted */
	bool is_signal;             /* the rules say that it interrupted its caller */
};

enum step {
	STEP_DONE,      /* the state is the caller's */
	STEP_OUTERMOST, /* there is no caller */
	STEP_LOST,
};

static uint64_t pc_of(const struct unwinding *unwinding)
{
	return unwinding->state.registers[STACK_REGISTER_PC];
}

static int frame_at(struct elf_object *object, uint64_t vaddr, Dwarf_Frame **ret_frame)
{
	Dwarf_Addr bias;
	Dwarf_CFI *cfi = dwfl_module_eh_cfi(object->module, &bias);

	if (cfi && !dwarf_cfi_addrframe(cfi, vaddr - bias, ret_frame))
		return 0;
	cfi = dwfl_module_dwarf_cfi(object->module, &bias);
	return cfi && !dwarf_cfi_addrframe(cfi, vaddr - bias, ret_frame) ? 0 : -ENOENT;
}

static int find_rules(struct unwinding *unwinding, const struct code *code, uint64_t pc,
		      Dwarf_Frame **ret_frame)
{
	struct elf_object *object = address_space_object(unwinding->process, code);
	uint64_t bias;

	if (!object || !object->native || !address_space_bias(code, object, &bias))
		return -ENOENT;
	return frame_at(object, pc - bias, ret_frame);
}

/* What the caller has in a register: false if that is not known. */
static bool caller_register(const struct expression_context *context, Dwarf_Frame *frame,
			    unsigned int nr, uint64_t *ret_value)
{
	Dwarf_Op memory[3], *operations;
	struct expression expression;

	if (dwarf_frame_register(frame, (int)nr, memory, &operations, &expression.nr))
		return false;
	if (!expression.nr) /* either it is the same, or nobody knows */
		return !operations && machine_state_get(context->state, nr, ret_value);
	expression.operations = operations;
	return !expression_value(context, &expression, true, ret_value);
}

static bool is_undefined(Dwarf_Frame *frame, int nr)
{
	Dwarf_Op memory[3], *operations;
	size_t nr_operations;

	return !dwarf_frame_register(frame, nr, memory, &operations, &nr_operations) &&
	       !nr_operations && operations;
}

static enum step step_by_rules(struct unwinding *unwinding, Dwarf_Frame *frame)
{
	struct expression_context context = {&unwinding->state, unwinding->sample, 0};
	struct machine_state caller = {};
	struct expression cfa;
	Dwarf_Op *operations;
	uint64_t value, pc;
	int return_register = dwarf_frame_info(frame, NULL, NULL, &unwinding->is_signal);

	if (return_register < 0 || return_register >= STACK_NR_REGISTERS)
		return STEP_LOST;
	if (is_undefined(frame, return_register))
		return STEP_OUTERMOST;
	if (dwarf_frame_cfa(frame, &operations, &cfa.nr))
		return STEP_LOST;
	cfa.operations = operations;
	if (!cfa.nr || expression_value(&context, &cfa, false, &context.cfa) || !context.cfa ||
	    !caller_register(&context, frame, (unsigned int)return_register, &pc))
		return STEP_LOST;
	machine_state_set(&caller, STACK_REGISTER_SP, context.cfa);
	for (unsigned int nr = 0; nr < STACK_REGISTER_PC; nr++) {
		if (caller_register(&context, frame, nr, &value))
			machine_state_set(&caller, nr, value);
	}
	machine_state_set(&caller, STACK_REGISTER_PC, pc);
	unwinding->state = caller;
	unwinding->cfa = context.cfa;
	return STEP_DONE;
}

/* The caller's frame pointer lies where it points to, and the return address behind that. */
static enum step step_by_frame_pointer(struct unwinding *unwinding)
{
	struct {
		uint64_t frame_pointer, pc;
	} saved;
	uint64_t fp;

	if (!machine_state_get(&unwinding->state, STACK_REGISTER_FP, &fp) ||
	    fp % sizeof(uint64_t) ||
	    stack_sample_read(unwinding->sample, fp, &saved, sizeof(saved)))
		return STEP_LOST;
	/* what else it holds may have been changed on the way */
	unwinding->state.known = 0;
	machine_state_set(&unwinding->state, STACK_REGISTER_FP, saved.frame_pointer);
	machine_state_set(&unwinding->state, STACK_REGISTER_PC, saved.pc);
	machine_state_set(&unwinding->state, STACK_REGISTER_SP, fp + sizeof(saved));
	unwinding->cfa = fp + sizeof(saved);
	unwinding->is_signal = false;
	return STEP_DONE;
}

/* What it holds else is taken for the caller's: little code changes it, and nothing tells. */
static enum step step_without_rules(struct unwinding *unwinding, const struct code *code)
{
	const struct code_file *file = address_space_file(unwinding->process, code);
	uint64_t sp, pc, cfa;

	if (!file || !unwind_scan_applies(file) ||
	    !machine_state_get(&unwinding->state, STACK_REGISTER_SP, &sp) ||
	    unwind_scan(unwinding->process, unwinding->sample, sp, &pc, &cfa))
		return step_by_frame_pointer(unwinding);
	machine_state_set(&unwinding->state, STACK_REGISTER_PC, pc);
	machine_state_set(&unwinding->state, STACK_REGISTER_SP, cfa);
	unwinding->cfa = cfa;
	return STEP_DONE;
}

/* After a call through a pointer to nowhere: the return address is where calls leave it. */
static enum step step_from_nowhere(struct unwinding *unwinding)
{
#if defined(__aarch64__)
	unwinding->state.registers[STACK_REGISTER_PC] = unwinding->state.registers[30];
	unwinding->cfa = unwinding->state.registers[STACK_REGISTER_SP] + 1;
	return STEP_DONE;
#else
	uint64_t sp = unwinding->state.registers[STACK_REGISTER_SP], pc;

	if (stack_sample_read(unwinding->sample, sp, &pc, sizeof(pc)))
		return STEP_LOST;
	machine_state_set(&unwinding->state, STACK_REGISTER_PC, pc);
	machine_state_set(&unwinding->state, STACK_REGISTER_SP, sp + sizeof(pc));
	unwinding->cfa = sp + sizeof(pc);
	return STEP_DONE;
#endif
}

static enum step step(struct unwinding *unwinding)
{
	uint64_t pc = pc_of(unwinding) - unwinding->is_return;
	const struct code *code = address_space_find(unwinding->process, pc);
	Dwarf_Frame *frame;
	enum step step;

	unwinding->is_signal = false;
	if (!code)
		return unwinding->is_return ? STEP_LOST : step_from_nowhere(unwinding);
	if (find_rules(unwinding, code, pc, &frame))
		return step_without_rules(unwinding, code);
	step = step_by_rules(unwinding, frame);
	free(frame);
	return step;
}

static struct frame *append(struct unwinding *unwinding, struct frames *frames)
{
	struct frame *frame = frames_append(frames, pc_of(unwinding));
	uint64_t fp;

	if (!frame)
		return NULL;
	frame->is_return = unwinding->is_return;
	if (machine_state_get(&unwinding->state, STACK_REGISTER_FP, &fp))
		frame->fp = fp;
	return frame;
}

static void start(struct process *process, const struct stack_sample *sample,
		  struct unwinding *ret_unwinding)
{
	unsigned int nr = sample->record->nr_registers;

	*ret_unwinding = (struct unwinding){.process = process, .sample = sample};
	for (unsigned int i = 0; i < nr && i < STACK_NR_REGISTERS; i++)
		machine_state_set(&ret_unwinding->state, i, sample->record->registers[i]);
	ret_unwinding->cfa = stack_sample_pointer(sample);
}

/* To the caller, if it is one: further up the stack, and in code. */
static enum step step_up(struct unwinding *unwinding, struct frame *frame)
{
	uint64_t below = unwinding->cfa;
	enum step r = step(unwinding);

	if (r != STEP_DONE)
		return r;
	if (unwinding->cfa <= below)
		return STEP_LOST;
	frame->cfa = unwinding->cfa;
	unwinding->is_return = !unwinding->is_signal;
	if (unwinding->is_signal) {
		frame->is_return = false; /* nothing called it: signals return to its beginning */
		return STEP_DONE;
	}
	if (!pc_of(unwinding))
		return STEP_OUTERMOST;
	return address_space_find(unwinding->process, pc_of(unwinding) - 1) ? STEP_DONE : STEP_LOST;
}

int unwind(struct process *process, const struct stack_sample *sample, struct frames *frames)
{
	struct unwinding unwinding;
	enum step r = STEP_DONE;
	struct frame *frame;

	start(process, sample, &unwinding);
	frame = append(&unwinding, frames);
	if (address_space_refresh(process))
		r = STEP_LOST;
	while (frame && r == STEP_DONE) {
		r = step_up(&unwinding, frame);
		if (r == STEP_DONE)
			frame = append(&unwinding, frames);
	}
	if (r != STEP_OUTERMOST)
		frames->flags |= STACK_IS_CUT;
	return 0;
}
