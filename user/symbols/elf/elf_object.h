/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ELF files that processes run code of, each opened once for all of them: a bounded table by
 * device, inode, size and time of change. What is read of one, its symbols and its DWARF, is kept
 * with it.
 * Addresses are those of the file ("vaddr"): an address of a process less its bias.
 *
 * One thread: the table is the program's. Files are hostile; libdw reads them, and a file that
 * changes meanwhile can end the program, which is made for that.
 */
#ifndef LOOPSCOPE_ELF_OBJECT_H
#define LOOPSCOPE_ELF_OBJECT_H

#include <elfutils/libdwfl.h>
#include <stdbool.h>
#include <stdint.h>

#include "symbols/elf/debug_files.h"

#define ELF_OBJECTS_MAX 256 /* files known at once */
#define ELF_MAX_LOADS 16    /* loadable segments looked at */
/* Of the memory that this program may have, what separate debug files may take up together. */
#define ELF_DEBUG_SHARE 3
#define ELF_MAX_SYMBOLS 2097152 /* functions, of all files known at once */

struct elf_symbols;
struct elf_dwarf;

struct elf_load {
	uint64_t vaddr, offset, size; /* in the file, both from the beginning of a page on */
	bool executable;
};

struct elf_object {
	uint64_t id; /* of the table: never used again */
	Dwfl *dwfl;
	Dwfl_Module *module;
	Elf *elf;
	Elf *unclaimed;    /* the same, until libdwfl has it */
	void *image;       /* what `elf` is read from, if that is no file; owned */
	size_t debug_size; /* of its separate debug file */
	bool native;       /* of this machine's kind: its CFI is of use */
	bool is_go;
	unsigned int nr_loads;
	struct elf_load loads[ELF_MAX_LOADS];
	struct elf_symbols *symbols; /* elf_symbols.h; NULL: not read yet */
	struct elf_dwarf *dwarf;     /* elf_dwarf.h; NULL: not looked for yet */
	/* where separate debug files are looked for: of who used it last, see address_space.h */
	struct debug_place place;
};

/*
 * The object of an open file, which stays the caller's. -ENOEXEC: it is no ELF file of 64 bits that
 * can be run. Valid until the next call.
 */
int elf_object_open(int fd, struct elf_object **ret_object);

/* The same of bytes that are in no file, which are copied. */
int elf_object_open_image(const void *image, size_t size, struct elf_object **ret_object);

/* One that was opened before; NULL: it was evicted. */
struct elf_object *elf_object_find(uint64_t id);

/* Where the file has the byte at `offset`: -ENOENT: in no loadable segment. */
int elf_object_vaddr(const struct elf_object *object, uint64_t offset, uint64_t *ret_vaddr);

/* Lets go of files, but for `keep`, until what all have of symbols is within its maximum. */
void elf_objects_reclaim(const struct elf_object *keep);

/* Makes room for a separate debug file of that size; false: it is too large. */
bool elf_object_reserve(struct elf_object *object, size_t size);

struct elf_objects_stats {
	uint64_t objects;   /* open now */
	uint64_t evictions; /* for want of room */
};

void elf_objects_stats(struct elf_objects_stats *ret_stats);
void elf_objects_clear(void);

#endif
