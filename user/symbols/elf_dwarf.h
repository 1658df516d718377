/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What DWARF tells of an address: the functions that are there, one inlined into the next, and the
 * source lines. From the file or its separate debug file; bounded, and read when first asked for.
 */
#ifndef LOOPSCOPE_ELF_DWARF_H
#define LOOPSCOPE_ELF_DWARF_H

#include <stddef.h>
#include <stdint.h>

#include "symbols/elf_object.h"

#define DWARF_MAX_INLINED 32 /* functions at one address */

struct dwarf_place {
	const char *function;  /* as the linker has it, or its plain name; NULL */
	const char *file;      /* NULL: not known */
	const char *directory; /* that `file` is relative to; NULL */
	uint32_t line;         /* 0: not known */
	uint8_t language;      /* enum frame_language */
};

/* The innermost first; 0: nothing is known. Texts are valid as long as the object. */
size_t elf_dwarf_find(struct elf_object *object, uint64_t vaddr,
		      struct dwarf_place places[static DWARF_MAX_INLINED]);

void elf_dwarf_free(struct elf_dwarf *dwarf);

#endif
