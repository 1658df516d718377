/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A table by device, inode, size and time of change, and by what was looked for. */
#include "identity/program_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define HASH_NONFATAL_OOM 1 /* an entry not added has no table */
#include <uthash.h>
#include <utlist.h>

#define NSEC_PER_SEC 1000000000ULL

/* Compared byte by byte: all fields are as wide as each other. */
struct file_key {
	__u64 device, inode, size, changed_ns;
	const char *name; /* static: of the search */
	char version[VERSION_LEN];
};

struct file_entry {
	struct file_key key;
	struct program_facts facts;
	struct file_entry *prev, *next; /* by last use */
	UT_hash_handle hh;
};

struct program_files {
	struct file_entry *index;  /* uthash */
	struct file_entry *oldest; /* utlist: least recently used first */
	size_t max_files;
	struct program_files_stats stats;
};

int program_files_new(size_t max_files, struct program_files **ret_files)
{
	struct program_files *files = calloc(1, sizeof(*files));

	if (!files)
		return -ENOMEM;
	files->max_files = max_files;
	*ret_files = files;
	return 0;
}

static void forget(struct program_files *files, struct file_entry *entry)
{
	HASH_DEL(files->index, entry);
	DL_DELETE(files->oldest, entry);
	free(entry);
}

void program_files_free(struct program_files *files)
{
	if (!files)
		return;
	while (files->oldest)
		forget(files, files->oldest);
	free(files);
}

const struct program_files_stats *program_files_stats(const struct program_files *files)
{
	return &files->stats;
}

static struct file_entry *add(struct program_files *files, const struct file_key *key)
{
	struct file_entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return NULL;
	while (files->oldest && HASH_COUNT(files->index) >= files->max_files) {
		forget(files, files->oldest);
		files->stats.evictions++;
	}
	entry->key = *key;
	HASH_ADD(hh, files->index, key, sizeof(entry->key), entry);
	if (!entry->hh.tbl) {
		free(entry);
		return NULL;
	}
	DL_APPEND(files->oldest, entry);
	return entry;
}

static void count(struct program_files *files, const struct program_facts *facts)
{
	files->stats.files_read++;
	files->stats.bytes_read += facts->bytes_read;
	files->stats.files_cut += facts->cut;
}

const struct program_facts *program_files_read(struct program_files *files, int fd,
					       const struct program_search *search)
{
	struct file_key key = {.name = search->name};
	struct file_entry *entry;
	struct stat stat;

	if (fstat(fd, &stat))
		return NULL;
	key.device = stat.st_dev;
	key.inode = stat.st_ino;
	key.size = stat.st_size;
	key.changed_ns = stat.st_ctim.tv_sec * NSEC_PER_SEC + stat.st_ctim.tv_nsec;
	memcpy(key.version, search->version, strlen(search->version));
	HASH_FIND(hh, files->index, &key, sizeof(key), entry);
	if (entry) {
		DL_DELETE(files->oldest, entry);
		DL_APPEND(files->oldest, entry);
		return &entry->facts;
	}
	entry = add(files, &key);
	if (!entry)
		return NULL;
	program_read(fd, search, &entry->facts);
	count(files, &entry->facts);
	return &entry->facts;
}
