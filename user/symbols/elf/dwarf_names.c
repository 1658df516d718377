/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Names of functions that no linker has seen, as those that are inlined everywhere: put together
 * from what they are declared in. References in a hostile file may go round: they are counted.
 */
#include <dwarf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "symbols/elf/elf_dwarf.h"

#define MAX_REFERENCES 8
#define MAX_NESTED 4 /* functions within functions */

/* Where it is declared: an inlined one has its origin, and a member its class. */
static Dwarf_Die declaration_of(const Dwarf_Die *entry)
{
	Dwarf_Die die = *entry, next;

	for (int i = 0; i < MAX_REFERENCES; i++) {
		Dwarf_Attribute attribute;

		if (!dwarf_attr(&die, DW_AT_abstract_origin, &attribute) &&
		    !dwarf_attr(&die, DW_AT_specification, &attribute))
			break;
		if (!dwarf_formref_die(&attribute, &next))
			break;
		die = next;
	}
	return die;
}

/* What stands in a name for the scope; NULL: nothing. */
static const char *scope_name(Dwarf_Die *scope)
{
	const char *name = dwarf_diename(scope);

	switch (dwarf_tag(scope)) {
	case DW_TAG_namespace:
		return name ? name : "(anonymous namespace)";
	case DW_TAG_class_type:
	case DW_TAG_structure_type:
		return name ? name : "{lambda}";
	case DW_TAG_union_type:
	case DW_TAG_enumeration_type:
	case DW_TAG_module:
		return name;
	default:
		return NULL;
	}
}

static void append(char *to, const char *text)
{
	size_t length = strlen(to);

	snprintf(to + length, STACK_MAX_TEXT - length, "%s%s", length ? "::" : "", text);
}

/* A function within which it is declared has its own declaration elsewhere: its class. */
static bool append_name(const Dwarf_Die *entry, unsigned int depth, char *name)
{
	Dwarf_Die declaration = declaration_of(entry);
	const char *plain = dwarf_diename(&declaration);
	_cleanup_(freep) Dwarf_Die *scopes = NULL;
	int nr, outer;

	if (!plain)
		return false;
	nr = dwarf_getscopes_die(&declaration, &scopes);
	for (outer = 1; outer < nr && dwarf_tag(&scopes[outer]) != DW_TAG_subprogram; outer++)
		;
	if (outer < nr && depth < MAX_NESTED)
		append_name(&scopes[outer], depth + 1, name);
	for (int i = outer - 1; i > 0; i--) { /* 0 is itself */
		const char *scope = i < nr ? scope_name(&scopes[i]) : NULL;

		if (scope)
			append(name, scope);
	}
	append(name, plain);
	return true;
}

bool elf_dwarf_name(const Dwarf_Die *entry, char name[static STACK_MAX_TEXT])
{
	*name = '\0';
	return append_name(entry, 0, name);
}
