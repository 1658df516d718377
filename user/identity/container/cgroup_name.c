/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Runtimes name a container's cgroup by its id of 64 hexadecimal digits, with what they like
 * before it and `.scope` after it where systemd has made the cgroup; the kubelet names a
 * pod's by its uid, and systemd a unit's by the unit.
 */
#include "identity/container/cgroup_name.h"

#include <string.h>

#define ID_LEN (CONTAINER_ID_LEN - 1)
#define UUID_LEN 36
#define HASH_LEN 32 /* of a static pod's configuration, in place of a UUID */
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

bool part_equals(struct part part, const char *text)
{
	return part.length == strlen(text) && memcmp(part.text, text, part.length) == 0;
}

bool part_starts_with(struct part part, const char *text)
{
	size_t length = strlen(text);

	return part.length >= length && memcmp(part.text, text, length) == 0;
}

bool part_ends_with(struct part part, const char *text)
{
	size_t length = strlen(text);

	return part.length >= length && memcmp(part.text + part.length - length, text, length) == 0;
}

static struct part cut_start(struct part part, size_t length)
{
	return (struct part){part.text + length, part.length - length};
}

struct part part_without_start(struct part part, const char *text)
{
	return part_starts_with(part, text) ? cut_start(part, strlen(text)) : part;
}

struct part part_without_end(struct part part, const char *text)
{
	if (part_ends_with(part, text))
		part.length -= strlen(text);
	return part;
}

static bool is_hexadecimal(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* How many bytes of the text are a dash, to which systemd gives another meaning in slices. */
static size_t dash_length(struct part text)
{
	if (part_starts_with(text, "\\x2d"))
		return strlen("\\x2d");
	return part_starts_with(text, "-") || part_starts_with(text, "_");
}

static bool is_place_of_dash(size_t index)
{
	return index == 8 || index == 13 || index == 18 || index == 23;
}

/* In lower case, with plain dashes. */
static bool read_uid(struct part text, char ret_uid[POD_UID_LEN])
{
	char uid[POD_UID_LEN] = "";
	size_t nr = 0, nr_dashes = 0;

	for (; text.length && nr < UUID_LEN; nr++) {
		size_t dash = dash_length(text);
		char c = *text.text;

		if (c >= 'A' && c <= 'F')
			c += 'a' - 'A';
		if (dash ? !is_place_of_dash(nr) : !is_hexadecimal(c))
			return false;
		uid[nr] = dash ? '-' : c;
		nr_dashes += !!dash;
		text = cut_start(text, dash ?: 1);
	}
	if (text.length || !((nr == UUID_LEN && nr_dashes == 4) || (nr == HASH_LEN && !nr_dashes)))
		return false;
	memcpy(ret_uid, uid, sizeof(uid));
	return true;
}

bool cgroup_name_of_pod(struct part name, struct part parent, char ret_uid[POD_UID_LEN],
			struct part *ret_above)
{
	struct part slice = part_without_end(name, ".slice"), above = slice, uid;
	const char *p = memrchr(slice.text, 'p', slice.length); /* no digit of a uid is a p */

	if (!p)
		return false;
	above.length = p - slice.text;
	uid = cut_start(slice, above.length);
	if (!part_starts_with(uid, "pod") || (above.length && !part_ends_with(above, "-")) ||
	    !read_uid(cut_start(uid, strlen("pod")), ret_uid))
		return false;
	*ret_above = above.length ? part_without_end(above, "-") : parent;
	return true;
}

enum pod_qos cgroup_name_qos(struct part above)
{
	static const struct {
		const char *name;
		enum pod_qos qos;
	} classes[] = {
		{"burstable", POD_QOS_BURSTABLE},
		{"besteffort", POD_QOS_BEST_EFFORT},
		{"kubepods", POD_QOS_GUARANTEED},
	};

	for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
		struct part root = part_without_end(above, classes[i].name);

		if (root.length != above.length && (!root.length || part_ends_with(root, "-")))
			return classes[i].qos;
	}
	return POD_QOS_UNKNOWN;
}

bool cgroup_name_of_container(struct part name, struct part *ret_prefix,
			      char ret_id[CONTAINER_ID_LEN])
{
	struct part scope = part_without_end(name, ".scope"), prefix = scope;
	const char *id;

	if (scope.length < ID_LEN)
		return false;
	prefix.length = scope.length - ID_LEN;
	id = scope.text + prefix.length;
	for (size_t i = 0; i < ID_LEN; i++) {
		if (!is_hexadecimal(id[i]))
			return false;
	}
	if (prefix.length && !part_ends_with(prefix, "-") && !part_ends_with(prefix, ":"))
		return false;
	prefix.length -= !!prefix.length;
	*ret_prefix = prefix;
	memcpy(ret_id, id, ID_LEN);
	ret_id[ID_LEN] = '\0';
	return true;
}

/* systemd allows no others (unit_name_is_valid), and none of them needs an escape anywhere. */
static bool may_be_in_unit(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c && strchr(":-_.\\@", c));
}

void cgroup_name_of_unit(struct part name, char ret_unit[CGROUP_UNIT_LEN])
{
	static const char *const kinds[] = {".service", ".scope", ".socket", ".mount", ".swap"};
	bool is_kind = false;

	/* what systemd puts before a name that a file of the kernel's could have (cg_escape) */
	name = part_without_start(name, "_");
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		is_kind |= part_ends_with(name, kinds[i]) && name.length > strlen(kinds[i]);
	if (!is_kind || name.length >= CGROUP_UNIT_LEN)
		return;
	for (size_t i = 0; i < name.length; i++) {
		if (!may_be_in_unit(name.text[i]))
			return;
	}
	memcpy(ret_unit, name.text, name.length);
	ret_unit[name.length] = '\0';
}
