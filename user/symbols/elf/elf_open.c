/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One ELF file in libdwfl, the only module of a session of its own, at its own addresses. libdwfl
 * asks for separate debug files by a callback when it first needs one.
 */
#include "symbols/elf/elf_open.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "symbols/elf/elf_dwarf.h"
#include "symbols/elf/elf_symbols.h"

#define PAGE_MASK 4095ULL

#if defined(__aarch64__)
#define NATIVE_MACHINE EM_AARCH64
#else
#define NATIVE_MACHINE EM_X86_64
#endif

static int open_debug_file(struct elf_object *object, const struct debug_wanted *wanted)
{
	_cleanup_(closep) int fd = debug_file_open(&object->place, wanted);
	struct stat stat;

	if (fd < 0 || fstat(fd, &stat) || !elf_object_reserve(object, stat.st_size))
		return -1;
	return TAKE_FD(fd);
}

/* A debug file of its own: of the process that last ran the file. */
static int find_debuginfo(Dwfl_Module *module, void **userdata, const char *module_name,
			  Dwarf_Addr base, const char *file_name, const char *link, GElf_Word crc,
			  char **ret_name)
{
	struct elf_object *object = *userdata;
	struct debug_wanted wanted = {.link = link, .link_crc = crc};
	const unsigned char *id;
	GElf_Addr where;
	int size;

	(void)module_name;
	(void)base;
	(void)file_name;
	(void)ret_name;
	if (!object || !object->place.path)
		return -1;
	size = dwfl_module_build_id(module, &id, &where);
	if (size > 0) {
		wanted.build_id = id;
		wanted.build_id_size = size;
	}
	return open_debug_file(object, &wanted);
}

/* It is open already: so that it is mapped to be read alone. */
static int find_elf(Dwfl_Module *module, void **userdata, const char *module_name, Dwarf_Addr base,
		    char **ret_name, Elf **ret_elf)
{
	struct elf_object *object = *userdata;

	(void)module;
	(void)module_name;
	(void)base;
	(void)ret_name;
	*ret_elf = object ? TAKE_PTR(object->unclaimed) : NULL;
	return -1;
}

static const Dwfl_Callbacks callbacks = {
	.find_elf = find_elf,
	.find_debuginfo = find_debuginfo,
	.section_address = dwfl_offline_section_address,
};

void elf_object_done(struct elf_object *object)
{
	elf_symbols_free(object->symbols);
	elf_dwarf_free(object->dwarf);
	if (object->dwfl)
		dwfl_end(object->dwfl);
	elf_end(object->unclaimed);
	free(object->image);
}

/* Segments as the kernel maps them: in whole pages. */
static void read_loads(struct elf_object *object)
{
	size_t nr;

	if (elf_getphdrnum(object->elf, &nr))
		return;
	for (size_t i = 0; i < nr && object->nr_loads < ELF_MAX_LOADS; i++) {
		GElf_Phdr phdr;
		uint64_t before;

		if (!gelf_getphdr(object->elf, (int)i, &phdr))
			return;
		if (phdr.p_type != PT_LOAD || phdr.p_offset + phdr.p_filesz < phdr.p_offset)
			continue;
		before = phdr.p_offset & PAGE_MASK;
		object->loads[object->nr_loads++] = (struct elf_load){
			.vaddr = phdr.p_vaddr - before,
			.offset = phdr.p_offset - before,
			.size = phdr.p_filesz + before,
			.executable = phdr.p_flags & PF_X,
		};
	}
}

static bool has_section(Elf *elf, const char *wanted)
{
	size_t names;

	if (elf_getshdrstrndx(elf, &names))
		return false;
	for (Elf_Scn *section = NULL; (section = elf_nextscn(elf, section));) {
		GElf_Shdr header;
		const char *name = NULL;

		if (gelf_getshdr(section, &header))
			name = elf_strptr(elf, names, header.sh_name);
		if (name && !strcmp(name, wanted))
			return true;
	}
	return false;
}

/* libdw takes files of any kind; of use here are those that a process runs. */
static int check_header(Elf *elf, bool *ret_native)
{
	GElf_Ehdr header;

	if (elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header) ||
	    header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
	    (header.e_type != ET_EXEC && header.e_type != ET_DYN))
		return -ENOEXEC;
	*ret_native = header.e_machine == NATIVE_MACHINE;
	return 0;
}

/* Where libdwfl thinks that a file begins which lies at its own addresses. */
static int own_range(Elf *elf, uint64_t *ret_start, uint64_t *ret_end)
{
	bool found = false;
	size_t nr;

	if (elf_getphdrnum(elf, &nr))
		return -ENOEXEC;
	for (size_t i = 0; i < nr; i++) {
		GElf_Phdr phdr;

		if (!gelf_getphdr(elf, (int)i, &phdr) || phdr.p_type != PT_LOAD)
			continue;
		if (!found)
			*ret_start = phdr.p_vaddr & -(phdr.p_align ?: 1);
		*ret_end = phdr.p_vaddr + phdr.p_memsz;
		found = true;
	}
	return found && *ret_start < *ret_end ? 0 : -ENOEXEC;
}

int elf_object_init(struct elf_object *object)
{
	uint64_t start, end;
	void **userdata;
	GElf_Addr bias;

	if (check_header(object->unclaimed, &object->native) ||
	    own_range(object->unclaimed, &start, &end))
		return -ENOEXEC;
	object->dwfl = dwfl_begin(&callbacks);
	if (!object->dwfl)
		return -ENOMEM;
	object->module = dwfl_report_module(object->dwfl, "object", start, end);
	if (!object->module ||
	    !dwfl_module_info(object->module, &userdata, NULL, NULL, NULL, NULL, NULL, NULL))
		return -ENOMEM;
	*userdata = object;
	dwfl_report_end(object->dwfl, NULL, NULL);
	object->elf = dwfl_module_getelf(object->module, &bias);
	if (!object->elf || bias)
		return -ENOEXEC;
	read_loads(object);
	object->is_go = has_section(object->elf, ".gopclntab");
	return 0;
}
