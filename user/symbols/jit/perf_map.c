/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The map grows while the process runs, so that what is new is read before each stack. A name is
 * taken from the file when it is asked for, and only if its line says still what it did.
 */
#include "symbols/jit/perf_map.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "symbols/jit/jit_name.h"
#include "symbols/jit/perf_entries.h"
#include "symbols/jit/perf_file.h"

#define PIECE_SIZE (64 * 1024)

/* Read at once; of a file that has grown by more, what is before is left out. */
#define MAX_READ (32 * 1024 * 1024)

/* The end of what was read, to be looked at again: a file written anew has it no longer. */
#define TAIL_SIZE 64

struct perf_map {
	struct perf_entries entries;
	struct perf_file file; /* its path is "": not known yet */
	dev_t device;
	ino_t inode;
	off_t read_up_to; /* the end of the last line taken */
	uint64_t bytes_left_out;
	char tail[TAIL_SIZE];
	bool in_line; /* what follows is the rest of a line too long to be taken */
};

void perf_map_free(struct perf_map *map)
{
	if (!map)
		return;
	perf_entries_done(&map->entries);
	free(map);
}

uint64_t perf_map_left_out(const struct perf_map *map)
{
	return map->bytes_left_out + map->entries.left_out;
}

static int take_line(struct perf_map *map, const char *line, size_t length, off_t offset)
{
	struct perf_entry entry;
	size_t name_at;

	if (!perf_line_parse(line, length, &entry, &name_at))
		return 0;
	entry.offset = (uint64_t)offset;
	return perf_entries_add(&map->entries, &entry);
}

/* Takes the lines that end in what was read; what is left over begins at map->read_up_to. */
static int take_lines(struct perf_map *map, const char *text, size_t size)
{
	size_t at = 0;
	int r = 0;

	while (at < size && r == 0) {
		const char *end = memchr(text + at, '\n', size - at);
		size_t length = end ? (size_t)(end - text) - at : size - at;

		if (!end && length < PERF_MAX_LINE)
			break;
		if (!map->in_line)
			r = take_line(map, text + at,
				      length < PERF_MAX_LINE ? length : PERF_MAX_LINE,
				      map->read_up_to + (off_t)at);
		map->in_line = !end;
		at += length + !!end;
	}
	map->read_up_to += (off_t)at;
	return r;
}

static int read_lines(struct perf_map *map, int fd, off_t size)
{
	_cleanup_(freep) char *piece = malloc(PIECE_SIZE);
	int r = piece ? 0 : -ENOMEM;

	while (r == 0 && map->read_up_to < size) {
		off_t before = map->read_up_to;
		ssize_t n = pread(fd, piece, PIECE_SIZE, before);

		if (n <= 0)
			return 0;
		r = take_lines(map, piece, (size_t)n);
		if (map->read_up_to == before)
			break;
	}
	return r;
}

static void begin_anew(struct perf_map *map, const struct stat *status)
{
	perf_entries_reset(&map->entries);
	map->device = status->st_dev;
	map->inode = status->st_ino;
	map->read_up_to = 0;
	map->bytes_left_out = 0;
	memset(map->tail, 0, sizeof(map->tail));
	map->in_line = false;
}

/* The bytes before those yet to be read; all zero where there are less. */
static void read_tail(const struct perf_map *map, int fd, char tail[TAIL_SIZE])
{
	off_t from = map->read_up_to > TAIL_SIZE ? map->read_up_to - TAIL_SIZE : 0;

	memset(tail, 0, TAIL_SIZE);
	if (pread(fd, tail, (size_t)(map->read_up_to - from), from) < 0)
		memset(tail, 0, TAIL_SIZE);
}

static bool is_same_file(const struct perf_map *map, int fd, const struct stat *status)
{
	char tail[TAIL_SIZE];

	if (map->device != status->st_dev || map->inode != status->st_ino ||
	    map->read_up_to > status->st_size)
		return false;
	read_tail(map, fd, tail);
	return memcmp(tail, map->tail, sizeof(tail)) == 0;
}

static int refresh(struct perf_map *map, int fd, const struct stat *status)
{
	int r;

	if (!is_same_file(map, fd, status))
		begin_anew(map, status);
	if (status->st_size - map->read_up_to > MAX_READ) {
		map->bytes_left_out += status->st_size - MAX_READ - map->read_up_to;
		map->read_up_to = status->st_size - MAX_READ;
		map->in_line = true;
	}
	r = read_lines(map, fd, status->st_size);
	read_tail(map, fd, map->tail);
	return r;
}

static void give_name(struct frames *frames, struct frame *frame, const struct jit_name *name)
{
	frame->function = frames_text(frames, name->function, strlen(name->function));
	frame->file = frames_text(frames, name->file, strlen(name->file));
	frame->line = name->line;
	frame->language = name->language;
	frame->flags |= name->flags;
}

/* A return's address may be the first behind a function that never comes back to it. */
static uint64_t address_in(const struct frame *frame)
{
	return frame->address - (frame->is_return ? 1 : 0);
}

/* The line of an entry, if it still is what it was: its length, its name at *ret_name_at; or 0. */
static size_t read_line(int fd, const struct perf_entry *entry, char line[PERF_MAX_LINE],
			size_t *ret_name_at)
{
	ssize_t n = pread(fd, line, PERF_MAX_LINE, (off_t)entry->offset);
	size_t length = n > 0 ? (size_t)n : 0;
	const char *end = memchr(line, '\n', length);
	struct perf_entry now;

	if (end)
		length = end - line;
	if (!perf_line_parse(line, length, &now, ret_name_at) || now.start != entry->start ||
	    now.end != entry->end)
		return 0;
	return length;
}

/* False: the file is not the one that was read. */
static bool name_frame(struct perf_map *map, int fd, struct frames *frames, struct frame *frame)
{
	const struct perf_entry *entry = perf_entries_find(&map->entries, address_in(frame));
	char line[PERF_MAX_LINE];
	struct jit_name name;
	size_t length, name_at;

	if (!entry) {
		if (perf_map_left_out(map))
			frames->flags |= STACK_IS_PARTIAL;
		return true;
	}
	length = read_line(fd, entry, line, &name_at);
	if (!length)
		return false;
	jit_name_parse(line + name_at, strnlen(line + name_at, length - name_at), &name);
	give_name(frames, frame, &name);
	return true;
}

static bool is_candidate(const struct frame *frame)
{
	return !*frame->function && !*frame->module && frame->address;
}

static bool name_all(struct perf_map *map, int fd, struct frames *frames)
{
	for (size_t i = 0; i < frames->nr; i++) {
		if (is_candidate(&frames->frame[i]) &&
		    !name_frame(map, fd, frames, &frames->frame[i]))
			return false;
	}
	return true;
}

/* A map that was written anew, as that of Java is each time, is read once more. */
static int name_frames(struct process *process, struct perf_map *map, struct frames *frames)
{
	_cleanup_(closep) int fd = -1;
	struct stat status;
	int r;

	if (!*map->file.path && perf_file_find(process, &map->file))
		return 0;
	fd = perf_file_open(process, &map->file, &status);
	if (fd < 0)
		return 0;
	r = refresh(map, fd, &status);
	if (r || name_all(map, fd, frames))
		return r;
	begin_anew(map, &status);
	r = refresh(map, fd, &status);
	if (r == 0)
		name_all(map, fd, frames);
	return r;
}

int perf_map_names(struct process *process, struct frames *frames)
{
	size_t i = 0;

	while (i < frames->nr && !is_candidate(&frames->frame[i]))
		i++;
	if (i == frames->nr)
		return 0;
	if (!process->perf_map) {
		process->perf_map = calloc(1, sizeof(*process->perf_map));
		if (!process->perf_map)
			return -ENOMEM;
	}
	return name_frames(process, process->perf_map, frames);
}
