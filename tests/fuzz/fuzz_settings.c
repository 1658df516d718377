/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The input is a configuration file. One that loads must print, what it prints
 * must load, and print the same again; one that does not must say why, in lines
 * of clean text.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/settings/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static void check_errors(const struct settings_errors *errors)
{
	check(errors->nr > 0 && errors->nr <= 101, "errors: none, or too many");
	for (size_t i = 0; i < errors->nr; i++) {
		for (const char *c = errors->lines[i]; *c; c++)
			check((unsigned char)*c >= ' ' && *c != 0x7f, "a control character");
	}
}

static char *print(const struct settings *settings)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	check(out && !settings_print(out, settings) && !fclose(out), "it cannot be printed");
	return text;
}

static void check_round_trip(const struct settings *settings)
{
	static const struct settings_sources sources = {.file = "printed"};
	_cleanup_(settings_freep) struct settings *again = NULL;
	_cleanup_(settings_errors_done) struct settings_errors errors = {};
	_cleanup_(freep) char *once = print(settings), *twice = NULL;

	if (settings_load_text(&sources, once, strlen(once), &again, &errors))
		check(false, errors.nr ? errors.lines[0] : "what was printed does not load");
	twice = print(again);
	check(!strcmp(once, twice), "what was printed is something else");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const environ_[] = {"A=1", "B=b$${A}", "EMPTY=", NULL};
	const struct settings_sources sources = {.file = "fuzz", .environ_ = environ_};
	_cleanup_(settings_freep) struct settings *settings = NULL;
	_cleanup_(settings_errors_done) struct settings_errors errors = {};

	/* other files of the machine are no input */
	if (memmem(data, size, "file:", 5))
		return -1;
	if (settings_load_text(&sources, (const char *)data, size, &settings, &errors))
		check_errors(&errors);
	else
		check_round_trip(settings);
	return 0;
}
