/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The table of runtimes, and the gathering of evidence from one process. The
 * command's name (comm) is no evidence: any thread may set it.
 */
#include "identity/runtime.h"

#include <elf.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <gelf.h>
#include <libelf.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "identity/proc.h"

#define MAX_MAPPINGS 16384
#define MAX_SECTIONS 1024
#define MAX_SECTION_NAMES 65536 /* bytes */

/* The first rule that holds wins, so a library of events comes after what may embed it. */
static const struct runtime_rule {
	const char *runtime;
	enum runtime_evidence evidence;
	const char *pattern; /* of fnmatch */
} rules[] = {
	/* a section only that toolchain emits: truer than any file's name */
	{"go", EVIDENCE_SECTION, ".note.go.buildid"},
	{"go", EVIDENCE_SECTION, ".go.buildinfo"},
	{"node", EVIDENCE_SECTION, "lpstub"},

	{"nginx", EVIDENCE_EXECUTABLE, "nginx*"},
	{"nginx", EVIDENCE_EXECUTABLE, "openresty*"},
	{"redis", EVIDENCE_EXECUTABLE, "redis-server*"},
	{"redis", EVIDENCE_EXECUTABLE, "redis-check-rdb"}, /* Debian's server is a link to it */
	{"redis", EVIDENCE_EXECUTABLE, "redis-sentinel"},
	{"redis", EVIDENCE_EXECUTABLE, "valkey-server*"},
	{"redis", EVIDENCE_EXECUTABLE, "valkey-check-rdb"},
	{"redis", EVIDENCE_EXECUTABLE, "keydb-server"},
	{"haproxy", EVIDENCE_EXECUTABLE, "haproxy*"},
	{"envoy", EVIDENCE_EXECUTABLE, "envoy*"},
	{"memcached", EVIDENCE_EXECUTABLE, "memcached*"},
	{"postgres", EVIDENCE_EXECUTABLE, "postgres"},
	{"apache", EVIDENCE_EXECUTABLE, "apache2"},
	{"apache", EVIDENCE_EXECUTABLE, "httpd"},
	{"lighttpd", EVIDENCE_EXECUTABLE, "lighttpd*"},
	{"varnish", EVIDENCE_EXECUTABLE, "varnishd"},
	{"mariadb", EVIDENCE_EXECUTABLE, "mariadbd"},
	{"bun", EVIDENCE_EXECUTABLE, "bun"},
	{"deno", EVIDENCE_EXECUTABLE, "deno"},
	{"node", EVIDENCE_EXECUTABLE, "node"},
	{"node", EVIDENCE_EXECUTABLE, "nodejs"},
	{"node", EVIDENCE_LIBRARY, "libnode.so*"},
	{"python", EVIDENCE_EXECUTABLE, "python*"},
	{"python", EVIDENCE_EXECUTABLE, "pypy*"},
	{"php-fpm", EVIDENCE_EXECUTABLE, "php-fpm*"},
	{"php", EVIDENCE_EXECUTABLE, "php*"},
	{"ruby", EVIDENCE_EXECUTABLE, "ruby*"},
	{"perl", EVIDENCE_EXECUTABLE, "perl*"},
	{"erlang", EVIDENCE_EXECUTABLE, "beam*"},
	{"dotnet", EVIDENCE_EXECUTABLE, "dotnet"},

	/* programs that embed a language */
	{"java", EVIDENCE_LIBRARY, "libjvm.so"},
	{"dotnet", EVIDENCE_LIBRARY, "libcoreclr.so"},
	{"ruby", EVIDENCE_LIBRARY, "libruby*.so*"},
	{"python", EVIDENCE_LIBRARY, "libpython*.so*"},
	{"python", EVIDENCE_LIBRARY, "libpypy*.so*"},
	{"perl", EVIDENCE_LIBRARY, "libperl.so*"},

	/* plain libraries of events */
	{"libuv", EVIDENCE_LIBRARY, "libuv.so*"},
	{"libevent", EVIDENCE_LIBRARY, "libevent[-_.]*"},
	{"libev", EVIDENCE_LIBRARY, "libev.so*"},
	{"systemd", EVIDENCE_LIBRARY, "libsystemd-shared-*.so"},
};

#define NR_RULES (sizeof(rules) / sizeof(rules[0]))

size_t runtime_match(enum runtime_evidence evidence, const char *name, size_t best)
{
	for (size_t i = 0; i < NR_RULES && i < best; i++) {
		if (rules[i].evidence == evidence && fnmatch(rules[i].pattern, name, 0) == 0)
			return i;
	}
	return best;
}

const char *runtime_name(size_t rank)
{
	return rank < NR_RULES ? rules[rank].runtime : NULL;
}

/* The file's name at the end of a path, which loses a " (deleted)". */
static const char *base_name(char *path)
{
	const char *slash = strrchr(path, '/');

	proc_strip_deleted(path);
	return slash ? slash + 1 : path;
}

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

static size_t match_section_names(Elf *elf, size_t best)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	size_t names;

	if (elf_getshdrstrndx(elf, &names) || !gelf_getshdr(elf_getscn(elf, names), &header) ||
	    header.sh_size > MAX_SECTION_NAMES)
		return best;
	while ((section = elf_nextscn(elf, section))) {
		const char *name;

		if (!gelf_getshdr(section, &header))
			break;
		name = elf_strptr(elf, names, header.sh_name);
		if (name)
			best = runtime_match(EVIDENCE_SECTION, name, best);
	}
	return best;
}

static size_t match_sections(int directory, size_t best)
{
	_cleanup_(closep) int fd = openat(directory, "exe", O_RDONLY | O_CLOEXEC);
	Elf *elf;

	if (fd < 0 || !elf_is_modest(fd) || elf_version(EV_CURRENT) == EV_NONE)
		return best;
	/* read, not mapped: a file that shrinks meanwhile is then an error, not a SIGBUS */
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf)
		return best;
	best = match_section_names(elf, best);
	elf_end(elf);
	return best;
}

/* Points at the path of a line of maps if the mapping is of a file, and executable. */
static char *mapped_code(char *line)
{
	char *at = line;

	/* addresses, permissions, offset, device, inode, and then the path */
	for (int field = 1; field <= 5; field++) {
		at = strchr(at, ' ');
		if (!at)
			return NULL;
		at += strspn(at, " ");
		if (field == 1 && (strnlen(at, 3) < 3 || at[2] != 'x'))
			return NULL;
	}
	at[strcspn(at, "\n")] = '\0';
	return *at == '/' ? at : NULL;
}

static size_t match_libraries(int directory, size_t best)
{
	int fd = openat(directory, "maps", O_RDONLY | O_CLOEXEC);
	_cleanup_(fclosep) FILE *maps = fd < 0 ? NULL : fdopen(fd, "re");
	char line[PATH_MAX + 128];
	bool whole = true;

	if (!maps) {
		closep(&fd);
		return best;
	}
	for (int i = 0; i < MAX_MAPPINGS && fgets(line, sizeof(line), maps); i++) {
		bool ends = strchr(line, '\n');
		char *path = whole && ends ? mapped_code(line) : NULL;

		if (path)
			best = runtime_match(EVIDENCE_LIBRARY, base_name(path), best);
		whole = ends; /* else the next is the rest of a line too long to believe */
	}
	return best;
}

const char *runtime_of_process(int directory, const char *executable)
{
	size_t best = RUNTIME_UNKNOWN;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s", executable);
	best = runtime_match(EVIDENCE_EXECUTABLE, base_name(path), best);
	best = match_sections(directory, best);
	best = match_libraries(directory, best);
	return runtime_name(best);
}
