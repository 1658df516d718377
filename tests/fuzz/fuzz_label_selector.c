/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The input is a selector. One that is wrong is told of in printable text; what a sound one
 * matches, it matches when it is given twice, too.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config/label_selector.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
	if (!condition)
		abort();
}

static const char *value_of(const void *object, const char *key)
{
	for (const char *const *pair = object; *pair; pair += 2) {
		if (strcmp(pair[0], key) == 0)
			return pair[1];
	}
	return NULL;
}

static int parse(const char *text, struct label_selector **ret_selector)
{
	char error[LABEL_SELECTOR_ERROR_LEN] = "";
	int r = label_selector_parse(text, ret_selector, error);

	require(r == 0 || r == -EINVAL);
	require(!r == !*error && strlen(error) < sizeof(error));
	for (const char *c = error; *c; c++)
		require(*c >= ' ' && *c < 0x7f);
	return r;
}

static void check_twice(const char *text, const struct label_selector *once)
{
	static const char *const labels[] = {"app", "web", "tier", "front", "example.com/track",
					     "",    "n",   "5",    NULL};
	static const char *const nothing[] = {NULL};
	_cleanup_(label_selector_freep) struct label_selector *twice = NULL;
	_cleanup_(freep) char *both = NULL;

	require(asprintf(&both, "%s,%s", text, text) >= 0);
	if (parse(both, &twice))
		return; /* too many terms, or none that a comma could follow */
	require(label_selector_matches(once, value_of, labels) ==
		label_selector_matches(twice, value_of, labels));
	require(label_selector_matches(once, value_of, nothing) ==
		label_selector_matches(twice, value_of, nothing));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(label_selector_freep) struct label_selector *selector = NULL;
	_cleanup_(freep) char *text = strndup((const char *)data, size);

	require(text);
	if (!parse(text, &selector))
		check_twice(text, selector);
	return 0;
}
