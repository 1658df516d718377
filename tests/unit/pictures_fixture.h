/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Stalls made up for the tests of pictures, taken as a replay would take them. */
#ifndef LOOPSCOPE_TESTS_PICTURES_FIXTURE_H
#define LOOPSCOPE_TESTS_PICTURES_FIXTURE_H

#include "unit.h"

#include "commands/pictures.h"

#define PICTURES_BEGIN_NS (1000 * MS)

struct pictures_fixture {
	struct pictured_host host;
	struct history *history;
	struct pictures *pictures;
};

struct made_frame {
	const char *function, *file, *module;
	uint32_t line;
	uint8_t language, flags;
};

/* What is made of the items that `feed` puts, for free(): one picture alone. */
struct made_picture {
	char *data;
	size_t size;
	struct picture_losses losses;
};

enum picture_kind {
	PICTURE_FLAMEGRAPH,
	PICTURE_FOLDED,
	PICTURE_TIMELINE_JSON,
	PICTURE_TIMELINE_SVG,
	PICTURE_PPROF,
	NR_PICTURE_KINDS,
};

struct made_picture picture_made(enum picture_kind kind,
				 void (*feed)(struct pictures_fixture *fixture));

void pictures_put(struct pictures_fixture *fixture, enum item_kind kind, const void *data,
		  size_t size);
void pictures_put_mark(struct pictures_fixture *fixture, enum item_kind kind, __u64 now_ns);

/* A stall of the loop `tid`, begun and ended, in two causes, and its stacks evenly between. */
struct made_stall {
	__u32 tid;
	__u64 start_ns, end_ns;
	enum cause cause, other;
	__u64 other_ns;
	const char *thread, *process;
	const struct made_frame *const *stacks; /* each ended by a frame without function */
	size_t nr_stacks;
	uint8_t stack_flags;
	bool goes_on, woken;
};

void pictures_put_stall(struct pictures_fixture *fixture, const struct made_stall *stall);

/* A second of two programs that are stalled five times; of two of these there is no stack. */
void pictures_feed_example(struct pictures_fixture *fixture);

/* Names that would break out of any format. */
void pictures_feed_hostile(struct pictures_fixture *fixture);

/* Loops, and none of them stalled. */
void pictures_feed_quiet(struct pictures_fixture *fixture);

#endif
