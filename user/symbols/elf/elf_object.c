/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The table of ELF files: uthash by file and by id, utlist by last use. */
#include "symbols/elf/elf_object.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define HASH_NONFATAL_OOM 1 /* an entry not added has no table */
#include <uthash.h>
#include <utlist.h>

#include "base/cleanup.h"
#include "base/fnv.h"
#include "symbols/elf/elf_open.h"
#include "symbols/elf/elf_symbols.h"

#define NSEC_PER_SEC 1000000000ULL
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

static void forget(struct object_entry *entry)
{
	if (entry->by_file.tbl)
		HASH_DELETE(by_file, table.files, entry);
	if (entry->by_id.tbl)
		HASH_DELETE(by_id, table.ids, entry);
	DL_DELETE(table.oldest, entry);
	table.debug_size -= entry->object.debug_size;
	elf_object_done(&entry->object);
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
	r = elf ? elf_object_init(&entry->object) : -ENOEXEC;
	if (r) {
		elf_object_done(&entry->object);
		free(entry);
		return r;
	}
	entry->key = *key;
	entry->object.id = ++table.last_id;
	HASH_ADD(by_file, table.files, key, sizeof(entry->key), entry);
	HASH_ADD(by_id, table.ids, object.id, sizeof(entry->object.id), entry);
	DL_APPEND(table.oldest, entry);
	if (!entry->by_file.tbl || !entry->by_id.tbl) {
		forget(entry);
		return -ENOMEM;
	}
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
static struct object_key image_key(const void *image, size_t size)
{
	return (struct object_key){
		.device = UINT64_MAX, .inode = fnv_add(FNV_BASIS, image, size), .size = size};
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

bool elf_object_reserve(struct elf_object *object, size_t size)
{
	size_t max = SIZE_MAX;
	struct rlimit limit;

	if (!getrlimit(RLIMIT_DATA, &limit) && limit.rlim_cur != RLIM_INFINITY)
		max = limit.rlim_cur / ELF_DEBUG_SHARE;
	while (table.debug_size + size > max && table.oldest && &table.oldest->object != object)
		evict_oldest();
	if (size > max || table.debug_size > max - size)
		return false;
	object->debug_size += size;
	table.debug_size += size;
	return true;
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
