/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Scripts, from text. */
#include "script.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	bool is_wait;
} kinds[NR_STEP_KINDS] = {
#define STEP_ENTRY(id, name, is_wait) [STEP_##id] = {name, is_wait},
	STEPS(STEP_ENTRY)
#undef STEP_ENTRY
};

const char *step_name(enum step_kind kind)
{
	return kinds[kind].name;
}

bool step_is_wait(enum step_kind kind)
{
	return kinds[kind].is_wait;
}

static int step_parse(const char *text, size_t length, struct step *ret_step)
{
	size_t name_length = strcspn(text, ": ");
	char rest[32] = "";

	if (length - name_length >= sizeof(rest))
		return -EINVAL;
	memcpy(rest, text + name_length, length - name_length);
	for (int kind = 0; kind < NR_STEP_KINDS; kind++) {
		struct step step = {.kind = kind};
		int end = 0;

		if (strlen(kinds[kind].name) != name_length ||
		    strncmp(kinds[kind].name, text, name_length) != 0)
			continue;
		if (rest[0] && sscanf(rest, ":%u%n:%u%n", &step.a, &end, &step.b, &end) < 1)
			return -EINVAL;
		if (rest[end])
			return -EINVAL;
		*ret_step = step;
		return 0;
	}
	return -EINVAL;
}

int script_parse(const char *text, struct script *ret_script)
{
	struct script script = {.text = text};
	const char *at = text;

	script.steps = calloc(strlen(text) / 2 + 1, sizeof(*script.steps));
	if (!script.steps)
		return -ENOMEM;
	for (;;) {
		size_t length;

		at += strspn(at, " ");
		length = strcspn(at, " ");
		if (!length)
			break;
		if (step_parse(at, length, &script.steps[script.nr_steps]) < 0) {
			fprintf(stderr, "scripted_loop: no such step: %.*s\n", (int)length, at);
			free(script.steps);
			return -EINVAL;
		}
		script.nr_steps++;
		at += length;
	}
	*ret_script = script;
	return 0;
}
