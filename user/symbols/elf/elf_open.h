/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the table of ELF files (elf_object.h) needs to fill in an object. */
#ifndef LOOPSCOPE_ELF_OPEN_H
#define LOOPSCOPE_ELF_OPEN_H

#include "symbols/elf/elf_object.h"

/* `object->unclaimed` is the file, which libdwfl then frees. -ENOEXEC, -ENOMEM. */
int elf_object_init(struct elf_object *object);

/* Frees all that it has, after a failure too. */
void elf_object_done(struct elf_object *object);

#endif
