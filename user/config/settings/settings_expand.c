/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Texts of the file that refer to something else: ${NAME} and ${NAME:-default}
 * to the environment, file:/path, as the whole text, to a file. What they bring
 * is taken as it is, and shown in no message.
 */
#include <errno.h>
#include <string.h>

#include "base/whole_file.h"
#include "config/settings/settings_load.h"

#define FILE_MAX_BYTES 65536
#define TEXT_MAX_BYTES 65536
#define FILE_PREFIX "file:"
#define NAME_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"

const char *settings_variable(const struct settings_sources *sources, const char *name,
			      size_t name_length)
{
	if (!sources->environ_ || !name_length)
		return NULL;
	for (const char *const *variable = sources->environ_; *variable; variable++) {
		if (!strncmp(*variable, name, name_length) && (*variable)[name_length] == '=')
			return *variable + name_length + 1;
	}
	return NULL;
}

static const char *read_problem(int error)
{
	switch (error) {
	case -EFBIG:
		return "is larger than 64 KiB";
	case -EINVAL:
		return "is not a regular file";
	default:
		return strerror(-error);
	}
}

static int expand_file(struct settings_loader *loader, const char *path,
		       const struct settings_place *place, char **ret_text)
{
	_cleanup_(freep) char *text = NULL;
	char quoted[SETTINGS_QUOTED_LEN];
	size_t size;
	int r;

	if (*path != '/') {
		settings_fail(loader, place,
			      "file: takes a full path, as in file:/run/secrets/token");
		return -EINVAL;
	}
	r = whole_file_read(path, FILE_MAX_BYTES, &text, &size);
	if (r == -ENOMEM)
		return r;
	if (r) {
		settings_fail(loader, place, "the file %s cannot be used: %s",
			      settings_quote_text(path, quoted), read_problem(r));
		return -EINVAL;
	}
	if (size && text[size - 1] == '\n')
		text[--size] = '\0';
	if (size && text[size - 1] == '\r')
		text[--size] = '\0';
	if (strlen(text) != size) {
		settings_fail(loader, place, "the file %s is not text: it holds a NUL",
			      settings_quote_text(path, quoted));
		return -EINVAL;
	}
	*ret_text = TAKE_PTR(text);
	return 0;
}

/* From after "${"; moves on to after the closing brace. An empty name is never set. */
static int expand_reference(struct settings_loader *loader, const char **at,
			    const struct settings_place *place, struct buffer *out)
{
	size_t name_length = strspn(*at, NAME_CHARACTERS);
	const char *name = *at, *rest = name + name_length, *end = strchr(rest, '}');
	bool has_default = !strncmp(rest, ":-", 2);
	const char *value;

	if (!end || (!has_default && (end != rest || !name_length))) {
		settings_fail(loader, place,
			      "a ${ is neither ${NAME} nor ${NAME:-default}; write "
			      "$$ for a $ that is meant as itself");
		return -EINVAL;
	}
	value = settings_variable(loader->sources, name, name_length);
	if (!value && !has_default) {
		settings_fail(loader, place,
			      "the environment has no %.*s: set it, or give a default, as in "
			      "${%.*s:-text}",
			      (int)name_length, name, (int)name_length, name);
		return -EINVAL;
	}
	if (has_default && (!value || !*value))
		buffer_append(out, rest + 2, (size_t)(end - rest) - 2);
	else
		buffer_append_text(out, value);
	*at = end + 1;
	return out->error;
}

static int expand_all(struct settings_loader *loader, const char *text,
		      const struct settings_place *place, struct buffer *out)
{
	while (*text) {
		size_t plain = strcspn(text, "$");
		int r;

		buffer_append(out, text, plain);
		text += plain;
		if (!strncmp(text, "${", 2)) {
			text += 2;
			r = expand_reference(loader, &text, place, out);
			if (r)
				return r;
		} else if (*text) {
			buffer_append_text(out, "$");
			text += text[1] == '$' ? 2 : 1;
		}
		if (out->size > TEXT_MAX_BYTES) {
			settings_fail(loader, place, "the text is longer than 64 KiB");
			return -EINVAL;
		}
	}
	return buffer_append(out, "", 1);
}

int settings_expand(struct settings_loader *loader, const char *text,
		    const struct settings_place *place, char **ret_text)
{
	_cleanup_(buffer_done) struct buffer out = {};
	int r;

	if (!strncmp(text, FILE_PREFIX, strlen(FILE_PREFIX)))
		return expand_file(loader, text + strlen(FILE_PREFIX), place, ret_text);
	r = expand_all(loader, text, place, &out);
	if (r)
		return r;
	*ret_text = (char *)TAKE_PTR(out.data);
	return 0;
}
