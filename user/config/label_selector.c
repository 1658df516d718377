/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Label selectors: words, marks and parentheses into terms. A word that is no label's key or
 * value is refused, since no label could ever match it: it is a typing error.
 */
#include "config/label_selector.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "config/label_syntax.h"
#include "config/number.h"

#define MARKS "=!<>(),"
#define BLANKS " \t\r\n"
#define MAX_SHOWN 32 /* of what is wrong */

enum operation { EXISTS, EXISTS_NOT, IN, NOT_IN, GREATER, LESS };

struct term {
	enum operation operation;
	char *key;
	char **values; /* at least one; of GREATER and LESS one: a number */
	size_t nr_values;
};

struct label_selector {
	struct term terms[LABEL_SELECTOR_MAX_TERMS];
	size_t nr;
};

/* A word, a mark or a pair of marks; empty at the end. */
struct token {
	const char *text;
	size_t length;
};

struct parser {
	const char *text, *at;
	struct token token; /* the next one */
	char *error;
};

void label_selector_free(struct label_selector *selector)
{
	if (!selector)
		return;
	for (size_t i = 0; i < selector->nr; i++) {
		struct term *term = &selector->terms[i];

		for (size_t j = 0; j < term->nr_values; j++)
			free(term->values[j]);
		free(term->values);
		free(term->key);
	}
	free(selector);
}

static void advance(struct parser *parser)
{
	const char *at = parser->at + strspn(parser->at, BLANKS);
	size_t length = strcspn(at, MARKS BLANKS);

	if (!length && *at)
		length = (*at == '=' || *at == '!') && at[1] == '=' ? 2 : 1;
	parser->token = (struct token){.text = at, .length = length};
	parser->at = at + length;
}

static bool is(const struct parser *parser, const char *text)
{
	return parser->token.length == strlen(text) &&
	       memcmp(parser->token.text, text, parser->token.length) == 0;
}

static bool at_word(const struct parser *parser)
{
	return parser->token.length && !strchr(MARKS, *parser->token.text);
}

static bool at_end(const struct parser *parser)
{
	return !parser->token.length;
}

/* What is not ASCII belongs in no selector, and control characters in no message. */
static void copy_shown(char to[MAX_SHOWN + 1], const struct token *token)
{
	size_t length = token->length < MAX_SHOWN ? token->length : MAX_SHOWN;

	for (size_t i = 0; i < length; i++)
		to[i] = token->text[i] > ' ' && token->text[i] < 0x7f ? token->text[i] : '?';
	to[length] = '\0';
}

/* Where the next token is, what it is, and what is wrong with it. */
static int fail(const struct parser *parser, const char *what)
{
	char shown[MAX_SHOWN + 1];

	copy_shown(shown, &parser->token);
	if (at_end(parser))
		snprintf(parser->error, LABEL_SELECTOR_ERROR_LEN, "at its end: %s", what);
	else
		snprintf(parser->error, LABEL_SELECTOR_ERROR_LEN, "at character %td, '%s': %s",
			 parser->token.text - parser->text + 1, shown, what);
	return -EINVAL;
}

static int take_key(struct parser *parser, struct term *term)
{
	if (!at_word(parser))
		return fail(parser, "a label's key is expected");
	if (!label_is_key(parser->token.text, parser->token.length))
		return fail(parser, "no label's key: at most 63 of A-Z a-z 0-9 - _ . and perhaps a "
				    "DNS name and / before");
	term->key = strndup(parser->token.text, parser->token.length);
	if (!term->key)
		return -ENOMEM;
	advance(parser);
	return 0;
}

/* The next word, or an empty value if there is none. */
static int take_value(struct parser *parser, struct term *term)
{
	struct token value = at_word(parser) ? parser->token : (struct token){.text = ""};

	if (!label_is_value(value.text, value.length))
		return fail(parser, "no label's value: at most 63 of A-Z a-z 0-9 - _ .");
	if (term->nr_values == LABEL_SELECTOR_MAX_VALUES)
		return fail(parser, "too many values");
	term->values[term->nr_values] = strndup(value.text, value.length);
	if (!term->values[term->nr_values])
		return -ENOMEM;
	term->nr_values++;
	if (value.length)
		advance(parser);
	return 0;
}

static int take_number(struct parser *parser, struct term *term)
{
	struct parser before = *parser;
	int r = take_value(parser, term);
	long number;

	if (!r && number_parse_whole(term->values[0], 0, LONG_MAX, &number))
		return fail(&before, "a whole number is expected");
	return r;
}

/* "(a,b)"; "(a,)" and "()" have an empty value. */
static int take_values(struct parser *parser, struct term *term)
{
	int r;

	if (!is(parser, "("))
		return fail(parser, "values in parentheses are expected, like: in (a,b)");
	advance(parser);
	for (;;) {
		r = take_value(parser, term);
		if (r)
			return r;
		if (!is(parser, ","))
			break;
		advance(parser);
	}
	if (!is(parser, ")"))
		return fail(parser, "',' or ')' is expected");
	advance(parser);
	return 0;
}

static int take_operation(struct parser *parser, struct term *term)
{
	static const struct {
		const char *text;
		enum operation operation;
		int (*take)(struct parser *parser, struct term *term);
	} operations[] = {
		{"=", IN, take_value},          {"==", IN, take_value},
		{"!=", NOT_IN, take_value},     {"in", IN, take_values},
		{"notin", NOT_IN, take_values}, {">", GREATER, take_number},
		{"<", LESS, take_number},
	};

	for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++) {
		if (!is(parser, operations[i].text))
			continue;
		term->operation = operations[i].operation;
		term->values = calloc(LABEL_SELECTOR_MAX_VALUES, sizeof(*term->values));
		if (!term->values)
			return -ENOMEM;
		advance(parser);
		return operations[i].take(parser, term);
	}
	return fail(parser, "one of = == != in notin > < is expected, or ','");
}

static int take_term(struct parser *parser, struct term *term)
{
	bool denied = is(parser, "!");
	int r;

	if (denied)
		advance(parser);
	term->operation = denied ? EXISTS_NOT : EXISTS;
	r = take_key(parser, term);
	if (r || denied || at_end(parser) || is(parser, ","))
		return r;
	return take_operation(parser, term);
}

static int take_terms(struct parser *parser, struct label_selector *selector)
{
	int r;

	if (at_end(parser))
		return 0;
	for (;;) {
		if (selector->nr == LABEL_SELECTOR_MAX_TERMS)
			return fail(parser, "too many terms");
		r = take_term(parser, &selector->terms[selector->nr++]);
		if (r || at_end(parser))
			return r;
		if (!is(parser, ","))
			return fail(parser, "',' is expected");
		advance(parser);
	}
}

int label_selector_parse(const char *text, struct label_selector **ret_selector, char *error)
{
	struct parser parser = {.text = text, .at = text, .error = error};
	_cleanup_(label_selector_freep) struct label_selector *selector =
		calloc(1, sizeof(*selector));
	int r;

	if (!selector)
		return -ENOMEM;
	advance(&parser);
	r = take_terms(&parser, selector);
	if (!r)
		*ret_selector = TAKE_PTR(selector);
	return r;
}

static bool is_one_of(const struct term *term, const char *value)
{
	for (size_t i = 0; i < term->nr_values; i++) {
		if (strcmp(term->values[i], value) == 0)
			return true;
	}
	return false;
}

/* Of what is no whole number, neither holds. */
static bool compares(const struct term *term, const char *value)
{
	long number, bound;

	if (number_parse_whole(value, 0, LONG_MAX, &number) ||
	    number_parse_whole(term->values[0], 0, LONG_MAX, &bound))
		return false;
	return term->operation == GREATER ? number > bound : number < bound;
}

static bool holds(const struct term *term, const char *value)
{
	switch (term->operation) {
	case EXISTS:
		return value;
	case EXISTS_NOT:
		return !value;
	case IN:
		return value && is_one_of(term, value);
	case NOT_IN:
		return !value || !is_one_of(term, value);
	case GREATER:
	case LESS:
		break;
	}
	return value && compares(term, value);
}

bool label_selector_matches(const struct label_selector *selector, label_value_fn value,
			    const void *object)
{
	for (size_t i = 0; i < selector->nr; i++) {
		if (!holds(&selector->terms[i], value(object, selector->terms[i].key)))
			return false;
	}
	return true;
}
