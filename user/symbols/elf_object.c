/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The table of ELF files: uthash by file and by id, utlist by last use. */
#include "symbols/elf_object.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define HASH_NONFATAL_OOM 1 /* an entry not added has no table */
#include <uthash.h>
#include <utlist.h>

#include "base/cleanup.h"
#include "symbols/elf_dwarf.h"
#include "symbols/elf_symbols.h"

#define NSEC_PER_SEC 1000000000ULL
#define PAGE_MASK 4095ULL

#if defined(__aarch64__)
#define NATIVE_MACHINE EM_AARCH64
#else
#define NATIVE_MACHINE EM_X86_64
#endif

/* Compared byte by byte: all fields are as wide as each other. */
struct object_key {
	uint64_t device, inode, size, changed_ns;
};

struct object_entry {
	struct object_key key;
	struct elf_object object;
	struct object_entry *prev, *next; /* by last use */
	UT_hash_handle by_file, by_id;
};

static struct {
	struct object_entry *files, *ids; /* uthash */
	struct object_entry *oldest;      /* utlist: least recently used first */
	uint64_t last_id;
	size_t debug_size; /* of all objects */
	uint64_t evictions;
} table;

static void object_done(struct elf_object *object)
{
	elf_symbols_free(object->symbols);
	elf_dwarf_free(object->dwarf);
	if (object->dwfl)
		dwfl_end(object->dwfl);
	elf_end(object->unclaimed);
	free(object->image);
	table.debug_size -= object->debug_size;
}

static void forget(struct object_entry *entry)
{
	HASH_DELETE(by_file, table.files, entry);
	HASH_DELETE(by_id, table.ids, entry);
	DL_DELETE(table.oldest, entry);
	object_done(&entry->object);
	free(entry);
}

static void evict_oldest(void)
{
	forget(table.oldest);
	table.evictions++;
}

static void make_room(size_t max)
{
	while (table.oldest && HASH_CNT(by_id, table.ids) > max)
		evict_oldest();
}

static void use(struct object_entry *entry)
{
	DL_DELETE(table.oldest, entry);
	DL_APPEND(table.oldest, entry);
}

/* libdwfl maps them in a way that counts as memory of this program. */
static bool has_room(const struct elf_object *object, size_t size)
{
	size_t max = SIZE_MAX;
	struct rlimit limit;

	if (!getrlimit(RLIMIT_DATA, &limit) && limit.rlim_cur != RLIM_INFINITY)
		max = limit.rlim_cur / ELF_DEBUG_SHARE;
	while (table.debug_size + size > max && table.oldest && &table.oldest->object != object)
		evict_oldest();
	return size <= max && table.debug_size <= max - size;
}

static int open_debug_file(struct elf_object *object, const struct debug_wanted *wanted)
{
	_cleanup_(closep) int fd = debug_file_open(&object->place, wanted);
	struct stat stat;

	if (fd < 0 || fstat(fd, &stat) || !has_room(object, stat.st_size))
		return -1;
	object->debug_size += stat.st_size;
	table.debug_size += stat.st_size;
	return TAKE_FD(fd);
}

/* A debug file of its own: of the process that last ran the file. */
static int find_debuginfo(Dwfl_Module *module, void **userdata, const char *module_name,
			  Dwarf_Addr base, const char *file_name, const char *link, GElf_Word crc,
			  char **ret_name)
{
	struct elf_object *object = *userdata;
	struct debug_wanted wanted = {.link = link, .link_crc = crc};
	const unsigned char *id;
	GElf_Addr where;
	int size;

	(void)module_name;
	(void)base;
	(void)file_name;
	(void)ret_name;
	if (!object || !object->place.path)
		return -1;
	size = dwfl_module_build_id(module, &id, &where);
	if (size > 0) {
		wanted.build_id = id;
		wanted.build_id_size = size;
	}
	return open_debug_file(object, &wanted);
}

/* It is open already: so that it is mapped to be read alone. */
static int find_elf(Dwfl_Module *module, void **userdata, const char *module_name, Dwarf_Addr base,
		    char **ret_name, Elf **ret_elf)
{
	struct elf_object *object = *userdata;

	(void)module;
	(void)module_name;
	(void)base;
	(void)ret_name;
	*ret_elf = object ? TAKE_PTR(object->unclaimed) : NULL;
	return -1;
}

static const Dwfl_Callbacks callbacks = {
	.find_elf = find_elf,
	.find_debuginfo = find_debuginfo,
	.section_address = dwfl_offline_section_address,
};

/* Segments as the kernel maps them: in whole pages. */
static void read_loads(struct elf_object *object)
{
	size_t nr;

	if (elf_getphdrnum(object->elf, &nr))
		return;
	for (size_t i = 0; i < nr && object->nr_loads < ELF_MAX_LOADS; i++) {
		GElf_Phdr phdr;
		uint64_t before;

		if (!gelf_getphdr(object->elf, (int)i, &phdr))
			return;
		if (phdr.p_type != PT_LOAD || phdr.p_offset + phdr.p_filesz < phdr.p_offset)
			continue;
		before = phdr.p_offset & PAGE_MASK;
		object->loads[object->nr_loads++] = (struct elf_load){
			.vaddr = phdr.p_vaddr - before,
			.offset = phdr.p_offset - before,
			.size = phdr.p_filesz + before,
			.executable = phdr.p_flags & PF_X,
		};
	}
}

static bool has_section(Elf *elf, const char *wanted)
{
	size_t names;

	if (elf_getshdrstrndx(elf, &names))
		return false;
	for (Elf_Scn *section = NULL; (section = elf_nextscn(elf, section));) {
		GElf_Shdr header;
		const char *name = NULL;

		if (gelf_getshdr(section, &header))
			name = elf_strptr(elf, names, header.sh_name);
		if (name && !strcmp(name, wanted))
			return true;
	}
	return false;
}

/* libdw takes files of any kind; of use here are those that a process runs. */
static int check_header(Elf *elf, bool *ret_native)
{
	GElf_Ehdr header;

	if (elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header) ||
	    header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
	    (header.e_type != ET_EXEC && header.e_type != ET_DYN))
		return -ENOEXEC;
	*ret_native = header.e_machine == NATIVE_MACHINE;
	return 0;
}

/* Where libdwfl thinks that a file begins which lies at its own addresses. */
static int own_range(Elf *elf, uint64_t *ret_start, uint64_t *ret_end)
{
	bool found = false;
	size_t nr;

	if (elf_getphdrnum(elf, &nr))
		return -ENOEXEC;
	for (size_t i = 0; i < nr; i++) {
		GElf_Phdr phdr;

		if (!gelf_getphdr(elf, (int)i, &phdr) || phdr.p_type != PT_LOAD)
			continue;
		if (!found)
			*ret_start = phdr.p_vaddr & -(phdr.p_align ?: 1);
		*ret_end = phdr.p_vaddr + phdr.p_memsz;
		found = true;
	}
	return found && *ret_start < *ret_end ? 0 : -ENOEXEC;
}

/* `object->unclaimed` is the file, which libdwfl then frees. */
static int object_init(struct elf_object *object)
{
	uint64_t start, end;
	void **userdata;
	GElf_Addr bias;

	if (check_header(object->unclaimed, &object->native) ||
	    own_range(object->unclaimed, &start, &end))
		return -ENOEXEC;
	object->dwfl = dwfl_begin(&callbacks);
	if (!object->dwfl)
		return -ENOMEM;
	object->module = dwfl_report_module(object->dwfl, "object", start, end);
	if (!object->module ||
	    !dwfl_module_info(object->module, &userdata, NULL, NULL, NULL, NULL, NULL, NULL))
		return -ENOMEM;
	*userdata = object;
	dwfl_report_end(object->dwfl, NULL, NULL);
	object->elf = dwfl_module_getelf(object->module, &bias);
	if (!object->elf || bias)
		return -ENOEXEC;
	read_loads(object);
	object->is_go = has_section(object->elf, ".gopclntab");
	return 0;
}

/* Takes the file, and the image that it is read from. */
static int add(const struct object_key *key, Elf *elf, void *image, struct object_entry **ret_entry)
{
	struct object_entry *entry = calloc(1, sizeof(*entry));
	int r;

	if (!entry) {
		elf_end(elf);
		free(image);
		return -ENOMEM;
	}
	entry->object.unclaimed = elf;
	entry->object.image = image;
	r = elf ? object_init(&entry->object) : -ENOEXEC;
	if (r) {
		object_done(&entry->object);
		free(entry);
		return r;
	}
	entry->key = *key;
	entry->object.id = ++table.last_id;
	HASH_ADD(by_file, table.files, key, sizeof(entry->key), entry);
	HASH_ADD(by_id, table.ids, object.id, sizeof(entry->object.id), entry);
	DL_APPEND(table.oldest, entry);
	*ret_entry = entry;
	return 0;
}

static struct object_entry *find(const struct object_key *key)
{
	struct object_entry *entry;

	HASH_FIND(by_file, table.files, key, sizeof(*key), entry);
	if (entry)
		use(entry);
	else
		make_room(ELF_OBJECTS_MAX - 1);
	return entry;
}

int elf_object_open(int fd, struct elf_object **ret_object)
{
	struct object_entry *entry;
	struct object_key key;
	struct stat stat;
	Elf *elf;
	int r;

	if (fstat(fd, &stat))
		return -errno;
	key = (struct object_key){stat.st_dev, stat.st_ino, stat.st_size,
				  stat.st_mtim.tv_sec * NSEC_PER_SEC + stat.st_mtim.tv_nsec};
	entry = find(&key);
	if (!entry) {
		elf_version(EV_CURRENT);
		elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
		if (elf) /* what is mapped stays so without it */
			elf_cntl(elf, ELF_C_FDDONE);
		r = add(&key, elf, NULL, &entry);
		if (r)
			return r;
	}
	*ret_object = &entry->object;
	return 0;
}

/* Told apart by what is in it, in the place of where it is. */
static struct object_key image_key(const unsigned char *image, size_t size)
{
	uint64_t hash = 0xcbf29ce484222325ULL;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ image[i]) * 0x100000001b3ULL;
	return (struct object_key){.device = UINT64_MAX, .inode = hash, .size = size};
}

int elf_object_open_image(const void *image, size_t size, struct elf_object **ret_object)
{
	const struct object_key key = image_key(image, size);
	struct object_entry *entry = find(&key);
	void *copy;
	int r;

	if (!entry) {
		copy = malloc(size);
		if (!copy)
			return -ENOMEM;
		memcpy(copy, image, size);
		elf_version(EV_CURRENT);
		r = add(&key, elf_memory(copy, size), copy, &entry);
		if (r)
			return r;
	}
	*ret_object = &entry->object;
	return 0;
}

struct elf_object *elf_object_find(uint64_t id)
{
	struct object_entry *entry;

	HASH_FIND(by_id, table.ids, &id, sizeof(id), entry);
	if (!entry)
		return NULL;
	use(entry);
	return &entry->object;
}

void elf_objects_reclaim(const struct elf_object *keep)
{
	while (elf_symbols_total() > ELF_MAX_SYMBOLS && &table.oldest->object != keep)
		evict_oldest();
}

int elf_object_vaddr(const struct elf_object *object, uint64_t offset, uint64_t *ret_vaddr)
{
	const struct elf_load *best = NULL;

	for (unsigned int i = 0; i < object->nr_loads; i++) {
		const struct elf_load *load = &object->loads[i];

		/* two segments may share a page of the file */
		if (offset >= load->offset && offset - load->offset < load->size &&
		    (!best || load->executable))
			best = load;
	}
	if (!best)
		return -ENOENT;
	*ret_vaddr = best->vaddr + (offset - best->offset);
	return 0;
}

void elf_objects_stats(struct elf_objects_stats *ret_stats)
{
	*ret_stats = (struct elf_objects_stats){
		.objects = HASH_CNT(by_id, table.ids),
		.evictions = table.evictions,
	};
}

void elf_objects_clear(void)
{
	while (table.oldest)
		forget(table.oldest);
}
