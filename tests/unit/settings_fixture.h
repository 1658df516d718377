/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Loads of settings from texts, and what they said. */
#ifndef LOOPSCOPE_TESTS_SETTINGS_FIXTURE_H
#define LOOPSCOPE_TESTS_SETTINGS_FIXTURE_H

#include "config/settings/settings.h"

/* The last load: one of the two is filled. Freed by loaded_done. */
struct loaded {
	int result;
	struct settings *settings;
	struct settings_errors errors;
};

/* `environ_` ends with NULL, as `flags` does, which are "key=value". Each may be NULL. */
struct loaded load_all(const char *yaml, const char *const *environ_, const char *const *flags);
struct loaded load_yaml(const char *yaml);
struct loaded load_bytes(const char *text, size_t size);
void loaded_done(struct loaded *loaded);

/* Fails the test if the load did; returns the settings. */
const struct settings *loaded_good(const struct loaded *loaded);

/* Fails the test unless a line is there that holds `piece`. */
void assert_said(const struct loaded *loaded, const char *piece);

/* Fails the test unless the load failed with this line alone. */
void assert_said_only(const struct loaded *loaded, const char *line);

/* Whether any line holds the text. */
bool loaded_says(const struct loaded *loaded, const char *piece);

/* What settings_print writes; the caller frees it. */
char *printed(const struct settings *settings);

#endif
