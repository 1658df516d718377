/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The reference of all keys, made from the table. */
#include <errno.h>
#include <string.h>

#include "config/settings/settings_load.h"

#define WIDTH 76 /* of the text, behind the indent */

static const char introduction[] =
	"Keys of the configuration file (YAML). A path like export.otlp.endpoint is\n"
	"\n"
	"    export:\n"
	"      otlp:\n"
	"        endpoint: http://collector:4318\n"
	"\n"
	"and on the command line --set export.otlp.endpoint=http://collector:4318, lists\n"
	"with commas, mappings as a=b,c=d. Flags are over the environment, the environment\n"
	"is over the file, the file is over the defaults. In a value of the file, ${NAME} is\n"
	"a variable of the environment, ${NAME:-text} too with a default, $$ is a $, and\n"
	"file:/path as a whole is what that file holds, for secrets.\n";

/* Breaks at spaces; every line is indented. */
static void write_wrapped(FILE *out, const char *text)
{
	while (*text) {
		size_t length = strlen(text);

		if (length > WIDTH) {
			length = WIDTH;
			while (length && text[length] != ' ')
				length--;
			length = length ?: strcspn(text, " ");
		}
		fprintf(out, "    %.*s\n", (int)length, text);
		text += length;
		text += strspn(text, " ");
	}
}

static void write_default(const struct setting_key *key, struct buffer *facts)
{
	if (!key->fallback)
		return;
	switch (setting_shape(key->type)) {
	case SHAPE_LIST:
		buffer_append_text(facts, " Default: [");
		for (const char *c = key->fallback; *c; c++)
			buffer_append(facts, *c == ',' ? ", " : c, *c == ',' ? 2 : 1);
		buffer_append_text(facts, "].");
		break;
	case SHAPE_PAIRS:
		buffer_append_text(facts, " Default: {}.");
		break;
	default:
		buffer_printf(facts, " Default: %s.", *key->fallback ? key->fallback : "empty");
		break;
	}
}

static void write_variables(const struct setting_key *key, struct buffer *facts)
{
	const char *name;

	for (size_t i = 0; (name = settings_variable_of_key(key->path, i)); i++)
		buffer_printf(facts, "%s%s", i ? ", " : " Environment: ", name);
	if (settings_variable_of_key(key->path, 0))
		buffer_append_text(facts, ".");
}

static int write_key(FILE *out, const struct setting_key *key)
{
	_cleanup_(buffer_done) struct buffer facts = {}, range = {};

	setting_range(key, &range);
	buffer_printf(&facts, "Takes %s%s%.*s.", setting_noun(key->type), range.size ? ": " : "",
		      (int)range.size, range.size ? (const char *)range.data : "");
	write_default(key, &facts);
	write_variables(key, &facts);
	if (key->fixed)
		buffer_append_text(&facts, " A change takes effect at the next start.");
	buffer_append(&facts, "", 1);
	if (facts.error || range.error)
		return -ENOMEM;
	fprintf(out, "\n%s\n", key->path);
	write_wrapped(out, key->doc);
	write_wrapped(out, (const char *)facts.data);
	return 0;
}

int settings_help(FILE *out)
{
	fputs(introduction, out);
	for (size_t i = 0; i < nr_setting_keys; i++) {
		int r = write_key(out, &setting_keys[i]);

		if (r)
			return r;
	}
	return ferror(out) ? -EIO : 0;
}
