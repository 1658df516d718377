/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The file: bytes to one YAML document, in two passes of libyaml. The first one
 * looks at events only and stops at what could cost much (depth, anchors) or is not
 * meant (a second document); the second makes the document, whose nodes have marks.
 */
#include <errno.h>
#include <string.h>

#include <yaml.h>

#include "base/whole_file.h"
#include "config/settings/settings_load.h"
#include "config/settings/settings_tree.h"

#define FILE_MAX_BYTES (1024 * 1024)
#define MAX_DEPTH 16      /* the deepest key lies at 6 */
#define MAX_ANCHORS 1000  /* libyaml compares each with all before it */
#define MAX_DIRECTIVES 16 /* likewise */

static void fail_at(struct settings_loader *loader, const yaml_mark_t *mark, const char *what)
{
	struct settings_place place = {
		.layer = LAYER_FILE, .line = mark->line + 1, .column = mark->column + 1};

	settings_fail(loader, &place, "%s", what);
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

static void fail_parse(struct settings_loader *loader, const yaml_parser_t *parser,
		       const char *text, size_t size)
{
	yaml_mark_t mark = parser->problem_mark;
	char what[256];

	switch (parser->error) {
	case YAML_MEMORY_ERROR:
		loader->error = -ENOMEM;
		return;
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
	fail_at(loader, &mark, what);
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

/* False: reported. */
static bool survey_event(struct settings_loader *loader, const yaml_event_t *event,
			 struct survey *survey)
{
	if (has_anchor(event) && ++survey->nr_anchors > MAX_ANCHORS) {
		fail_at(loader, &event->start_mark, "there are too many anchors and aliases");
		return false;
	}
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (!survey->nr_documents++)
			return true;
		fail_at(loader, &event->start_mark,
			"a second document begins here; allowed: one in a file");
		return false;
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		if (++survey->depth <= MAX_DEPTH)
			return true;
		fail_at(loader, &event->start_mark, "this is nested too deeply");
		return false;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		survey->depth--;
		return true;
	default:
		return true;
	}
}

/* False: reported. */
static bool survey_text(struct settings_loader *loader, const char *text, size_t size)
{
	struct survey survey = {};
	yaml_parser_t parser;
	bool good, end = false;

	if (!yaml_parser_initialize(&parser)) {
		loader->error = -ENOMEM;
		return false;
	}
	parser_start(&parser, text, size);
	do {
		yaml_event_t event;

		good = yaml_parser_parse(&parser, &event);
		if (!good) {
			fail_parse(loader, &parser, text, size);
			break;
		}
		end = event.type == YAML_STREAM_END_EVENT;
		good = survey_event(loader, &event, &survey);
		yaml_event_delete(&event);
	} while (good && !end);
	yaml_parser_delete(&parser);
	return good;
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

void settings_read_text(struct settings_loader *loader, const char *text, size_t size)
{
	const struct settings_place place = {.layer = LAYER_FILE};
	yaml_document_t document;
	yaml_parser_t parser;

	if (size > FILE_MAX_BYTES || too_many_directives(text, size)) {
		settings_fail(loader, &place,
			      size > FILE_MAX_BYTES ? "the file is larger than 1 MiB"
						    : "there are too many %%TAG directives");
		return;
	}
	if (!survey_text(loader, text, size))
		return;
	if (!yaml_parser_initialize(&parser)) {
		loader->error = -ENOMEM;
		return;
	}
	parser_start(&parser, text, size);
	if (yaml_parser_load(&parser, &document)) {
		settings_read_document(loader, &document);
		yaml_document_delete(&document);
	} else {
		fail_parse(loader, &parser, text, size);
	}
	yaml_parser_delete(&parser);
}

void settings_read_file(struct settings_loader *loader)
{
	const struct settings_place place = {.layer = LAYER_FILE};
	_cleanup_(freep) char *text = NULL;
	size_t size;
	int r = whole_file_read(loader->sources->file, FILE_MAX_BYTES, &text, &size);

	if (!r) {
		settings_read_text(loader, text, size);
		return;
	}
	loader->error = r;
	if (r == -EFBIG)
		settings_fail(loader, &place, "the file is larger than 1 MiB");
	else if (r == -EINVAL)
		settings_fail(loader, &place, "this is not a regular file");
	else
		settings_fail(loader, &place, "the file cannot be read: %s", strerror(-r));
}
