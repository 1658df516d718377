/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Functions by their addresses, from .symtab, .dynsym, a separate debug file and what is packed in
 * .gnu_debugdata. Read once for a file, and kept with it, within ELF_MAX_SYMBOLS of all files.
 */
#ifndef LOOPSCOPE_ELF_SYMBOLS_H
#define LOOPSCOPE_ELF_SYMBOLS_H

#include <stdint.h>

#include "symbols/elf/elf_object.h"

/* The symbol that covers the address, as it stands there; NULL. Valid as long as the object. */
const char *elf_symbol_at(struct elf_object *object, uint64_t vaddr);

/* Where the symbol of that name is, of any kind; -ENOENT. */
int elf_symbol_vaddr(struct elf_object *object, const char *name, uint64_t *ret_vaddr);

uint64_t elf_symbols_total(void); /* of all files, now */

void elf_symbols_free(struct elf_symbols *symbols);

#endif
