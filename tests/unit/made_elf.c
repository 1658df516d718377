/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Header, contents, names, section headers: in that order. */
#include "made_elf.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_SECTIONS 16
#define NAMES ".shstrtab"

struct layout {
	Elf64_Shdr headers[MAX_SECTIONS + 2]; /* the null one first, the names last */
	char names[1024];
	size_t names_size, at;
};

static Elf64_Word add_name(struct layout *layout, const char *name)
{
	size_t at = layout->names_size;

	strcpy(layout->names + at, name);
	layout->names_size += strlen(name) + 1;
	return (Elf64_Word)at;
}

static void lay_out(struct layout *layout, const struct made_section *sections, size_t nr)
{
	layout->at = sizeof(Elf64_Ehdr);
	layout->names_size = 1;
	for (size_t i = 0; i < nr; i++) {
		layout->headers[i + 1] = (Elf64_Shdr){
			.sh_name = add_name(layout, sections[i].name),
			.sh_type = SHT_PROGBITS,
			.sh_offset = sections[i].lied_offset ?: layout->at,
			.sh_size = sections[i].lied_size ?: sections[i].size,
		};
		layout->at += sections[i].size;
	}
	layout->headers[nr + 1] = (Elf64_Shdr){.sh_name = add_name(layout, NAMES),
					       .sh_type = SHT_STRTAB,
					       .sh_offset = layout->at,
					       .sh_size = layout->names_size};
}

unsigned char *made_elf(const struct made_section *sections, size_t nr, size_t *ret_size)
{
	struct layout layout = {};
	size_t headers_size = (nr + 2) * sizeof(Elf64_Shdr);
	unsigned char *file, *at;
	Elf64_Ehdr header = {
		.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
			    EV_CURRENT},
		.e_type = ET_DYN,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_ehsize = sizeof(Elf64_Ehdr),
		.e_shentsize = sizeof(Elf64_Shdr),
		.e_shnum = (Elf64_Half)(nr + 2),
		.e_shstrndx = (Elf64_Half)(nr + 1),
	};

	lay_out(&layout, sections, nr);
	header.e_shoff = layout.at + layout.names_size;
	*ret_size = header.e_shoff + headers_size;
	file = at = calloc(1, *ret_size);
	at = mempcpy(at, &header, sizeof(header));
	for (size_t i = 0; i < nr; i++)
		at = mempcpy(at, sections[i].data, sections[i].size);
	at = mempcpy(at, layout.names, layout.names_size);
	memcpy(at, layout.headers, headers_size);
	return file;
}

void made_elf_write(const char *path, const struct made_section *sections, size_t nr)
{
	size_t size;
	unsigned char *file = made_elf(sections, nr, &size);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);

	if (fd < 0 || write(fd, file, size) != (ssize_t)size)
		abort();
	close(fd);
	free(file);
}
