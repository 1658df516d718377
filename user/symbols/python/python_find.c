/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The interpreter of a process: its own program, or a library. _PyRuntime is exported by both, and
 * in a section of its own if a program was stripped of its symbols. The version is in Py_Version,
 * and in what _PyRuntime begins with since 3.13; else the name of the file has it.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "identity/mappings.h"
#include "identity/proc.h"
#include "symbols/process/address_space.h"
#include "symbols/elf/elf_symbols.h"
#include "symbols/python/python_memory.h"
#include "symbols/python/python_merge.h"
#include "symbols/python/python_offsets.h"

#define LIBRARY "libpython3."
#define PROGRAM "python3."
#define MAX_SECTIONS 1024

/* The program, or what the dynamic linker was started for; a library. */
static const char *const names[] = {"python", LIBRARY};

struct search {
	struct process *process;
	char program[PATH_MAX];
	const char *last; /* the path looked at last; of the address space */
	struct python_runtime runtime;
};

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* 0x030c of libpython3.12.so.1.0 or python3.12; 0. */
static __u32 version_of_name(const char *name)
{
	unsigned int minor;

	if (sscanf(name, LIBRARY "%3u", &minor) != 1 && sscanf(name, PROGRAM "%3u", &minor) != 1)
		return 0;
	return minor < 256 ? 0x0300 | minor : 0;
}

static __u32 version_of_symbol(const struct process *process, struct elf_object *object,
			       uint64_t bias)
{
	uint64_t vaddr, version;

	if (elf_symbol_vaddr(object, "Py_Version", &vaddr) ||
	    process_read(process, bias + vaddr, &version, sizeof(version)) || version >> 24 != 3)
		return 0;
	return (__u32)(version >> 16);
}

static int section_vaddr(Elf *elf, const char *name, uint64_t *ret_vaddr)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	size_t texts;

	if (elf_getshdrstrndx(elf, &texts))
		return -ENOENT;
	for (int i = 0; i < MAX_SECTIONS; i++) {
		const char *found;

		section = elf_nextscn(elf, section);
		if (!section || !gelf_getshdr(section, &header))
			return -ENOENT;
		found = elf_strptr(elf, texts, header.sh_name);
		if (found && !strcmp(found, name)) {
			*ret_vaddr = header.sh_addr;
			return 0;
		}
	}
	return -ENOENT;
}

static int read_runtime(struct search *search, struct elf_object *object, uint64_t bias,
			const char *path)
{
	struct python_runtime *runtime = &search->runtime;
	unsigned char bytes[PYTHON_DEBUG_OFFSETS_SIZE];
	uint64_t vaddr;
	__u32 version;
	int r;

	if (elf_symbol_vaddr(object, "_PyRuntime", &vaddr) &&
	    section_vaddr(object->elf, ".PyRuntime", &vaddr))
		return -ENOENT;
	runtime->address = bias + vaddr;
	r = process_read(search->process, runtime->address, bytes, sizeof(bytes));
	if (r)
		return r;
	r = python_offsets_read(bytes, runtime);
	if (r != -ENODATA)
		return r;
	version =
		version_of_symbol(search->process, object, bias) ?: version_of_name(name_of(path));
	return python_offsets_known(version, runtime);
}

static bool may_be_interpreter(const struct search *search, const char *path)
{
	const char *name = name_of(path);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strncmp(name, names[i], strlen(names[i])))
			return true;
	return !strcmp(path, search->program);
}

/* 1: found. What is wrong with one file does not matter to the next one. */
static int look_at(const struct mapping *mapping, void *context)
{
	struct search *search = context;
	const struct code *code;
	const struct code_file *file;
	struct elf_object *object;
	uint64_t bias;

	if (!mapping->executable || !mapping->inode)
		return 0;
	code = address_space_find(search->process, mapping->start);
	file = code ? address_space_file(search->process, code) : NULL;
	if (!file || file->path == search->last || !may_be_interpreter(search, file->path))
		return 0;
	search->last = file->path;
	object = address_space_object(search->process, code);
	return object && address_space_bias(code, object, &bias) &&
	       !read_runtime(search, object, bias, file->path);
}

static int find(struct process *process, struct python_runtime *ret_runtime)
{
	struct search search = {.process = process};
	int r = address_space_refresh(process);

	if (r)
		return r;
	if (proc_read_link(process->proc_fd, "exe", search.program, sizeof(search.program)) < 0)
		search.program[0] = '\0';
	proc_strip_deleted(search.program);
	r = mappings_walk(process->proc_fd, look_at, &search);
	if (r < 0)
		return r;
	if (r)
		*ret_runtime = search.runtime;
	return 0;
}

/*
 * Its first thread is of its first interpreter: not so if it was built with other structures, as
 * for debugging. Before it has begun there is neither, and nothing to be told.
 */
static bool is_as_told(const struct process *process, const struct python_runtime *runtime)
{
	struct python_walk walk = {.runtime = runtime, .context = process};
	uint64_t interpreter = python_pointer(&walk, runtime->address, PYTHON_AT_INTERPRETERS);
	uint64_t thread = python_pointer(&walk, interpreter, PYTHON_AT_INTERPRETER_THREADS);

	if (!thread)
		return !walk.failed;
	return python_pointer(&walk, thread, PYTHON_AT_THREAD_INTERPRETER) == interpreter;
}

int python_find(struct process *process, struct python_runtime *ret_runtime)
{
	struct python_process *python = process->python;

	if (!python) {
		_cleanup_(freep) struct python_process *new_python = calloc(1, sizeof(*new_python));
		int r;

		if (!new_python)
			return -ENOMEM;
		r = find(process, &new_python->runtime);
		if (r)
			return r;
		python = process->python = TAKE_PTR(new_python);
	}
	if (python->runtime.version && !is_as_told(process, &python->runtime))
		return -EAGAIN;
	*ret_runtime = python->runtime;
	return 0;
}

void python_process_free(struct python_process *python)
{
	free(python);
}
