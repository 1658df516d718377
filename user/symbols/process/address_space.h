/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where a process has its code: its executable mappings, and the ELF files in them. Read anew when
 * they may have changed, so that what was loaded or let go since is seen.
 */
#ifndef LOOPSCOPE_ADDRESS_SPACE_H
#define LOOPSCOPE_ADDRESS_SPACE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "symbols/elf/elf_object.h"
#include "symbols/process/process.h"

#define ADDRESS_SPACE_MAX_CODE 16384 /* mappings kept, and no more files than that */

/* A file that is mapped executable, once for all its mappings. */
struct code_file {
	dev_t device;
	ino_t inode;
	char *path;      /* as /proc/PID/maps has it, but for " (deleted)"; "[vdso]" and the like */
	uint64_t object; /* id in the table of ELF files; 0: none */
	bool tried;      /* it was opened, or could not be */
	bool not_elf;    /* it was opened, and is something else */
	bool runtime;    /* what is in it is not of the application */
};

struct code {
	uint64_t start, end, offset;
	uint32_t file; /* index; CODE_NO_FILE: of none, as what a compiler at run time makes */
};
#define CODE_NO_FILE UINT32_MAX

/*
 * To be called once before a stack: reads the mappings again unless they were read just now, where
 * "just now" is longer the longer reading takes. -errno: the process is gone, or may not be seen.
 */
int address_space_refresh(struct process *process);

/* The executable mapping of an address; NULL: there is none. Valid until the next refresh. */
const struct code *address_space_find(struct process *process, uint64_t address);

/* The file of a mapping; NULL without one. */
struct code_file *address_space_file(const struct process *process, const struct code *code);

/* The open ELF file of a mapping; NULL: it is none, or it cannot be read. */
struct elf_object *address_space_object(struct process *process, const struct code *code);

/* What addresses of the process are more than those of the file. False: it is in no segment. */
bool address_space_bias(const struct code *code, const struct elf_object *object,
			uint64_t *ret_bias);

/* The address of a symbol, by its exact name, of any file of code whose path ends in `path_end`. */
int address_space_symbol(struct process *process, const char *path_end, const char *name,
			 uint64_t *ret_address);

void address_space_free(struct address_space *space);

#endif
