/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Read to the end, which below /proc is not where stat says. */
#include "base/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"

#define ROOM_FIRST 4096

/* A FIFO must not stop anybody: it is opened without waiting, and refused. */
static int open_regular(const char *path, int flags, int *ret_fd)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags);
	struct stat status;

	if (fd < 0 || fstat(fd, &status))
		return -errno;
	if (!S_ISREG(status.st_mode))
		return S_ISDIR(status.st_mode) ? -EISDIR : -EINVAL;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

struct room {
	char *text;
	size_t length, capacity;
};

static void wipe(struct room *room)
{
	if (room->text)
		explicit_bzero(room->text, room->length);
	free(room->text);
}

/* realloc would leave what it moves behind. */
static int grow(struct room *room)
{
	struct room larger = {.capacity = room->capacity ? 2 * room->capacity : ROOM_FIRST};

	larger.text = malloc(larger.capacity);
	if (!larger.text)
		return -ENOMEM;
	if (room->length)
		memcpy(larger.text, room->text, room->length);
	larger.length = room->length;
	wipe(room);
	*room = larger;
	return 0;
}

static int read_up_to(int fd, size_t max, struct room *room)
{
	while (room->length <= max) {
		ssize_t n;

		if (room->length + 1 >= room->capacity && grow(room))
			return -ENOMEM;
		n = read(fd, room->text + room->length, room->capacity - room->length - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			return 0;
		room->length += (size_t)n;
	}
	return -EFBIG;
}

static int read_file(const char *path, int flags, size_t max, char **ret_text, size_t *ret_size)
{
	_cleanup_(closep) int fd = -1;
	_cleanup_(wipe) struct room room = {};
	int err = open_regular(path, flags, &fd);

	if (!err)
		err = read_up_to(fd, max, &room);
	if (err)
		return err;
	room.text[room.length] = '\0';
	*ret_size = room.length;
	*ret_text = TAKE_PTR(room.text);
	return 0;
}

int whole_file_read(const char *path, size_t max, char **ret_text, size_t *ret_size)
{
	return read_file(path, 0, max, ret_text, ret_size);
}

int whole_file_read_nofollow(const char *path, size_t max, char **ret_text, size_t *ret_size)
{
	return read_file(path, O_NOFOLLOW, max, ret_text, ret_size);
}
