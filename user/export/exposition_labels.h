/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Labels of a series: attributes with valid names, and their values as text.
 * Attributes whose names come out the same are one label, their values joined
 * by `;` in the order of their keys, as OpenTelemetry's rules for Prometheus say.
 */
#ifndef LOOPSCOPE_EXPOSITION_LABELS_H
#define LOOPSCOPE_EXPOSITION_LABELS_H

#include "base/buffer.h"
#include "export/exposition_names.h"
#include "identity/attributes.h"

#define LABELS_MAX (ATTRIBUTES_MAX + POINT_MAX_ATTRIBUTES)

struct label {
	char name[LABEL_NAME_LEN];
	size_t value; /* offset of its text in `values` */
};

/* All zero is an empty one. Memory is kept for the next set. */
struct labels {
	struct label items[LABELS_MAX];
	size_t nr;
	struct buffer values; /* terminated texts */
};

/* Attributes in any order; of those with the same key the first counts. -ENOMEM. */
int labels_make(struct labels *labels, const struct attribute *const *attributes, size_t nr);
void labels_done(struct labels *labels);

static inline const char *label_value(const struct labels *labels, size_t index)
{
	return (const char *)labels->values.data + labels->items[index].value;
}

#endif
