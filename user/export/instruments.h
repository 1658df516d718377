/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The instruments: one table of every metric's name, unit, kind and what its
 * points are. All encoders walk it, so that a metric is defined in one place.
 */
#ifndef LOOPSCOPE_INSTRUMENTS_H
#define LOOPSCOPE_INSTRUMENTS_H

#include "config/settings/settings.h"
#include "export/figures.h"

#define POINT_MAX_ATTRIBUTES 8

enum instrument_kind {
	INSTRUMENT_GAUGE,
	INSTRUMENT_COUNTER,         /* monotonic */
	INSTRUMENT_UP_DOWN_COUNTER, /* what there is now: cumulative whatever is asked for */
	INSTRUMENT_HISTOGRAM,
};

enum instrument_number { NUMBER_INTEGER, NUMBER_DOUBLE };

/* Buckets of include/histogram.h: bounds in `unit` are histogram_bounds[]. Ended values only. */
struct point_histogram {
	__u64 count;
	double sum; /* in the instrument's unit */
	__u64 buckets[HISTOGRAM_NR_BUCKETS];
};

#define EXEMPLAR_ATTRIBUTES 4

/* A measurement that a histogram holds, with attributes that its point has not. */
struct point_exemplar {
	struct attribute attributes[EXEMPLAR_ATTRIBUTES];
	__u64 time_unix_ns;
	double value; /* in the instrument's unit */
};

struct point {
	struct attribute attributes[POINT_MAX_ATTRIBUTES];
	size_t nr_attributes;
	__u64 start_unix_ns; /* 0 for gauges */
	__u64 time_unix_ns;
	bool has_exemplar; /* histograms alone */
	struct point_exemplar exemplar;
	union {
		__u64 integer;
		double number;
		struct point_histogram histogram;
	};
};

struct instrument {
	const char *name; /* "event_loop.lag" */
	const char *unit; /* UCUM: "ms", "%", "1", "{event}", "By", "s" */
	const char *description;
	enum instrument_kind kind;
	enum instrument_number number;
	bool otlp_only;                    /* `up` */
	const struct point_source *source; /* what makes its points: export/points.h */
};

extern const struct instrument instruments[];
extern const size_t nr_instruments;

/*
 * How many loops are shown by themselves in each metric made of a group's totals: those of an
 * ordinal below the limit. Others are in the overflow.
 */
size_t instrument_group_limit(enum totals_group group, const struct figures *figures);

/* A point, valid during the call. Non-zero stops the walk and is returned. */
typedef int (*point_fn)(const struct point *point, void *context);

/* The points of an instrument for the loops and process of a resource; overflow applied. */
int instrument_points(const struct instrument *instrument, const struct figures *figures,
		      const struct resource_figures *resource, enum temporality temporality,
		      point_fn callback, void *context);

/* The same for the agent's own figures; since: what a delta reader has, NULL for nothing. */
int instrument_agent_points(const struct instrument *instrument, const struct figures *figures,
			    const struct agent_figures *since, __u64 since_unix_ns,
			    enum temporality temporality, point_fn callback, void *context);

#endif
