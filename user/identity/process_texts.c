/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Bytes are read in the child, and taken apart here. */
#include "identity/process_texts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "identity/proc.h"

_Static_assert(sizeof(struct process_texts) <= APART_MAX_ANSWER, "an answer holds them");

static bool take(const char *value, char text[ENVIRONMENT_MAX_VARIABLE])
{
	if (value)
		snprintf(text, ENVIRONMENT_MAX_VARIABLE, "%s", value);
	return value;
}

static void read_environment(int directory, struct process_texts *texts)
{
	enum { NAME, ATTRIBUTES, NR };
	struct environment_variable variables[NR] = {
		[NAME] = {.name = "OTEL_SERVICE_NAME"},
		[ATTRIBUTES] = {.name = "OTEL_RESOURCE_ATTRIBUTES"},
	};

	if (environment_read(directory, variables, NR))
		return;
	texts->has_service_name = take(variables[NAME].value, texts->service_name);
	texts->has_attributes = take(variables[ATTRIBUTES].value, texts->attributes);
	environment_done(variables, NR);
}

static void read_all(const void *question, void *answer)
{
	const struct process_texts_wanted *wanted = question;
	struct process_texts *texts = answer;
	_cleanup_(closep) int directory = proc_open(wanted->pid);
	struct proc_stat stat;

	if (directory < 0 || proc_stat_read(directory, "stat", &stat) ||
	    stat.start_ticks != wanted->start_ticks)
		return;
	command_line_read(directory, &texts->line);
	if (wanted->environment)
		read_environment(directory, texts);
	process_context_read(directory, texts->payload, &texts->payload_size);
}

int process_texts_read(struct apart *apart, const struct process_texts_wanted *wanted,
		       struct process_texts **ret_texts)
{
	struct process_texts *texts = calloc(1, sizeof(*texts));

	if (!texts)
		return -ENOMEM;
	if (!apart_call(apart, read_all, wanted, sizeof(*wanted), texts, sizeof(*texts)))
		command_line_split(&texts->line, texts->line.size);
	*ret_texts = texts;
	return 0;
}

void process_texts_free(struct process_texts *texts)
{
	if (!texts)
		return;
	explicit_bzero(texts, sizeof(*texts));
	free(texts);
}
