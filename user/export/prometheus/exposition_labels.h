/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Labels of a series: attributes with valid names, and their values as text.
 * Attributes whose names come out the same are one label, their values joined
 * by `;` in the order of their keys, as OpenTelemetry's rules for Prometheus say.
 */
#ifndef LOOPSCOPE_EXPOSITION_LABELS_H
#define LOOPSCOPE_EXPOSITION_LABELS_H

#include "base/buffer.h"
#include "export/prometheus/exposition_names.h"
#include "identity/attributes.h"

#define LABELS_MAX (ATTRIBUTES_MAX + POINT_MAX_ATTRIBUTES)

#define LABEL_NAMES 1024 /* a power of two, well above LABELS_MAX */

/* A key seen before: the same few make up nearly all labels of an exposition. */
struct name_of_key {
	const char *key; /* NULL: unused */
	unsigned int hash;
	char name[LABEL_NAME_LEN];
};

struct label {
	const char *name;
	size_t value; /* offset of its text in `values` */
};

/* All zero is an empty one. Memory is kept for the next set; the keys must live as long. */
struct labels {
	struct label items[LABELS_MAX];
	size_t nr;
	struct buffer values; /* terminated texts */
	struct name_of_key names[LABEL_NAMES];
	size_t nr_names;
};

/* Attributes in any order; of those with the same key the first counts. -ENOMEM. */
int labels_make(struct labels *labels, const struct attribute *const *attributes, size_t nr);
void labels_done(struct labels *labels);

static inline const char *label_value(const struct labels *labels, size_t index)
{
	return (const char *)labels->values.data + labels->items[index].value;
}

#endif
