/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From the dynamic symbols, which stripping leaves, else from the others. Names end in the type of
 * what they are about, which changes between versions: they are told by how they begin.
 */
#include "symbols/jit/v8_constants.h"

#include <elf.h>
#include <errno.h>
#include <gelf.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"

#define PREFIX "v8dbg_"
#define MAX_SECTIONS 1024
#define MAX_TABLE_BYTES (64 * 1024 * 1024)
#define MAX_SYMBOLS (2 * 1024 * 1024)

#ifdef __aarch64__
#define MACHINE EM_AARCH64
#else
#define MACHINE EM_X86_64
#endif

enum range {
	RANGE_OFFSET,   /* within an object */
	RANGE_FRAME,    /* from a frame pointer, below it */
	RANGE_INDEX,    /* of a word in an object */
	RANGE_TYPE,     /* an instance type, or a mask or tag of one */
	RANGE_OPTIONAL, /* a small number, if it is there */
	RANGE_EXACT,
};

struct constant_rule {
	const char *name; /* behind the prefix; one that ends in __ is followed by a type */
	size_t at;        /* in struct v8_constants */
	enum range range;
	int32_t exact;
};

#define RULE(name_, member, range_) \
	{.name = (name_), .at = offsetof(struct v8_constants, member), .range = (range_)}
#define EXACT(name_, member, exact_)                  \
	{.name = (name_),                             \
	 .at = offsetof(struct v8_constants, member), \
	 .range = RANGE_EXACT,                        \
	 .exact = (exact_)}

static const struct constant_rule rules[] = {
	RULE("off_fp_context_or_frame_type", frame_context, RANGE_FRAME),
	RULE("off_fp_function", frame_function, RANGE_FRAME),
	RULE("frametype_IrregexpFrame", regexp_frame, RANGE_OPTIONAL),
	RULE("frametype_WasmFrame", wasm_frame, RANGE_OPTIONAL),
	RULE("class_HeapObject__map__", map, RANGE_OFFSET),
	RULE("class_Map__instance_type__", instance_type, RANGE_OFFSET),
	RULE("class_JSFunction__shared__", function_shared, RANGE_OFFSET),
	RULE("class_SharedFunctionInfo__name_or_scope_info__", shared_name, RANGE_OFFSET),
	RULE("class_SharedFunctionInfo__script_or_debug_info__", shared_script, RANGE_OFFSET),
	RULE("class_SharedFunctionInfo__raw_script__", shared_script, RANGE_OFFSET),
	RULE("class_Script__source__", script_source, RANGE_OFFSET),
	RULE("class_Script__name__", script_name, RANGE_OFFSET),
	RULE("class_Script__line_ends__", script_line_ends, RANGE_OFFSET),
	RULE("class_String__length__", string_length, RANGE_OFFSET),
	RULE("class_SeqOneByteString__chars__", one_byte_chars, RANGE_OFFSET),
	RULE("class_SeqTwoByteString__chars__", two_byte_chars, RANGE_OFFSET),
	RULE("class_ConsString__first__", cons_first, RANGE_OFFSET),
	RULE("class_ConsString__second__", cons_second, RANGE_OFFSET),
	RULE("class_SlicedString__parent__", sliced_parent, RANGE_OFFSET),
	RULE("class_SlicedString__offset__", sliced_offset, RANGE_OFFSET),
	RULE("class_ThinString__actual__", thin_actual, RANGE_OFFSET),
	RULE("class_ExternalString__resource__", external_resource, RANGE_OFFSET),
	RULE("class_FixedArrayBase__length__", array_length, RANGE_OFFSET),
	RULE("class_FixedArray__data__", array_data, RANGE_OFFSET),
	RULE("scopeinfo_idx_ncontextlocals", scope_nr_locals, RANGE_INDEX),
	RULE("scopeinfo_idx_first_vars", scope_first_local, RANGE_INDEX),
	RULE("type_Map__MAP_TYPE", map_type, RANGE_TYPE),
	RULE("type_JSFunction__JS_FUNCTION_TYPE", function_type, RANGE_TYPE),
	RULE("type_SharedFunctionInfo__SHARED_FUNCTION_INFO_TYPE", shared_type, RANGE_TYPE),
	RULE("type_Script__SCRIPT_TYPE", script_type, RANGE_TYPE),
	RULE("type_ScopeInfo__SCOPE_INFO_TYPE", scope_type, RANGE_TYPE),
	RULE("type_FixedArray__FIXED_ARRAY_TYPE", array_type, RANGE_TYPE),
	RULE("FirstContextType", first_context_type, RANGE_TYPE),
	RULE("LastContextType", last_context_type, RANGE_TYPE),
	RULE("FirstNonstringType", first_no_string_type, RANGE_TYPE),
	RULE("StringRepresentationMask", representation_mask, RANGE_TYPE),
	RULE("StringEncodingMask", encoding_mask, RANGE_TYPE),
	RULE("OneByteStringTag", one_byte_tag, RANGE_TYPE),
	RULE("SeqStringTag", seq_tag, RANGE_TYPE),
	RULE("ConsStringTag", cons_tag, RANGE_TYPE),
	RULE("ExternalStringTag", external_tag, RANGE_TYPE),
	RULE("SlicedStringTag", sliced_tag, RANGE_TYPE),
	RULE("ThinStringTag", thin_tag, RANGE_TYPE),
	EXACT("TaggedSize", tagged_size, 8),
	EXACT("SystemPointerSize", pointer_size, 8),
	EXACT("SmiShiftSize", smi_shift_size, 31),
	EXACT("SmiValueShift", smi_value_shift, 1),
	EXACT("HeapObjectTag", object_tag, 1),
	EXACT("HeapObjectTagMask", object_tag_mask, 3),
	EXACT("SmiTag", smi_tag, 0),
	EXACT("SmiTagMask", smi_tag_mask, 1),
};

#define NR_RULES (sizeof(rules) / sizeof(*rules))

static int32_t *constant_at(struct v8_constants *constants, const struct constant_rule *rule)
{
	return (int32_t *)((char *)constants + rule->at);
}

static bool is_in_range(const struct constant_rule *rule, int32_t value)
{
	switch (rule->range) {
	case RANGE_OFFSET:
		return value >= 0 && value <= 512;
	case RANGE_FRAME:
		return value < 0 && value >= -128 && value % 8 == 0;
	case RANGE_INDEX:
		return value >= 0 && value <= 16;
	case RANGE_TYPE:
		return value >= 0 && value <= UINT16_MAX;
	case RANGE_OPTIONAL:
		return value == V8_NO_CONSTANT || (value > 0 && value < 256);
	case RANGE_EXACT:
		return value == rule->exact;
	}
	return false;
}

int v8_constants_check(const struct v8_constants *constants)
{
	for (size_t i = 0; i < NR_RULES; i++) {
		int32_t value;

		memcpy(&value, (const char *)constants + rules[i].at, sizeof(value));
		if (!is_in_range(&rules[i], value))
			return -ENOTSUP;
	}
	return constants->first_context_type <= constants->last_context_type ? 0 : -ENOTSUP;
}

static const struct constant_rule *find_rule(const char *name)
{
	for (size_t i = 0; i < NR_RULES; i++) {
		size_t length = strlen(rules[i].name);
		bool is_prefix = strcmp(rules[i].name + length - 2, "__") == 0;

		if (is_prefix ? strncmp(name, rules[i].name, length) == 0
			      : strcmp(name, rules[i].name) == 0)
			return &rules[i];
	}
	return NULL;
}

/* The number that the symbol stands for: false if it is nowhere in the file. */
static bool read_value(Elf *elf, const GElf_Sym *symbol, int32_t *ret_value)
{
	GElf_Shdr section;
	GElf_Off offset;
	Elf_Data *data;

	if (!gelf_getshdr(elf_getscn(elf, symbol->st_shndx), &section) ||
	    symbol->st_value < section.sh_addr || section.sh_size < sizeof(*ret_value) ||
	    symbol->st_value - section.sh_addr > section.sh_size - sizeof(*ret_value))
		return false;
	*ret_value = 0;
	if (section.sh_type == SHT_NOBITS)
		return true;
	offset = section.sh_offset + (symbol->st_value - section.sh_addr);
	data = offset <= LLONG_MAX
		       ? elf_getdata_rawchunk(elf, (int64_t)offset, sizeof(*ret_value), ELF_T_BYTE)
		       : NULL;
	if (!data || !data->d_buf || data->d_size != sizeof(*ret_value))
		return false;
	memcpy(ret_value, data->d_buf, sizeof(*ret_value));
	return true;
}

static void take_symbol(Elf *elf, const GElf_Sym *symbol, const char *name,
			struct v8_constants *constants)
{
	const struct constant_rule *rule;
	int32_t value;

	if (!name || strncmp(name, PREFIX, strlen(PREFIX)) != 0 || symbol->st_size != sizeof(value))
		return;
	rule = find_rule(name + strlen(PREFIX));
	if (rule && read_value(elf, symbol, &value))
		*constant_at(constants, rule) = value;
}

static void read_symbols(Elf *elf, Elf_Scn *section, const GElf_Shdr *header,
			 struct v8_constants *constants)
{
	GElf_Shdr names;
	Elf_Data *data;
	int nr;

	if (!gelf_getshdr(elf_getscn(elf, header->sh_link), &names) ||
	    names.sh_type != SHT_STRTAB || names.sh_size > MAX_TABLE_BYTES ||
	    header->sh_size > MAX_TABLE_BYTES || header->sh_entsize != sizeof(Elf64_Sym))
		return;
	data = elf_getdata(section, NULL);
	nr = data ? (int)(data->d_size / sizeof(Elf64_Sym)) : 0;
	for (int i = 0; i < nr && i < MAX_SYMBOLS; i++) {
		GElf_Sym symbol;

		if (gelf_getsym(data, i, &symbol))
			take_symbol(elf, &symbol, elf_strptr(elf, header->sh_link, symbol.st_name),
				    constants);
	}
}

static void read_tables(Elf *elf, GElf_Word type, struct v8_constants *constants)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	while ((section = elf_nextscn(elf, section)) && gelf_getshdr(section, &header)) {
		if (header.sh_type == type)
			read_symbols(elf, section, &header, constants);
	}
}

/* libelf reads all section headers at once, and trusts their number. */
static bool elf_is_modest(int fd)
{
	Elf64_Ehdr header;

	return pread(fd, &header, sizeof(header), 0) == sizeof(header) &&
	       memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 &&
	       header.e_ident[EI_CLASS] == ELFCLASS64 && header.e_ident[EI_DATA] == ELFDATA2LSB &&
	       header.e_machine == MACHINE && header.e_shnum > 0 && header.e_shnum <= MAX_SECTIONS;
}

static void clear(struct v8_constants *constants)
{
	for (size_t i = 0; i < NR_RULES; i++)
		*constant_at(constants, &rules[i]) = V8_NO_CONSTANT;
}

int v8_constants_of(Elf *elf, struct v8_constants *ret_constants)
{
	struct v8_constants constants;
	int r;

	clear(&constants);
	read_tables(elf, SHT_DYNSYM, &constants);
	if (constants.function_shared == V8_NO_CONSTANT)
		read_tables(elf, SHT_SYMTAB, &constants);
	if (constants.function_shared == V8_NO_CONSTANT)
		return -ENOENT;
	r = v8_constants_check(&constants);
	if (r == 0)
		*ret_constants = constants;
	return r;
}

int v8_constants_read(int fd, struct v8_constants *ret_constants)
{
	Elf *elf;
	int r;

	if (!elf_is_modest(fd) || elf_version(EV_CURRENT) == EV_NONE)
		return -EBADMSG;
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf)
		return -EBADMSG;
	r = v8_constants_of(elf, ret_constants);
	elf_end(elf);
	return r;
}
