/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What each column says, and which of them fit. */
#include "view/columns.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "view/format.h"
#include "view/names.h"
#include "view/terminal_text.h"

static void cell_pid(const struct loop_row *row, bool unicode, char cell[CELL_LEN])
{
	(void)unicode;
	snprintf(cell, CELL_LEN, "%u", row->pid);
}

static void cell_tid(const struct loop_row *row, bool unicode, char cell[CELL_LEN])
{
	(void)unicode;
	snprintf(cell, CELL_LEN, "%u", row->tid);
}

/* The process is named too where the thread has a name of its own. */
static void cell_thread(const struct loop_row *row, bool unicode, char cell[CELL_LEN])
{
	char process[TERMINAL_COMM_LEN], thread[TERMINAL_COMM_LEN];

	(void)unicode;
	terminal_escape(process, sizeof(process), row->process);
	terminal_escape(thread, sizeof(thread), row->thread);
	if (strcmp(process, thread))
		snprintf(cell, CELL_LEN, "%s/%s", process, thread);
	else
		snprintf(cell, CELL_LEN, "%s", thread);
}

static void cell_runtime(const struct loop_row *row, bool unicode, char cell[CELL_LEN])
{
	(void)unicode;
	snprintf(cell, CELL_LEN, "%s", *row->runtime ? row->runtime : "-");
}

static void cell_container(const struct loop_row *row, bool unicode, char cell[CELL_LEN])
{
	(void)unicode;
	terminal_escape(cell, CELL_LEN, row->container);
}

static void cell_p50(const struct loop_row *row, bool unicode, char cell[CELL_LEN])
{
	format_duration(cell, row->lag_p50, unicode);
}

static void cell_p99(const struct loop_row *row, bool unicode, char cell[CELL_LEN])
{
	format_duration(cell, row->lag_p99, unicode);
}

static void cell_max(const struct loop_row *row, bool unicode, char cell[CELL_LEN])
{
	format_duration(cell, row->lag_max, unicode);
}

static void cell_utilization(const struct loop_row *row, bool unicode, char cell[CELL_LEN])
{
	(void)unicode;
	if (isnan(row->utilization))
		snprintf(cell, CELL_LEN, "-");
	else
		snprintf(cell, CELL_LEN, "%.0f%%", row->utilization * 100);
}

static void cell_iterations(const struct loop_row *row, bool unicode, char cell[CELL_LEN])
{
	(void)unicode;
	format_count(cell, row->iterations_per_s);
}

static void cell_stalls(const struct loop_row *row, bool unicode, char cell[CELL_LEN])
{
	(void)unicode;
	format_count(cell, row->stalls);
}

/* An unseen loop has been busy for at least so long. */
static void cell_stalled(const struct loop_row *row, bool unicode, char cell[CELL_LEN])
{
	char age[FORMAT_LEN];

	if (row->ended)
		snprintf(cell, CELL_LEN, "ended");
	else if (row->stalled_ns)
		snprintf(cell, CELL_LEN, "%s%s", row->unseen ? ">" : "",
			 format_duration(age, row->stalled_ns, unicode));
	else
		*cell = '\0';
}

static void cell_culprit(const struct loop_row *row, bool unicode, char cell[CELL_LEN])
{
	(void)unicode;
	snprintf(cell, CELL_LEN, "%s", row->culprit);
}

static void cell_causes(const struct loop_row *row, bool unicode, char cell[CELL_LEN])
{
	double busy = 0;
	size_t used = 0;

	(void)unicode;
	*cell = '\0';
	for (int i = 0; i < NR_CAUSES; i++)
		busy += row->cause_ns[i];
	for (int i = 0; busy > 0 && i < NR_CAUSES; i++) {
		double percent = 100 * row->cause_ns[i] / busy;

		if (percent >= 0.5)
			used += snprintf(cell + used, CELL_LEN - used, "%s%s %.0f%%",
					 used ? " " : "", cause_name(i), percent);
	}
}

_Static_assert(CELL_LEN >= FORMAT_LEN, "figures are formatted in place");
_Static_assert(CELL_LEN >= 2 * TERMINAL_COMM_LEN, "both names fit");
_Static_assert(CELL_LEN >= ROW_CULPRIT_LEN, "it is copied");
_Static_assert(CELL_LEN >= 2 * ROW_CONTAINER_LEN, "names of objects are harmless, ids too");

const struct column columns[NR_COLUMNS] = {
	{"PID", COLUMN_TEXT, 7, 7, 0, 0, true, cell_pid},
	{"TID", COLUMN_TEXT, 7, 7, 12, 0, true, cell_tid},
	{"THREAD", COLUMN_TEXT, 10, 31, 1, 0, false, cell_thread},
	{"RUNTIME", COLUMN_TEXT, 7, 8, 11, 0, false, cell_runtime},
	{"LAG p50", COLUMN_TEXT, 7, 7, 7, 0, true, cell_p50},
	{"p99", COLUMN_TEXT, 7, 7, 2, 0, true, cell_p99},
	{"max", COLUMN_TEXT, 7, 7, 6, 0, true, cell_max},
	{"UTILIZED", COLUMN_UTILIZATION, 8, 25, 3, 0, true, cell_utilization},
	{"ITER/S", COLUMN_TEXT, 6, 6, 9, 0, true, cell_iterations},
	{"STALLS", COLUMN_TEXT, 6, 6, 10, 0, true, cell_stalls},
	{"STALLED", COLUMN_STALLED, 7, 8, 4, 0, true, cell_stalled},
	{"CULPRIT", COLUMN_CULPRIT, 24, 48, 4, COLUMNS_CULPRIT, false, cell_culprit},
	{"POD", COLUMN_TEXT, 20, 60, 5, COLUMNS_CONTAINER, false, cell_container},
	{"CAUSES", COLUMN_CAUSES, 6, 40, 8, 0, false, cell_causes},
};

unsigned int columns_wanted(const struct loop_row *rows, size_t nr)
{
	unsigned int wanted = 0;

	for (size_t i = 0; i < nr; i++) {
		if (*rows[i].container)
			wanted |= COLUMNS_CONTAINER;
		if (*rows[i].culprit)
			wanted |= COLUMNS_CULPRIT;
	}
	return wanted;
}

/* The column of lowest rank that is not shown yet, NR_COLUMNS if all are. */
static int next_column(const int widths[NR_COLUMNS], unsigned int wanted)
{
	int best = NR_COLUMNS;

	for (int i = 0; i < NR_COLUMNS; i++) {
		if (!column_is_wanted(&columns[i], wanted))
			continue;
		if (!widths[i] && (best == NR_COLUMNS || columns[i].rank < columns[best].rank))
			best = i;
	}
	return best;
}

/* A cell more for each column that can use one, while there are any. */
static void widen(int widths[NR_COLUMNS], int left)
{
	bool any = true;

	while (any && left > 0) {
		any = false;
		for (int i = 0; i < NR_COLUMNS && left > 0; i++) {
			if (!widths[i] || widths[i] == columns[i].max)
				continue;
			widths[i]++;
			left--;
			any = true;
		}
	}
}

void columns_fit(int screen_width, unsigned int wanted, int ret_widths[NR_COLUMNS])
{
	int left = screen_width + COLUMN_GAP; /* the last one has no gap */

	memset(ret_widths, 0, NR_COLUMNS * sizeof(*ret_widths));
	for (int i = next_column(ret_widths, wanted); i < NR_COLUMNS;
	     i = next_column(ret_widths, wanted)) {
		if (left < columns[i].min + COLUMN_GAP)
			break;
		ret_widths[i] = columns[i].min;
		left -= columns[i].min + COLUMN_GAP;
	}
	widen(ret_widths, left);
}
