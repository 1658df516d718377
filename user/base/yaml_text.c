/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Two passes of libyaml. The first one looks at events only and stops at what could cost
 * much (depth, anchors) or is not meant (a second document); the second makes the document.
 */
#include "base/yaml_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MAX_DEPTH 16      /* the deepest key of a file of ours lies at 6 */
#define MAX_ANCHORS 1000  /* libyaml compares each with all before it */
#define MAX_DIRECTIVES 16 /* likewise */

static int fail_at(struct yaml_fault *fault, const yaml_mark_t *mark, const char *what)
{
	fault->line = mark->line + 1;
	fault->column = mark->column + 1;
	snprintf(fault->what, sizeof(fault->what), "%s", what);
	return -EBADMSG;
}

/* Where a byte is: the reader of libyaml knows of no lines. */
static yaml_mark_t mark_of_offset(const char *text, size_t size, size_t offset)
{
	yaml_mark_t mark = {};

	for (size_t i = 0; i < offset && i < size; i++) {
		mark.column++;
		if (text[i] == '\n') {
			mark.line++;
			mark.column = 0;
		}
	}
	return mark;
}

static int fail_parse(struct yaml_fault *fault, const yaml_parser_t *parser, const char *text,
		      size_t size)
{
	yaml_mark_t mark = parser->problem_mark;
	char what[YAML_TEXT_FAULT_LEN];

	switch (parser->error) {
	case YAML_MEMORY_ERROR:
		return -ENOMEM;
	case YAML_READER_ERROR:
		mark = mark_of_offset(text, size, parser->problem_offset);
		snprintf(what, sizeof(what), "the file is not UTF-8 text: %s",
			 parser->problem ?: "it cannot be read");
		break;
	default:
		snprintf(what, sizeof(what), "this is not YAML: %s%s%s",
			 parser->problem ?: "it cannot be understood", parser->context ? ", " : "",
			 parser->context ?: "");
		break;
	}
	return fail_at(fault, &mark, what);
}

static void parser_start(yaml_parser_t *parser, const char *text, size_t size)
{
	yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(parser, (const unsigned char *)text, size);
}

struct survey {
	unsigned int depth, nr_documents, nr_anchors;
};

static bool has_anchor(const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_ALIAS_EVENT:
		return true;
	case YAML_SCALAR_EVENT:
		return event->data.scalar.anchor;
	case YAML_SEQUENCE_START_EVENT:
		return event->data.sequence_start.anchor;
	case YAML_MAPPING_START_EVENT:
		return event->data.mapping_start.anchor;
	default:
		return false;
	}
}

static int survey_event(const yaml_event_t *event, struct survey *survey, struct yaml_fault *fault)
{
	if (has_anchor(event) && ++survey->nr_anchors > MAX_ANCHORS)
		return fail_at(fault, &event->start_mark, "there are too many anchors and aliases");
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (!survey->nr_documents++)
			return 0;
		return fail_at(fault, &event->start_mark,
			       "a second document begins here; allowed: one in a file");
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		if (++survey->depth <= MAX_DEPTH)
			return 0;
		return fail_at(fault, &event->start_mark, "this is nested too deeply");
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		survey->depth--;
		return 0;
	default:
		return 0;
	}
}

static int survey_text(const char *text, size_t size, struct yaml_fault *fault)
{
	struct survey survey = {};
	yaml_parser_t parser;
	bool end = false;
	int err = 0;

	if (!yaml_parser_initialize(&parser))
		return -ENOMEM;
	parser_start(&parser, text, size);
	while (!err && !end) {
		yaml_event_t event;

		if (!yaml_parser_parse(&parser, &event)) {
			err = fail_parse(fault, &parser, text, size);
			break;
		}
		end = event.type == YAML_STREAM_END_EVENT;
		err = survey_event(&event, &survey, fault);
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	return err;
}

/* Wherever they stand, since libyaml knows more ends of a line than one. */
static bool too_many_directives(const char *text, size_t size)
{
	const char *end = text + size;
	size_t nr = 0;

	while (nr <= MAX_DIRECTIVES && (text = memmem(text, (size_t)(end - text), "%TAG", 4))) {
		text += 4;
		nr++;
	}
	return nr > MAX_DIRECTIVES;
}

static int fail_whole(struct yaml_fault *fault, const char *what)
{
	*fault = (struct yaml_fault){};
	snprintf(fault->what, sizeof(fault->what), "%s", what);
	return -EBADMSG;
}

int yaml_text_load(const char *text, size_t size, yaml_document_t *ret_document,
		   struct yaml_fault *ret_fault)
{
	yaml_parser_t parser;
	int err;

	if (size > YAML_TEXT_MAX_BYTES)
		return fail_whole(ret_fault, "the file is larger than 1 MiB");
	if (too_many_directives(text, size))
		return fail_whole(ret_fault, "there are too many %TAG directives");
	err = survey_text(text, size, ret_fault);
	if (err)
		return err;
	if (!yaml_parser_initialize(&parser))
		return -ENOMEM;
	parser_start(&parser, text, size);
	if (!yaml_parser_load(&parser, ret_document))
		err = fail_parse(ret_fault, &parser, text, size);
	yaml_parser_delete(&parser);
	return err;
}

bool yaml_node_is_null(const yaml_node_t *node)
{
	static const char *const words[] = {"", "~", "null"};

	if (node->type != YAML_SCALAR_NODE || node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!strcmp((const char *)node->data.scalar.value, words[i]))
			return true;
	}
	return false;
}
