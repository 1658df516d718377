/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names from the innermost outwards into paths from the root on. */
#include "model/place.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "model/decode.h"

/* Fills the path from its end. False: the last name is not terminated, or one is no name. */
static bool path_of_names(const char *names, size_t size, char path[PLACE_PATH_LEN])
{
	char *at = path + PLACE_PATH_LEN - 1;

	*at = '\0';
	if (size && names[size - 1])
		return false;
	for (size_t length; size; names += length + 1, size -= length + 1) {
		length = strlen(names);
		if (!length || memchr(names, '/', length) || length + 1 > (size_t)(at - path))
			return false;
		at -= length;
		memcpy(at, names, length);
		*--at = '/';
	}
	if (!*at)
		*--at = '/';
	memmove(path, at, strlen(at) + 1);
	return true;
}

static bool may_be_cut(const char *names, size_t size)
{
	size_t nr = 0;

	for (size_t i = 0; i < size; i++)
		nr += !names[i];
	return nr >= PLACE_MAX_DEPTH || size > PLACE_WHOLE_SIZE;
}

int place_decode(const void *record, size_t size, struct place *ret_place)
{
	struct record_header header;
	struct loop_place place;
	struct place decoded = {};
	const char *names;
	int r = decode_header(record, size, &header);

	if (r)
		return r;
	if (header.kind != RECORD_LOOP_PLACE || header.reserved || header.size < sizeof(place))
		return -EBADMSG;
	memcpy(&place, record, sizeof(place));
	if ((size_t)place.unified_size + place.v1_size != header.size - sizeof(place) ||
	    header.size > PLACE_MAX_SIZE)
		return -EBADMSG;
	decoded.id = place.id;
	decoded.cgroup_id = place.cgroup_id;
	decoded.own_pid = place.own_pid;
	names = (const char *)record + sizeof(place);
	if (!path_of_names(names, place.unified_size, decoded.unified))
		return -EBADMSG;
	if (place.v1_size && !path_of_names(names + place.unified_size, place.v1_size, decoded.v1))
		return -EBADMSG;
	decoded.unified_cut = may_be_cut(names, place.unified_size);
	decoded.v1_cut = may_be_cut(names + place.unified_size, place.v1_size);
	*ret_place = decoded;
	return 0;
}
