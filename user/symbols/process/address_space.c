/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The list of mappings is read as a whole, and what was known of files is carried over. Files are
 * opened when a frame is in them: by /proc/PID/map_files, which gives the file that is mapped even
 * where its path leads elsewhere by now; else by the path in the process's root, and compared.
 */
#include "symbols/process/address_space.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text_end.h"
#include "identity/mappings.h"
#include "identity/proc.h"
#include "symbols/process/code_file.h"
#include "symbols/elf/elf_symbols.h"

/* Mappings are believed for this long, and for so many times what reading them took. */
#define BELIEVED_NS 50000000ULL
#define BELIEVED_FACTOR 20
#define FIRST_CODE 64

struct address_space {
	size_t nr_code, max_code;
	struct code *code; /* owned, by address */
	size_t nr_files, max_files;
	struct code_file *files; /* owned */
	size_t nr_anonymous;     /* of `code`, those of no file */
	char root[PATH_MAX];     /* what paths begin with that the process does not see; or "" */
	uint64_t read_ns;        /* when the mappings were, CLOCK_MONOTONIC; 0: never */
	uint64_t took_ns;
};

static void files_free(struct code_file *files, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		free(files[i].path);
	free(files);
}

void address_space_free(struct address_space *space)
{
	if (!space)
		return;
	files_free(space->files, space->nr_files);
	free(space->code);
	free(space);
}

/* Room for one more; so that what is kept of a process is bounded. */
static int grow(void **array, size_t nr, size_t *max, size_t element)
{
	size_t more = *max ? *max * 2 : FIRST_CODE;
	void *larger;

	if (nr < *max)
		return 0;
	if (nr == ADDRESS_SPACE_MAX_CODE)
		return -E2BIG;
	larger = reallocarray(*array, more, element);
	if (!larger)
		return -ENOMEM;
	*array = larger;
	*max = more;
	return 0;
}

static bool is_file(const struct code_file *file, const struct mapping *mapping)
{
	return file->inode == mapping->inode && file->device == mapping->device;
}

/* Of a process that has changed its root, the list has paths as they are from outside. */
static const char *path_inside(const struct address_space *space, const char *path)
{
	size_t length = strlen(space->root);

	return length && !strncmp(path, space->root, length) && path[length] == '/' ? path + length
										    : path;
}

static void read_root(const struct process *process, struct address_space *space)
{
	if (proc_read_link(process->proc_fd, "root", space->root, sizeof(space->root)) < 0 ||
	    !strcmp(space->root, "/"))
		space->root[0] = '\0';
}

static int add_file(struct address_space *space, const struct mapping *mapping)
{
	struct code_file *file;
	int r = grow((void **)&space->files, space->nr_files, &space->max_files,
		     sizeof(*space->files));

	if (r)
		return r;
	file = &space->files[space->nr_files];
	*file = (struct code_file){.device = mapping->device, .inode = mapping->inode};
	file->path = strdup(path_inside(space, mapping->name));
	if (!file->path)
		return -ENOMEM;
	proc_strip_deleted(file->path);
	file->runtime = code_file_is_runtime(file->path);
	space->nr_files++;
	return 0;
}

static bool is_anonymous(const struct mapping *mapping)
{
	return !mapping->inode && mapping->name[0] != '[';
}

/* Mappings of one file mostly follow each other: the latest is looked at first. */
static int find_file(struct address_space *space, const struct mapping *mapping, uint32_t *ret_file)
{
	int r;

	if (is_anonymous(mapping)) {
		*ret_file = CODE_NO_FILE;
		return 0;
	}
	for (size_t i = space->nr_files; i-- > 0;) {
		if (is_file(&space->files[i], mapping) &&
		    (mapping->inode || !strcmp(space->files[i].path, mapping->name))) {
			*ret_file = (uint32_t)i;
			return 0;
		}
	}
	r = add_file(space, mapping);
	if (!r)
		*ret_file = (uint32_t)space->nr_files - 1;
	return r;
}

static int take_mapping(const struct mapping *mapping, void *context)
{
	struct address_space *space = context;
	uint32_t file;
	int r;

	if (!mapping->executable || mapping->start >= mapping->end ||
	    (space->nr_code && mapping->start < space->code[space->nr_code - 1].end))
		return 0;
	if (is_anonymous(mapping) && space->nr_anonymous++ >= ADDRESS_SPACE_MAX_CODE / 2)
		return 0; /* so that files are known whatever a compiler at run time makes */
	r = grow((void **)&space->code, space->nr_code, &space->max_code, sizeof(*space->code));
	if (!r)
		r = find_file(space, mapping, &file);
	if (r)
		return r;
	space->code[space->nr_code++] =
		(struct code){mapping->start, mapping->end, mapping->offset, file};
	return 0;
}

/* Files of the same name, device and inode have not been replaced: they would have another. */
static void carry_over(const struct address_space *from, struct address_space *to)
{
	for (size_t i = 0; i < to->nr_files; i++) {
		struct code_file *file = &to->files[i];

		for (size_t j = 0; j < from->nr_files; j++) {
			const struct code_file *known = &from->files[j];

			if (known->inode != file->inode || known->device != file->device ||
			    strcmp(known->path, file->path) != 0)
				continue;
			file->object = known->object;
			file->tried = known->tried;
			file->not_elf = known->not_elf;
			break;
		}
	}
}

static int read_mappings(struct process *process)
{
	struct address_space *space = calloc(1, sizeof(*space));
	uint64_t before = clock_monotonic_ns();
	int r;

	if (!space)
		return -ENOMEM;
	read_root(process, space);
	r = mappings_walk(process->proc_fd, take_mapping, space);
	if (r == -E2BIG)
		r = 0; /* the rest is not known */
	if (r) {
		address_space_free(space);
		return r;
	}
	if (process->space)
		carry_over(process->space, space);
	space->read_ns = clock_monotonic_ns();
	space->took_ns = space->read_ns - before;
	address_space_free(process->space);
	process->space = space;
	return 0;
}

static bool is_believed(const struct address_space *space)
{
	uint64_t age;

	if (!space)
		return false;
	age = clock_monotonic_ns() - space->read_ns;
	return age < BELIEVED_NS || age / BELIEVED_FACTOR < space->took_ns;
}

int address_space_refresh(struct process *process)
{
	return is_believed(process->space) ? 0 : read_mappings(process);
}

const struct code *address_space_find(struct process *process, uint64_t address)
{
	const struct address_space *space = process->space;
	size_t low = 0, high = space ? space->nr_code : 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct code *code = &space->code[middle];

		if (address < code->start)
			high = middle;
		else if (address >= code->end)
			low = middle + 1;
		else
			return code;
	}
	return NULL;
}

struct code_file *address_space_file(const struct process *process, const struct code *code)
{
	return code->file == CODE_NO_FILE ? NULL : &process->space->files[code->file];
}

static struct elf_object *find_object(struct process *process, const struct code *code,
				      struct code_file *file)
{
	struct elf_object *object = file->object ? elf_object_find(file->object) : NULL;

	if (object || (file->tried && !file->object))
		return object;
	file->tried = true;
	file->object = 0;
	switch (code_file_open(process, code, file, &object)) {
	case 0:
		file->object = object->id;
		return object;
	case -ENOEXEC:
		file->not_elf = true;
		return NULL;
	default:
		return NULL;
	}
}

struct elf_object *address_space_object(struct process *process, const struct code *code)
{
	struct code_file *file = address_space_file(process, code);
	struct elf_object *object = file ? find_object(process, code, file) : NULL;

	if (object)
		object->place = (struct debug_place){process->proc_fd, file->path};
	return object;
}

bool address_space_bias(const struct code *code, const struct elf_object *object,
			uint64_t *ret_bias)
{
	uint64_t vaddr;

	if (elf_object_vaddr(object, code->offset, &vaddr))
		return false;
	*ret_bias = code->start - vaddr;
	return true;
}

int address_space_symbol(struct process *process, const char *path_end, const char *name,
			 uint64_t *ret_address)
{
	for (size_t i = 0; process->space && i < process->space->nr_code; i++) {
		const struct code *code = &process->space->code[i];
		const struct code_file *file = address_space_file(process, code);
		struct elf_object *object;
		uint64_t bias, vaddr;

		if (!file || !text_ends_in(file->path, path_end))
			continue;
		object = address_space_object(process, code);
		if (object && address_space_bias(code, object, &bias) &&
		    !elf_symbol_vaddr(object, name, &vaddr)) {
			*ret_address = bias + vaddr;
			return 0;
		}
	}
	return -ENOENT;
}
