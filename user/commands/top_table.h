/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The state of `top`'s table: the rows of the last window, and what keys have
 * done to it. Knows neither session nor curses.
 */
#ifndef LOOPSCOPE_TOP_TABLE_H
#define LOOPSCOPE_TOP_TABLE_H

#include "commands/past_culprits.h"
#include "view/row.h"
#include "view/screen.h"

#define TOP_FILTER_LEN 32

struct top_table {
	__u64 blocking_ns;
	double interval_s;
	const struct past_culprits *past; /* shown of loops that do not stall; NULL: none are */
	struct summary summary;

	struct loop_row *rows; /* the last window's: first those that match the filter */
	size_t nr, capacity;
	size_t nr_matching;
	const char *no_loop; /* why one that waits for events is not there; NULL: all are */

	enum row_order order;
	size_t first; /* row at the top of the screen */
	bool paused;
	bool filter_open;
	char filter[TOP_FILTER_LEN];
};

void top_table_done(struct top_table *table);

/* A new window's rows: clear, add each (a session_visit_fn, with the table; -ENOMEM), arrange. */
void top_table_clear(struct top_table *table);
int top_table_add(const struct loop_entry *entry, void *context);
void top_table_arrange(struct top_table *table);

/* Does what the key (see view/screen.h) asks for; false if that is to end. */
bool top_table_key(struct top_table *table, int key, size_t screen_rows);

/* Scrolls back as far as the screen could not be filled otherwise. */
void top_table_fit(struct top_table *table, size_t screen_rows);

struct screen_table top_table_view(const struct top_table *table);

#endif
