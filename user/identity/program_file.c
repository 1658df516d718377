/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Sections by libelf, which reads their headers only; constant data by the piece, so that a file
 * of any size costs the same memory. It is read, not mapped: a file that shrinks meanwhile is then
 * an error, not a SIGBUS.
 */
#include "identity/program_file.h"

#include <elf.h>
#include <errno.h>
#include <gelf.h>
#include <libelf.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

#define MAX_SECTIONS 1024
#define MAX_SECTION_NAMES 65536 /* bytes */
#define PIECE_SIZE 262144

/* What stands at the end of one piece is looked at again with the next. */
#define OVERLAP (VERSION_PATTERN_MAX + VERSION_LEN)

#define GO_MAGIC "\xff Go buildinf:"
#define GO_FLAGS_AT 15 /* 2: what follows at GO_TEXTS_AT is a text, its length in front */
#define GO_TEXTS_AT 32
#define GO_INLINE 2

struct reading {
	int fd;
	const struct program_search *search;
	struct program_facts *facts;
	GElf_Shdr constants, data, go;
	__u64 left; /* of the budget, in bytes */
};

/*
 * Whether libelf can be let loose on the file: it reads all section headers at
 * once, and counts that overflow into the first one have no bound worth having.
 */
static bool elf_is_modest(int fd)
{
	Elf64_Ehdr header;

	return pread(fd, &header, sizeof(header), 0) == sizeof(header) &&
	       memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 &&
	       header.e_ident[EI_CLASS] == ELFCLASS64 && header.e_shnum > 0 &&
	       header.e_shnum <= MAX_SECTIONS;
}

static void take_section(struct reading *reading, const char *name, const GElf_Shdr *header)
{
	struct program_facts *facts = reading->facts;

	facts->nr_sections++;
	facts->section_rank = runtime_match(EVIDENCE_SECTION, name, facts->section_rank);
	if (header->sh_type == SHT_NOBITS)
		return;
	if (strcmp(name, ".rodata") == 0)
		reading->constants = *header;
	else if (strcmp(name, ".data") == 0)
		reading->data = *header;
	else if (strcmp(name, ".go.buildinfo") == 0)
		reading->go = *header;
}

static void walk_sections(struct reading *reading, Elf *elf)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	size_t names;

	if (elf_getshdrstrndx(elf, &names) || !gelf_getshdr(elf_getscn(elf, names), &header) ||
	    header.sh_size > MAX_SECTION_NAMES)
		return;
	reading->facts->state = PROGRAM_READ;
	while ((section = elf_nextscn(elf, section)) && gelf_getshdr(section, &header)) {
		const char *name = elf_strptr(elf, names, header.sh_name);

		if (name)
			take_section(reading, name, &header);
	}
}

static void read_sections(struct reading *reading)
{
	Elf *elf;

	reading->facts->state = PROGRAM_NOT_ELF;
	if (!elf_is_modest(reading->fd) || elf_version(EV_CURRENT) == EV_NONE)
		return;
	elf = elf_begin(reading->fd, ELF_C_READ, NULL);
	if (!elf)
		return;
	walk_sections(reading, elf);
	elf_end(elf);
}

/* Reads from a place that the file names: -1 if that is beyond all files. */
static ssize_t read_at(struct reading *reading, char *buffer, size_t size, __u64 offset)
{
	ssize_t n;

	if (offset > LLONG_MAX - size)
		return -1;
	do
		n = pread(reading->fd, buffer, size, (off_t)offset);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		reading->facts->bytes_read += n;
	return n;
}

/* Older ones, of Go below 1.18, have a pointer there, and are left without a version. */
static void read_go_version(struct reading *reading)
{
	char info[GO_TEXTS_AT + 1 + VERSION_LEN] = {};
	const char *text = info + GO_TEXTS_AT + 1;
	ssize_t n = reading->go.sh_size
			    ? read_at(reading, info, sizeof(info) - 1, reading->go.sh_offset)
			    : 0;
	size_t length = (unsigned char)info[GO_TEXTS_AT];

	if (n <= GO_TEXTS_AT || memcmp(info, GO_MAGIC, strlen(GO_MAGIC)) != 0 ||
	    !(info[GO_FLAGS_AT] & GO_INLINE) || length >= VERSION_LEN)
		return;
	info[GO_TEXTS_AT + 1 + length] = '\0';
	if (strncmp(text, "go", strlen("go")) == 0)
		version_of_digits(text + strlen("go"), reading->facts->build_version);
}

/* Where it is, or would be, in `found`. */
static unsigned int index_of(const struct program_facts *facts, const char *name)
{
	unsigned int i = 0;

	while (i < facts->nr_found && strcmp(content_rule(facts->found[i].rule)->name, name) != 0)
		i++;
	return i;
}

const char *program_version(const struct program_facts *facts, const char *name)
{
	unsigned int i = index_of(facts, name);

	return i < facts->nr_found ? facts->found[i].version : NULL;
}

/* The pattern of the rule, with the version's first numbers where it is about them. */
static bool complete_pattern(const struct program_search *search, size_t rule,
			     char first[VERSION_LEN + 1], struct version_pattern *ret_pattern)
{
	*ret_pattern = content_rule(rule)->pattern;
	if (ret_pattern->kind != VERSION_WITH_BEFORE || ret_pattern->before_size)
		return true;
	snprintf(first, VERSION_LEN + 1, "%s.", search->version);
	ret_pattern->before = first;
	ret_pattern->before_size = strlen(first);
	return search->version[0] != '\0';
}

/* Whether the rule can tell more than has been found. */
static bool is_wanted(const struct program_facts *facts, size_t rule)
{
	const char *version = program_version(facts, content_rule(rule)->name);
	int kind = content_rule(rule)->pattern.kind;

	if (!version)
		return facts->nr_found < PROGRAM_MAX_FOUND;
	return !*version && (kind == VERSION_BETWEEN || kind == VERSION_WITH_BEFORE);
}

static void note_find(struct program_facts *facts, const struct program_find *find)
{
	unsigned int i = index_of(facts, content_rule(find->rule)->name);

	facts->found[i] = *find;
	facts->nr_found += i == facts->nr_found;
}

static void search_piece(struct reading *reading, const char *piece, size_t size)
{
	const char *name = reading->search->name;

	for (size_t rule = content_rule_next(name, 0); rule != RUNTIME_UNKNOWN;
	     rule = content_rule_next(name, rule + 1)) {
		struct program_find find = {.rule = rule};
		char first[VERSION_LEN + 1];
		struct version_pattern pattern;

		if (is_wanted(reading->facts, rule) &&
		    complete_pattern(reading->search, rule, first, &pattern) &&
		    version_find(piece, size, &pattern, find.version))
			note_find(reading->facts, &find);
	}
}

/* With a name there is one version to find. */
static bool is_done(const struct reading *reading)
{
	return reading->search->name && reading->facts->nr_found &&
	       reading->facts->found[0].version[0];
}

/* Moves the end of the piece to its front. Returns how much that is. */
static size_t keep_end(char *piece, size_t size)
{
	size_t kept = size < OVERLAP ? size : OVERLAP;

	memmove(piece, piece + size - kept, kept);
	return kept;
}

static void search_section(struct reading *reading, const GElf_Shdr *section, char *piece)
{
	__u64 at = 0, size = section->sh_size;
	size_t kept = 1;

	piece[0] = '\0'; /* before the first word */
	while (at < size && reading->left && !is_done(reading)) {
		size_t wanted = size - at < PIECE_SIZE ? size - at : PIECE_SIZE;
		ssize_t n = read_at(reading, piece + kept, wanted, section->sh_offset + at);

		if (n <= 0)
			return;
		search_piece(reading, piece, kept + n);
		at += n;
		reading->left -= (__u64)n < reading->left ? (__u64)n : reading->left;
		kept = keep_end(piece, kept + n);
	}
	reading->facts->cut |= at < size && !is_done(reading);
}

/* Words are in constant data, or in arrays that some programs forget to make constant. */
static void search(struct reading *reading)
{
	const char *name = reading->search->name;
	_cleanup_(freep) char *piece = NULL;

	if (content_rule_next(name, 0) == RUNTIME_UNKNOWN)
		return;
	piece = malloc(OVERLAP + PIECE_SIZE);
	if (!piece)
		return;
	reading->left = name ? PROGRAM_MAX_BYTES : PROGRAM_MAX_BYTES_UNKNOWN;
	search_section(reading, &reading->constants, piece);
	search_section(reading, &reading->data, piece);
}

void program_read(int fd, const struct program_search *wanted, struct program_facts *ret_facts)
{
	struct reading reading = {.fd = fd, .search = wanted, .facts = ret_facts};
	struct program_search by_section;
	struct stat stat;

	*ret_facts = (struct program_facts){.section_rank = RUNTIME_UNKNOWN};
	if (fstat(fd, &stat) || !S_ISREG(stat.st_mode))
		return;
	read_sections(&reading);
	if (ret_facts->state != PROGRAM_READ)
		return;
	/* a section has the last word on what the rest of the file is searched for */
	if (ret_facts->section_rank != RUNTIME_UNKNOWN) {
		by_section = (struct program_search){runtime_name(ret_facts->section_rank), ""};
		reading.search = &by_section;
	}
	read_go_version(&reading);
	search(&reading);
}
