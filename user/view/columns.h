/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The columns of `top`'s table, for a screen of any width and for plain lines. */
#ifndef LOOPSCOPE_COLUMNS_H
#define LOOPSCOPE_COLUMNS_H

#include "view/row.h"

#define CELL_LEN 320
#define NR_COLUMNS 14
#define COLUMN_GAP 1

enum column_kind {
	COLUMN_TEXT,
	COLUMN_UTILIZATION, /* drawn as a bar where there is room */
	COLUMN_CAUSES,      /* drawn as a stacked bar */
	COLUMN_STALLED,     /* to be noticed */
	COLUMN_CULPRIT,     /* dimmed where it is past */
};

/* Columns that are there only where a loop has something to say in them. */
#define COLUMNS_CONTAINER 1
#define COLUMNS_CULPRIT 2

struct column {
	const char *title;
	enum column_kind kind;
	int min, max;      /* width */
	int rank;          /* a narrow screen does without those of high rank */
	unsigned int only; /* where it is wanted: COLUMNS_...; 0: always */
	bool right;        /* aligned */
	/* The cell as plain text, harmless; an empty one where there is nothing to say. */
	void (*format)(const struct loop_row *row, bool unicode, char cell[CELL_LEN]);
};

extern const struct column columns[NR_COLUMNS];

/* The width of each column on a screen so wide; 0: not shown. */
void columns_fit(int screen_width, unsigned int wanted, int ret_widths[NR_COLUMNS]);

/* What the rows have something to say in. */
unsigned int columns_wanted(const struct loop_row *rows, size_t nr);

static inline bool column_is_wanted(const struct column *column, unsigned int wanted)
{
	return !column->only || column->only & wanted;
}

#endif
