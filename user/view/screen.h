/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * `top`'s table on a terminal, by curses. One screen at a time: curses itself
 * has but one.
 */
#ifndef LOOPSCOPE_SCREEN_H
#define LOOPSCOPE_SCREEN_H

#include "view/row.h"

/* What to draw; nothing of it is kept. */
struct screen_table {
	const struct loop_row *rows; /* those that the filter lets through, in order */
	size_t nr;
	size_t nr_hidden;
	size_t first; /* the row at the top */
	const struct summary *summary;
	enum row_order order;
	const char *filter;
	bool filter_open; /* being typed */
	bool paused;
	double interval_s;
	const char *no_loop; /* why there is none to show; NULL: nothing is known of that */
};

/* -ENOTTY: not a terminal, or one on which text cannot be placed. */
int screen_open(void);
void screen_close(void); /* nothing if it is not open */

void screen_draw(const struct screen_table *table);
void screen_resize(void); /* the terminal has another size */

/* How many rows fit. */
size_t screen_nr_rows(void);

enum screen_key {
	SCREEN_KEY_NONE = -1, /* none is waiting */
	/* characters are themselves, up to 255 */
	SCREEN_KEY_UP = 256,
	SCREEN_KEY_DOWN,
	SCREEN_KEY_PAGE_UP,
	SCREEN_KEY_PAGE_DOWN,
	SCREEN_KEY_HOME,
	SCREEN_KEY_END,
	SCREEN_KEY_ERASE,
	SCREEN_KEY_OTHER,
};

/* An enum screen_key or a character. Never waits. */
int screen_read_key(void);

#endif
