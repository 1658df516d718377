/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A sorted table: libdwfl looks through all symbols for each address, and node has 100,000. */
#include "symbols/elf/elf_symbols.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/sorted.h"

#define MAX_OF_FILE (ELF_MAX_SYMBOLS / 2)
#define MAX_NESTED 16 /* symbols that begin within another one, looked behind for it */

struct function {
	uint64_t vaddr;
	uint32_t size; /* 0: not known */
	uint32_t index : 24, worth : 8;
};
_Static_assert(MAX_OF_FILE <= 1 << 24, "an index fits");

struct elf_symbols {
	size_t nr;
	struct function functions[];
};

static uint64_t total;

static bool is_code(const struct elf_object *object, uint64_t vaddr)
{
	for (unsigned int i = 0; i < object->nr_loads; i++) {
		const struct elf_load *load = &object->loads[i];

		if (load->executable && vaddr >= load->vaddr && vaddr - load->vaddr < load->size)
			return true;
	}
	return false;
}

/* Of several names for one address: which people know it by. */
static unsigned int worth(const GElf_Sym *symbol, const char *name)
{
	unsigned int underscores = strspn(name, "_");

	if (!strncmp(name, "_Z", 2) || !strncmp(name, "_R", 2))
		underscores = 0; /* mangled */
	return (GELF_ST_TYPE(symbol->st_info) != STT_NOTYPE) << 5 |
	       (3 - (underscores > 3 ? 3 : underscores)) << 3 | (symbol->st_size != 0) << 2 |
	       (GELF_ST_BIND(symbol->st_info) == STB_GLOBAL) << 1 |
	       (GELF_ST_BIND(symbol->st_info) == STB_WEAK);
}

static bool take(const struct elf_object *object, int index, struct function *ret_function)
{
	const char *name;
	GElf_Addr vaddr;
	GElf_Sym symbol;
	int type;

	name = dwfl_module_getsym_info(object->module, index, &symbol, &vaddr, NULL, NULL, NULL);
	/* $x and the like mark what follows as code or data */
	if (!name || !*name || *name == '$' || symbol.st_shndx == SHN_UNDEF)
		return false;
	type = GELF_ST_TYPE(symbol.st_info);
	if ((type != STT_FUNC && type != STT_GNU_IFUNC && type != STT_NOTYPE) ||
	    !is_code(object, vaddr))
		return false;
	*ret_function = (struct function){
		.vaddr = vaddr,
		.size = symbol.st_size > UINT32_MAX ? UINT32_MAX : (uint32_t)symbol.st_size,
		.index = (uint32_t)index,
		.worth = worth(&symbol, name),
	};
	return true;
}

static int compare(const void *left, const void *right)
{
	const struct function *a = left, *b = right;

	if (a->vaddr != b->vaddr)
		return a->vaddr < b->vaddr ? -1 : 1;
	return (int)b->worth - (int)a->worth;
}

/* Sorted, and of each address the best name. */
static void put_in_order(struct elf_symbols *symbols)
{
	size_t kept = 0;

	qsort(symbols->functions, symbols->nr, sizeof(*symbols->functions), compare);
	for (size_t i = 0; i < symbols->nr; i++) {
		if (!kept || symbols->functions[kept - 1].vaddr != symbols->functions[i].vaddr)
			symbols->functions[kept++] = symbols->functions[i];
	}
	symbols->nr = kept;
}

static struct elf_symbols *load(struct elf_object *object)
{
	int nr = dwfl_module_getsymtab(object->module);
	struct elf_symbols *symbols, *smaller;

	if (nr < 0)
		nr = 0;
	if (nr > MAX_OF_FILE)
		nr = MAX_OF_FILE;
	symbols = malloc(sizeof(*symbols) + nr * sizeof(*symbols->functions));
	if (!symbols)
		return NULL;
	symbols->nr = 0;
	for (int i = 1; i < nr; i++)
		symbols->nr += take(object, i, &symbols->functions[symbols->nr]);
	put_in_order(symbols);
	smaller = realloc(symbols, sizeof(*symbols) + symbols->nr * sizeof(*symbols->functions));
	return smaller ?: symbols;
}

static const struct elf_symbols *symbols_of(struct elf_object *object)
{
	if (!object->symbols) {
		object->symbols = load(object);
		if (object->symbols) {
			total += object->symbols->nr;
			elf_objects_reclaim(object);
		}
	}
	return object->symbols;
}

static size_t up_to(const struct elf_symbols *symbols, uint64_t vaddr)
{
	return sorted_up_to(symbols->functions, symbols->nr, sizeof(*symbols->functions), vaddr);
}

const char *elf_symbol_at(struct elf_object *object, uint64_t vaddr)
{
	const struct elf_symbols *symbols = symbols_of(object);
	size_t behind = symbols ? up_to(symbols, vaddr) : 0;

	for (size_t back = 1; back <= behind && back <= MAX_NESTED; back++) {
		const struct function *function = &symbols->functions[behind - back];
		GElf_Sym symbol;
		GElf_Addr at;

		/* without a size it ends where the next one begins */
		if (function->size ? vaddr - function->vaddr < function->size : back == 1)
			return dwfl_module_getsym_info(object->module, (int)function->index,
						       &symbol, &at, NULL, NULL, NULL);
	}
	return NULL;
}

int elf_symbol_vaddr(struct elf_object *object, const char *name, uint64_t *ret_vaddr)
{
	int nr = dwfl_module_getsymtab(object->module);

	for (int i = 1; i < nr && i < MAX_OF_FILE; i++) {
		GElf_Sym symbol;
		GElf_Addr vaddr;
		const char *found = dwfl_module_getsym_info(object->module, i, &symbol, &vaddr,
							    NULL, NULL, NULL);

		if (found && symbol.st_shndx != SHN_UNDEF && !strcmp(found, name)) {
			*ret_vaddr = vaddr;
			return 0;
		}
	}
	return -ENOENT;
}

uint64_t elf_symbols_total(void)
{
	return total;
}

void elf_symbols_free(struct elf_symbols *symbols)
{
	if (!symbols)
		return;
	total -= symbols->nr;
	free(symbols);
}
