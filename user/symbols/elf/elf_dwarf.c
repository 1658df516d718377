/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A table of the units' ranges made here: .debug_aranges is left out by clang and by rustc, and
 * this libdw looks nowhere else. What would have libdw open files that the data name is kept from
 * it: split units are passed over, and a supplementary file is opened here.
 */
#include "symbols/elf/elf_dwarf.h"

#include <dwarf.h>
#include <elfutils/libdwelf.h>
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/sorted.h"
#include "model/stack.h"
#include "symbols/elf/dwarf_inlined.h"

#define MAX_RANGES 1048576
#define MAX_RANGES_OF_UNIT 65536
#define MAX_UNITS 131072
#define MAX_INFO_BYTES (1ULL << 30) /* of .debug_info and the like; beyond, symbols must do */
#define MAX_BEFORE 16               /* ranges looked behind: they hardly ever overlap */
#define FIRST_RANGES 256

struct unit_range {
	uint64_t start, end;
	Dwarf_Off unit;
};

struct elf_dwarf {
	Dwarf *dwarf; /* libdwfl's; NULL: there is none */
	Dwarf *alt;   /* its supplementary file; owned */
	int alt_fd;
	Dwarf_Addr bias;
	size_t nr, max;
	struct unit_range *ranges; /* owned, sorted by start */
};

void elf_dwarf_free(struct elf_dwarf *dwarf)
{
	if (!dwarf)
		return;
	if (dwarf->alt)
		dwarf_end(dwarf->alt);
	closep(&dwarf->alt_fd);
	free(dwarf->ranges);
	free(dwarf);
}

static int add_range(struct elf_dwarf *dwarf, const struct unit_range *range)
{
	if (dwarf->nr == dwarf->max) {
		size_t max = dwarf->max ? dwarf->max * 2 : FIRST_RANGES;
		struct unit_range *ranges;

		if (dwarf->nr == MAX_RANGES)
			return -E2BIG;
		ranges = reallocarray(dwarf->ranges, max, sizeof(*ranges));
		if (!ranges)
			return -ENOMEM;
		dwarf->ranges = ranges;
		dwarf->max = max;
	}
	dwarf->ranges[dwarf->nr++] = *range;
	return 0;
}

static int add_unit(struct elf_dwarf *dwarf, Dwarf_Die *unit)
{
	struct unit_range range = {.unit = dwarf_dieoffset(unit)};
	Dwarf_Addr base;
	ptrdiff_t next = 0;

	for (int i = 0; i < MAX_RANGES_OF_UNIT; i++) {
		int r;

		next = dwarf_ranges(unit, next, &base, &range.start, &range.end);
		if (next <= 0)
			return 0;
		/* what the linker threw away begins at 0 */
		r = range.start && range.start < range.end ? add_range(dwarf, &range) : 0;
		if (r)
			return r;
	}
	return 0;
}

static int compare(const void *left, const void *right)
{
	const struct unit_range *a = left, *b = right;

	return (a->start > b->start) - (a->start < b->start);
}

static void read_units(struct elf_dwarf *dwarf)
{
	Dwarf_CU *unit = NULL;
	Dwarf_Die die;
	uint8_t type;

	/* a unit of a hostile file may be of a few bytes, and have as many ranges as there are */
	for (unsigned int i = 0; i < MAX_UNITS; i++) {
		if (dwarf_get_units(dwarf->dwarf, unit, &unit, NULL, &type, &die, NULL) ||
		    (type == DW_UT_compile && add_unit(dwarf, &die)))
			break;
	}
	if (dwarf->nr)
		qsort(dwarf->ranges, dwarf->nr, sizeof(*dwarf->ranges), compare);
}

static bool is_small_enough(Dwarf *dwarf)
{
	Elf *elf = dwarf_getelf(dwarf);
	uint64_t bytes = 0;

	for (Elf_Scn *section = NULL; elf && (section = elf_nextscn(elf, section));) {
		GElf_Shdr header;

		if (gelf_getshdr(section, &header) && !(header.sh_flags & SHF_ALLOC) &&
		    header.sh_type == SHT_PROGBITS)
			bytes += header.sh_size < MAX_INFO_BYTES ? header.sh_size : MAX_INFO_BYTES;
	}
	return bytes < MAX_INFO_BYTES;
}

/* Without it, what is here refers to nothing: then there is no DWARF. */
static bool find_alt(struct elf_dwarf *dwarf, const struct debug_place *place)
{
	struct debug_wanted wanted = {};
	const char *name;
	ssize_t size = dwelf_dwarf_gnu_debugaltlink(dwarf->dwarf, &name, &wanted.build_id);

	if (size == 0)
		return true;
	if (size < 0 || !place->path)
		return false;
	wanted.build_id_size = size;
	dwarf->alt_fd = debug_file_open(place, &wanted);
	if (dwarf->alt_fd >= 0)
		dwarf->alt = dwarf_begin(dwarf->alt_fd, DWARF_C_READ);
	if (!dwarf->alt)
		return false;
	dwarf_setalt(dwarf->dwarf, dwarf->alt);
	return true;
}

static struct elf_dwarf *load(struct elf_object *object)
{
	struct elf_dwarf *dwarf = calloc(1, sizeof(*dwarf));

	if (!dwarf)
		return NULL;
	dwarf->alt_fd = -1;
	dwarf->dwarf = dwfl_module_getdwarf(object->module, &dwarf->bias);
	if (!dwarf->dwarf)
		return dwarf;
	if (is_small_enough(dwarf->dwarf) && find_alt(dwarf, &object->place))
		read_units(dwarf);
	return dwarf;
}

static const struct unit_range *find_range(const struct elf_dwarf *dwarf, uint64_t vaddr)
{
	size_t behind = sorted_up_to(dwarf->ranges, dwarf->nr, sizeof(*dwarf->ranges), vaddr);

	for (size_t back = 1; back <= behind && back <= MAX_BEFORE; back++) {
		if (vaddr < dwarf->ranges[behind - back].end)
			return &dwarf->ranges[behind - back];
	}
	return NULL;
}

size_t elf_dwarf_find(struct elf_object *object, uint64_t vaddr,
		      struct dwarf_place places[static DWARF_MAX_INLINED])
{
	const struct unit_range *range;
	struct elf_dwarf *dwarf;
	Dwarf_Die unit;

	if (!object->dwarf)
		object->dwarf = load(object);
	dwarf = object->dwarf;
	if (!dwarf || !dwarf->nr)
		return 0;
	range = find_range(dwarf, vaddr - dwarf->bias);
	if (!range || !dwarf_offdie(dwarf->dwarf, range->unit, &unit))
		return 0;
	return dwarf_inlined(&unit, vaddr - dwarf->bias, places);
}
