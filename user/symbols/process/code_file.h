/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The file behind a mapping of a process: opening it, and whose code is in it. */
#ifndef LOOPSCOPE_CODE_FILE_H
#define LOOPSCOPE_CODE_FILE_H

#include <stdbool.h>

#include "symbols/process/address_space.h"

/* -ENOEXEC: it is no ELF file; -errno: it cannot be opened, or the path leads to another one. */
int code_file_open(const struct process *process, const struct code *code,
		   const struct code_file *file, struct elf_object **ret_object);

/* An interpreter, a standard library, a library of the system: not what was written to run here. */
bool code_file_is_runtime(const char *path);

/* The same of a function, by the namespace or crate that its demangled name begins with. */
bool function_is_runtime(const char *name);

/* The same by the source that DWARF tells of. */
bool source_is_runtime(const char *path);

#endif
