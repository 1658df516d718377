/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Lists of lists: elements between commas, parameters between semicolons, both may be quoted. */
#include "export/prometheus/accept.h"

#include <string.h>
#include <strings.h>

#define BLANKS " \t"

/* A text that is not terminated. */
struct span {
	const char *text;
	size_t length;
};

static struct span trimmed(struct span span)
{
	while (span.length && strchr(BLANKS, span.text[0])) {
		span.text++;
		span.length--;
	}
	while (span.length && strchr(BLANKS, span.text[span.length - 1]))
		span.length--;
	return span;
}

/* Up to the separator that is not within quotes, or all of it; *rest is what follows that. */
static struct span cut_at(struct span *rest, char separator)
{
	struct span head = *rest;
	bool quoted = false;
	size_t i;

	for (i = 0; i < rest->length; i++) {
		if (quoted && rest->text[i] == '\\' && i + 1 < rest->length)
			i++;
		else if (rest->text[i] == '"')
			quoted = !quoted;
		else if (!quoted && rest->text[i] == separator)
			break;
	}
	head.length = i;
	rest->text += i;
	rest->length -= i;
	if (rest->length) {
		rest->text++;
		rest->length--;
	}
	return trimmed(head);
}

static bool span_is(struct span span, const char *text)
{
	return span.length == strlen(text) && !strncasecmp(span.text, text, span.length);
}

static struct span unquoted(struct span span)
{
	if (span.length >= 2 && span.text[0] == '"' && span.text[span.length - 1] == '"')
		return (struct span){span.text + 1, span.length - 2};
	return span;
}

/* The value of a parameter; text NULL if there is no such one. */
static struct span find_parameter(const struct accept_element *element, const char *name)
{
	struct span rest = {element->parameters, element->parameters_length};

	while (rest.length) {
		struct span value = cut_at(&rest, ';');
		struct span key = cut_at(&value, '=');

		if (span_is(key, name))
			return unquoted(trimmed(value));
	}
	return (struct span){};
}

/* 0, 1, or up to three decimals of either: what else it may be is not understood. */
static unsigned int parse_quality(struct span span)
{
	static const unsigned int places[] = {100, 10, 1};
	unsigned int quality;

	if (!span.length || span.length > 5 || (span.text[0] != '0' && span.text[0] != '1') ||
	    (span.length > 1 && span.text[1] != '.'))
		return 0;
	quality = (unsigned int)(span.text[0] - '0') * ACCEPT_QUALITY_ONE;
	for (size_t i = 2; i < span.length; i++) {
		if (span.text[i] < '0' || span.text[i] > '9')
			return 0;
		quality += (unsigned int)(span.text[i] - '0') * places[i - 2];
	}
	return quality <= ACCEPT_QUALITY_ONE ? quality : 0;
}

bool accept_next(const char **header, struct accept_element *ret_element)
{
	struct span rest = {*header, strlen(*header)}, element = {}, name, quality;

	while (rest.length && !element.length)
		element = cut_at(&rest, ',');
	*header = rest.text;
	if (!element.length)
		return false;
	name = cut_at(&element, ';');
	*ret_element = (struct accept_element){
		.name = name.text,
		.name_length = name.length,
		.parameters = element.text,
		.parameters_length = element.length,
	};
	quality = find_parameter(ret_element, "q");
	ret_element->quality = quality.text ? parse_quality(quality) : ACCEPT_QUALITY_ONE;
	return true;
}

bool accept_is(const struct accept_element *element, const char *name)
{
	return span_is((struct span){element->name, element->name_length}, name);
}

bool accept_has(const struct accept_element *element, const char *parameter, const char *value,
		bool if_absent)
{
	struct span found = find_parameter(element, parameter);

	return found.text ? span_is(found, value) : if_absent;
}

bool accept_gzip(const char *header)
{
	struct accept_element element;
	bool any = false;

	if (!header)
		return false;
	while (accept_next(&header, &element)) {
		if (accept_is(&element, "gzip") || accept_is(&element, "x-gzip"))
			return element.quality > 0;
		if (accept_is(&element, "*"))
			any = element.quality > 0;
	}
	return any;
}
