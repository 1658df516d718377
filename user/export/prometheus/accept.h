/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a client says it takes: the elements of an Accept or Accept-Encoding
 * header with their parameters and quality, by RFC 9110. Pure; nothing is copied.
 */
#ifndef LOOPSCOPE_ACCEPT_H
#define LOOPSCOPE_ACCEPT_H

#include <stdbool.h>
#include <stddef.h>

#define ACCEPT_QUALITY_ONE 1000

struct accept_element {
	const char *name; /* "text/plain", "gzip"; not terminated */
	size_t name_length;
	const char *parameters; /* ";version=1.0.0;q=0.5"; not terminated */
	size_t parameters_length;
	unsigned int quality; /* thousandths; 0: not accepted, or not understood */
};

/* Takes the next element off the header; false at its end. */
bool accept_next(const char **header, struct accept_element *ret_element);

bool accept_is(const struct accept_element *element, const char *name);

/* The element has the parameter with this value. if_absent: the answer where it has no such one. */
bool accept_has(const struct accept_element *element, const char *parameter, const char *value,
		bool if_absent);

/* Whether an Accept-Encoding header (NULL: none was sent) allows gzip. */
bool accept_gzip(const char *header);

#endif
