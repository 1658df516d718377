/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The functions at an address of a unit of DWARF, and the lines in them. */
#ifndef LOOPSCOPE_DWARF_INLINED_H
#define LOOPSCOPE_DWARF_INLINED_H

#include "symbols/elf/elf_dwarf.h"

/* `address` as DWARF has it. As elf_dwarf_find. */
size_t dwarf_inlined(Dwarf_Die *unit, Dwarf_Addr address,
		     struct dwarf_place places[static DWARF_MAX_INLINED]);

#endif
