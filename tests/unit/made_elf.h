/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* ELF files made to be read: sections with any content, and lies in the headers. */
#ifndef LOOPSCOPE_MADE_ELF_H
#define LOOPSCOPE_MADE_ELF_H

#include <elf.h>
#include <stddef.h>

struct made_section {
	const char *name;
	const void *data;
	size_t size;
	Elf64_Off lied_offset; /* 0: the true one */
	Elf64_Xword lied_size;
};

#define MADE_TEXT(name_, text_) {.name = (name_), .data = (text_), .size = sizeof(text_)}

/* The bytes of such a file, for free(). */
unsigned char *made_elf(const struct made_section *sections, size_t nr, size_t *ret_size);

/* Writes it to a new file. */
void made_elf_write(const char *path, const struct made_section *sections, size_t nr);

#endif
