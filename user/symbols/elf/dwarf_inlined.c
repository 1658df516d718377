/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A walk down the tree of a unit, to the function at the address and on through what is inlined
 * there. Entries may be as many as a file has bytes, and refer to each other: steps are counted.
 */
#include "symbols/elf/dwarf_inlined.h"

#include <dwarf.h>
#include <stdbool.h>

#include "model/stack.h"

#define MAX_STEPS 1000000
#define MAX_DEPTH 128

struct walk {
	Dwarf_Addr address;
	unsigned int steps, depth;
	size_t nr;
	Dwarf_Die functions[DWARF_MAX_INLINED]; /* the outermost first */
};

static bool descend(struct walk *walk, Dwarf_Die *parent);

static bool covers(struct walk *walk, Dwarf_Die *die)
{
	return dwarf_haspc(die, walk->address) == 1;
}

/* Whether the address was found in it: then there is no need to look on. */
static bool visit(struct walk *walk, Dwarf_Die *die)
{
	switch (dwarf_tag(die)) {
	case DW_TAG_subprogram:
	case DW_TAG_inlined_subroutine:
		if (!covers(walk, die))
			return false;
		if (walk->nr < DWARF_MAX_INLINED) {
			walk->functions[walk->nr++] = *die;
			descend(walk, die);
		}
		return true;
	case DW_TAG_lexical_block:
	case DW_TAG_try_block:
	case DW_TAG_catch_block:
		if (!covers(walk, die))
			return false;
		descend(walk, die);
		return true;
	case DW_TAG_namespace:
	case DW_TAG_module:
	case DW_TAG_class_type:
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
	case DW_TAG_enumeration_type:
		return descend(walk, die);
	default:
		return false;
	}
}

static bool descend(struct walk *walk, Dwarf_Die *parent)
{
	Dwarf_Die child;
	bool found = false;

	if (walk->depth == MAX_DEPTH || dwarf_child(parent, &child) != 0)
		return false;
	walk->depth++;
	do {
		found = visit(walk, &child);
	} while (!found && ++walk->steps < MAX_STEPS && dwarf_siblingof(&child, &child) == 0);
	walk->depth--;
	return found;
}

static const char *text_of(Dwarf_Die *die, unsigned int name)
{
	Dwarf_Attribute attribute;

	return dwarf_formstring(dwarf_attr_integrate(die, name, &attribute));
}

static const char *linkage_name(Dwarf_Die *die)
{
	const char *name = text_of(die, DW_AT_linkage_name);

	return name ? name : text_of(die, DW_AT_MIPS_linkage_name);
}

static Dwarf_Word number_of(Dwarf_Die *die, unsigned int name)
{
	Dwarf_Attribute attribute;
	Dwarf_Word number;

	/* of this place alone: what it is inlined from has no such attributes */
	if (!dwarf_attr(die, name, &attribute) || dwarf_formudata(&attribute, &number))
		return 0;
	return number;
}

static void place_in_line_table(Dwarf_Die *unit, Dwarf_Addr address, struct dwarf_place *place)
{
	Dwarf_Line *line = dwarf_getsrc_die(unit, address);
	int number;

	if (!line)
		return;
	place->file = dwarf_linesrc(line, NULL, NULL);
	if (!dwarf_lineno(line, &number) && number > 0)
		place->line = (uint32_t)number;
}

/* From where the inlined function was called. */
static void place_of_call(Dwarf_Die *unit, Dwarf_Die *inlined, struct dwarf_place *place)
{
	Dwarf_Word line = number_of(inlined, DW_AT_call_line);
	Dwarf_Files *files;
	size_t nr;

	place->line = line <= UINT32_MAX ? (uint32_t)line : 0;
	if (!dwarf_getsrcfiles(unit, &files, &nr))
		place->file = dwarf_filesrc(files, number_of(inlined, DW_AT_call_file), NULL, NULL);
}

static uint8_t language_of(Dwarf_Die *unit)
{
	switch (dwarf_srclang(unit)) {
	case DW_LANG_C_plus_plus:
	case DW_LANG_C_plus_plus_03:
	case DW_LANG_C_plus_plus_11:
	case DW_LANG_C_plus_plus_14:
	case 0x2b: /* C++ 17 and 20, which this dwarf.h may not know */
	case 0x2c:
		return FRAME_CPP;
	case DW_LANG_Rust:
		return FRAME_RUST;
	case DW_LANG_Go:
		return FRAME_GO;
	default:
		return FRAME_NATIVE;
	}
}

size_t dwarf_inlined(Dwarf_Die *unit, Dwarf_Addr address,
		     struct dwarf_place places[static DWARF_MAX_INLINED])
{
	struct walk walk = {.address = address};
	const char *directory = text_of(unit, DW_AT_comp_dir);
	uint8_t language = language_of(unit);
	size_t nr;

	descend(&walk, unit);
	nr = walk.nr ? walk.nr : 1; /* a line alone, as of assembly */
	for (size_t i = 0; i < nr; i++) {
		places[i] = (struct dwarf_place){.directory = directory, .language = language};
		if (i == 0)
			place_in_line_table(unit, address, &places[i]);
		else
			place_of_call(unit, &walk.functions[nr - i], &places[i]);
		if (walk.nr) {
			places[i].entry = walk.functions[nr - 1 - i];
			places[i].function = linkage_name(&places[i].entry);
		}
	}
	return nr;
}
