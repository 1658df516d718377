/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Rows, filter, order and scrolling. */
#include "commands/top_table.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_ESCAPE 27
#define KEY_ERASE_WORD 21 /* ^U */

void top_table_done(struct top_table *table)
{
	free(table->rows);
}

void top_table_clear(struct top_table *table)
{
	table->nr = table->nr_matching = 0;
}

/* Until it stalls again. */
static void name_past_culprit(const struct top_table *table, const struct loop_id *id,
			      struct loop_row *row)
{
	const char *past = table->past ? past_culprits_of(table->past, id) : NULL;

	if (!past || row->stalled_ns)
		return;
	snprintf(row->culprit, sizeof(row->culprit), "%s", past);
	row->culprit_past = true;
}

int top_table_add(const struct loop_entry *entry, void *context)
{
	struct top_table *table = context;

	if (entry->no_loop) {
		table->no_loop = entry->no_loop;
		return 0;
	}
	if (table->nr == table->capacity) {
		size_t capacity = table->capacity ? 2 * table->capacity : 32;
		struct loop_row *rows = reallocarray(table->rows, capacity, sizeof(*rows));

		if (!rows)
			return -ENOMEM;
		table->rows = rows;
		table->capacity = capacity;
	}
	row_from_entry(entry, table->blocking_ns, &table->rows[table->nr]);
	name_past_culprit(table, &entry->report->id, &table->rows[table->nr++]);
	return 0;
}

static void swap_rows(struct loop_row *a, struct loop_row *b)
{
	struct loop_row kept = *a;

	*a = *b;
	*b = kept;
}

void top_table_arrange(struct top_table *table)
{
	table->nr_matching = 0;
	for (size_t i = 0; i < table->nr; i++) {
		if (row_matches(&table->rows[i], table->filter))
			swap_rows(&table->rows[i], &table->rows[table->nr_matching++]);
	}
	rows_sort(table->rows, table->nr_matching, table->order);
}

void top_table_fit(struct top_table *table, size_t screen_rows)
{
	size_t last = table->nr_matching > screen_rows ? table->nr_matching - screen_rows : 0;

	if (table->first > last)
		table->first = last;
}

static bool scroll_key(struct top_table *table, int key, size_t screen_rows)
{
	size_t *first = &table->first;

	switch (key) {
	case SCREEN_KEY_UP:
	case 'k':
		*first -= *first > 0;
		break;
	case SCREEN_KEY_DOWN:
	case 'j':
		(*first)++;
		break;
	case SCREEN_KEY_PAGE_UP:
		*first -= *first < screen_rows ? *first : screen_rows;
		break;
	case SCREEN_KEY_PAGE_DOWN:
		*first += screen_rows;
		break;
	case SCREEN_KEY_HOME:
		*first = 0;
		break;
	case SCREEN_KEY_END:
		*first = table->nr_matching;
		break;
	default:
		return false;
	}
	top_table_fit(table, screen_rows);
	return true;
}

static void set_order(struct top_table *table, enum row_order order)
{
	table->order = order;
	table->first = 0;
	top_table_arrange(table);
}

static void order_key(struct top_table *table, int key)
{
	static const char keys[NR_ROW_ORDERS + 1] = {
		[ROW_BY_LAG] = 'l',        [ROW_BY_MAX] = 'm',    [ROW_BY_UTILIZATION] = 'u',
		[ROW_BY_ITERATIONS] = 'i', [ROW_BY_STALLS] = 't', [ROW_BY_PID] = 'p',
	};
	const char *found = key > 0 && key < 128 ? strchr(keys, key) : NULL;

	if (key == 's')
		set_order(table, (table->order + 1) % NR_ROW_ORDERS);
	else if (found)
		set_order(table, found - keys);
}

static void filter_key(struct top_table *table, int key)
{
	size_t length = strlen(table->filter);

	if (key == '\n' || key == '\r') {
		table->filter_open = false;
		return;
	}
	if (key == KEY_ESCAPE) {
		table->filter_open = false;
		length = 0;
	} else if (key == KEY_ERASE_WORD) {
		length = 0;
	} else if (key == SCREEN_KEY_ERASE) {
		length -= length > 0;
	} else if (key > 0 && key < 128 && isprint(key) && length < TOP_FILTER_LEN - 1) {
		table->filter[length++] = key;
	}
	table->filter[length] = '\0';
	table->first = 0;
	top_table_arrange(table);
}

bool top_table_key(struct top_table *table, int key, size_t screen_rows)
{
	if (table->filter_open) {
		filter_key(table, key);
		return true;
	}
	if (scroll_key(table, key, screen_rows))
		return true;
	switch (key) {
	case 'q':
		return false;
	case ' ':
		table->paused = !table->paused;
		break;
	case '/':
		table->filter_open = true;
		break;
	case KEY_ESCAPE:
		filter_key(table, key);
		break;
	default:
		order_key(table, key);
	}
	return true;
}

struct screen_table top_table_view(const struct top_table *table)
{
	return (struct screen_table){
		.rows = table->rows,
		.nr = table->nr_matching,
		.nr_hidden = table->nr - table->nr_matching,
		.first = table->first,
		.summary = &table->summary,
		.order = table->order,
		.filter = table->filter,
		.filter_open = table->filter_open,
		.paused = table->paused,
		.interval_s = table->interval_s,
		.no_loop = table->nr ? NULL : table->no_loop,
	};
}
