/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Label selectors as kubectl takes them: app=web,tier!=cache,env in (a,b),!legacy,track; and
 * cores>4, of labels that are whole numbers. All terms must hold; an empty selector matches
 * everything. != and notin hold where there is no such label, = "" does not.
 * Pure. (Kubernetes, "Labels and Selectors".)
 */
#ifndef LOOPSCOPE_LABEL_SELECTOR_H
#define LOOPSCOPE_LABEL_SELECTOR_H

#include <stdbool.h>

#include "base/cleanup.h"

#define LABEL_SELECTOR_ERROR_LEN 160
#define LABEL_SELECTOR_MAX_TERMS 32
#define LABEL_SELECTOR_MAX_VALUES 64 /* of one term */

struct label_selector;

/* -EINVAL: `error` (LABEL_SELECTOR_ERROR_LEN) says what is wrong; -ENOMEM. */
int label_selector_parse(const char *text, struct label_selector **ret_selector, char *error);
void label_selector_free(struct label_selector *selector);
DEFINE_CLEANUP(struct label_selector *, label_selector_free)

/* The value of the object's label of that key, or NULL. */
typedef const char *(*label_value_fn)(const void *object, const char *key);

bool label_selector_matches(const struct label_selector *selector, label_value_fn value,
			    const void *object);

#endif
