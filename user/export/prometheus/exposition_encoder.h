/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Between the walk over all series (exposition.c) and the formats. Private to exposition*.c. */
#ifndef LOOPSCOPE_EXPOSITION_ENCODER_H
#define LOOPSCOPE_EXPOSITION_ENCODER_H

#include "export/prometheus/exposition.h"
#include "export/prometheus/exposition_buckets.h"
#include "export/prometheus/exposition_labels.h"
#include "export/prometheus/exposition_number.h"

enum family_type { FAMILY_GAUGE, FAMILY_COUNTER, FAMILY_HISTOGRAM, FAMILY_INFO };

#define HELP_LEN 256
#define BOUND_TEXT_LEN (NUMBER_TEXT_LEN + 2)

/* A metric: its series follow each other in every format. */
struct family {
	enum family_type type;
	char name[METRIC_NAME_LEN]; /* without _total and _info */
	const char *unit;           /* the last word of the name; "": none */
	char help[HELP_LEN];
	bool integers; /* numbers are integers */
	struct classic_buckets buckets;
	char le[SETTINGS_MAX_BOUNDS][BOUND_TEXT_LEN]; /* theirs, as the text formats write them */
};

struct encoder;

/* Which attributes of a resource are labels of its series. */
struct resource_labels {
	const struct attribute **attributes; /* borrowed from the figures */
	size_t nr;
};

struct exposition {
	const struct figures *figures;
	const struct exposition_options *options;
	exposition_write_fn write;
	void *context;
	const struct encoder *encoder;

	struct resource_labels *resources; /* one for each of the figures */
	const struct attribute **attributes;

	const struct instrument *instrument;
	const struct resource_labels *resource; /* of the walk; NULL: the agent's own figures */
	struct family family;
	struct labels labels; /* of the point */
	bool begun;           /* a point of the family has come */
	bool measuring;       /* the first of two walks */
	size_t measured;      /* bytes of all its points */

	struct buffer out;         /* not yet written */
	struct buffer label_texts; /* of the point, for the text formats: a="b",c="d" */
};

struct encoder {
	bool measures; /* a family's size comes before its points: they are walked over twice */
	int (*begin)(struct exposition *exposition);
	int (*point)(struct exposition *exposition, const struct point *point);
	int (*finish)(struct exposition *exposition); /* NULL: nothing to do at the end */
};

extern const struct encoder encoder_text, encoder_openmetrics, encoder_protobuf;

/* Writes what is in `out` once it is worth a call; `all`: in any case. */
int exposition_flush(struct exposition *exposition, bool all);

#endif
