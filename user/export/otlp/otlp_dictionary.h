/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The tables that profiles refer to by index: each entry is there once, and has its index from when
 * it is first asked for. Errors stay: what is asked for afterwards is 0. Private to the encoder of
 * profiles.
 */
#ifndef LOOPSCOPE_OTLP_DICTIONARY_H
#define LOOPSCOPE_OTLP_DICTIONARY_H

#include "base/buffer.h"
#include "model/stack.h"

/* By the numbers of their fields in ProfilesDictionary. */
enum dictionary_table {
	TABLE_MAPPINGS = 1,
	TABLE_LOCATIONS = 2,
	TABLE_FUNCTIONS = 3,
	TABLE_LINKS = 4,
	TABLE_STRINGS = 5,
	TABLE_ATTRIBUTES = 6,
	TABLE_STACKS = 7,
	NR_TABLES,
};

struct dictionary_entry;

/* All zero is an empty one. */
struct dictionary {
	struct {
		struct dictionary_entry *entries;
		int nr;               /* without that of index 0 */
		struct buffer fields; /* as they are on the wire */
	} tables[NR_TABLES];
	int error;
};

int dictionary_string(struct dictionary *dictionary, const char *text);
int dictionary_text_attribute(struct dictionary *dictionary, const char *key, const char *text);
int dictionary_integer_attribute(struct dictionary *dictionary, const char *key, long long number);

/* Frames inlined into others are one location with those. */
int dictionary_stack(struct dictionary *dictionary, const struct stack *stack);

/* Appends the tables' fields. Negative errno: what went wrong before. */
int dictionary_write(const struct dictionary *dictionary, struct buffer *buffer);
void dictionary_done(struct dictionary *dictionary);

#endif
