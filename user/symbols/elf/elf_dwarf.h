/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What DWARF tells of an address: the functions that are there, one inlined into the next, and the
 * source lines. From the file or its separate debug file; bounded, and read when first asked for.
 */
#ifndef LOOPSCOPE_ELF_DWARF_H
#define LOOPSCOPE_ELF_DWARF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/stack.h"
#include "symbols/elf/elf_object.h"

#define DWARF_MAX_INLINED 32 /* functions at one address */

struct dwarf_place {
	const char *function; /* as the linker has it; NULL */
	/* without that: where it is told what it is called, and within what; or `addr` is NULL */
	Dwarf_Die entry;
	const char *file;      /* NULL: not known */
	const char *directory; /* that `file` is relative to; NULL */
	uint32_t line;         /* 0: not known */
	uint8_t language;      /* enum frame_language */
};

/* The innermost first; 0: nothing is known. Texts are valid as long as the object. */
size_t elf_dwarf_find(struct elf_object *object, uint64_t vaddr,
		      struct dwarf_place places[static DWARF_MAX_INLINED]);

/* The plain name of an entry, within its namespaces and classes: a::b::name. False: none. */
bool elf_dwarf_name(const Dwarf_Die *entry, char name[static STACK_MAX_TEXT]);

void elf_dwarf_free(struct elf_dwarf *dwarf);

#endif
