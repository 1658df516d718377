/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A stack in a hostile ELF file: where in it the instruction is, the registers, the memory of the
 * stack, and the file. It is unwound and named as that of a process whose only code it is. libdw
 * is read as well: what it crashes over is found here too.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "symbols/process/address_space.h"
#include "symbols/elf/elf_symbols.h"
#include "symbols/native/name_cache.h"
#include "symbols/native/native_names.h"
#include "symbols/native/unwind.h"

#define BASE 0x7f0000000000ULL
#define STACK 0x7fff00000000ULL
#define STACK_BYTES 512

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The beginning of the input. */
struct input {
	uint32_t pc;                                /* bytes from the beginning of the code */
	uint16_t registers[STACK_NR_REGISTERS - 1]; /* above the beginning of the stack */
	uint16_t is_musl;
	uint16_t stack[STACK_BYTES / 8]; /* likewise, but for odd ones, which are in code */
};

static struct code code = {.start = BASE};
static struct code_file file;
static const uint8_t *elf;
static struct elf_object *object;

/* In the place of address_space.c, which would look at a process. */

int address_space_refresh(struct process *process)
{
	(void)process;
	return 0;
}

const struct code *address_space_find(struct process *process, uint64_t address)
{
	(void)process;
	return address >= code.start && address < code.end ? &code : NULL;
}

struct code_file *address_space_file(const struct process *process, const struct code *of)
{
	(void)process;
	(void)of;
	return &file;
}

struct elf_object *address_space_object(struct process *process, const struct code *of)
{
	(void)process;
	(void)of;
	return object;
}

bool address_space_bias(const struct code *of, const struct elf_object *in, uint64_t *ret_bias)
{
	uint64_t vaddr;

	if (elf_object_vaddr(in, of->offset, &vaddr))
		return false;
	*ret_bias = of->start - vaddr;
	return true;
}

/* In the place of process.c: the memory is the file. */
int process_read(const struct process *process, uint64_t address, void *to, size_t size)
{
	(void)process;
	if (address < code.start || address > code.end || size > code.end - address)
		return -EFAULT;
	memcpy(to, elf + (address - code.start), size);
	return 0;
}

static struct elf_object *open_elf(const uint8_t *data, size_t size)
{
	int fd = memfd_create("hostile", MFD_CLOEXEC);
	struct elf_object *opened = NULL;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	if (elf_object_open(fd, &opened))
		opened = NULL;
	close(fd);
	return opened;
}

static void make_record(const struct input *input, struct stack_record *record)
{
	*record = (struct stack_record){.nr_registers = STACK_NR_REGISTERS};
	for (int i = 0; i < STACK_REGISTER_PC; i++)
		record->registers[i] = STACK + input->registers[i];
	record->registers[STACK_REGISTER_SP] = STACK + STACK_RED_ZONE;
	record->registers[STACK_REGISTER_PC] = BASE + input->pc;
}

static void check(const struct frames *frames)
{
	if (!frames->nr || frames->nr > STACK_MAX_FRAMES)
		abort();
	for (size_t i = 0; i < frames->nr; i++) {
		const struct frame *frame = &frames->frame[i];

		if (strlen(frame->function) >= STACK_MAX_TEXT ||
		    strlen(frame->file) >= STACK_MAX_TEXT ||
		    strlen(frame->module) >= STACK_MAX_TEXT)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct frames frames;
	struct process process = {.proc_fd = -1};
	struct stack_record record;
	struct input input;
	uint64_t memory[STACK_BYTES / 8], vaddr;
	struct stack_sample sample = {.record = &record,
				      .memory = (unsigned char *)memory,
				      .memory_size = sizeof(memory)};

	if (size < sizeof(input))
		return 0;
	memcpy(&input, data, sizeof(input));
	code.end = BASE + size - sizeof(input);
	file.path = input.is_musl ? "/lib/ld-musl-hostile.so.1" : "/usr/bin/hostile";
	elf = data + sizeof(input);
	object = open_elf(elf, size - sizeof(input));
	for (size_t i = 0; i < STACK_BYTES / 8; i++)
		memory[i] = (input.stack[i] & 1 ? BASE : STACK) + input.stack[i];
	make_record(&input, &record);
	frames_reset(&frames);
	if (unwind(&process, &sample, &frames) || native_names(&process, &frames))
		abort();
	check(&frames);
	if (object)
		elf_symbol_vaddr(object, "burn", &vaddr);
	name_cache_clear();
	elf_objects_clear();
	return 0;
}
