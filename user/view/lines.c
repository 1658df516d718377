/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* All columns, whatever their rank; the last is as long as it has to be. */
#include "view/lines.h"

#include <string.h>

#include "view/columns.h"
#include "view/format.h"
#include "view/terminal_text.h"

#define NAME_COLUMNS 20
#define WIDE_COLUMNS 40
#define TIME_LEN 16

static void put_cell(FILE *out, int index, const char *text)
{
	const struct column *column = &columns[index];
	int width = column->max < NAME_COLUMNS ? column->max : NAME_COLUMNS;

	if (column->kind == COLUMN_UTILIZATION)
		width = column->min;
	if (column->only)
		width = WIDE_COLUMNS;
	fputs(" ", out);
	if (index == NR_COLUMNS - 1)
		fprintf(out, "%s\n", text);
	else
		terminal_put_padded(out, text, column->right ? -width : width);
}

void lines_write_header(FILE *out, unsigned int wanted)
{
	fputs("TIME    ", out);
	for (int i = 0; i < NR_COLUMNS; i++) {
		if (column_is_wanted(&columns[i], wanted))
			put_cell(out, i, columns[i].title);
	}
}

static const char *format_time(char buffer[TIME_LEN], time_t now)
{
	struct tm local;

	strftime(buffer, TIME_LEN, "%H:%M:%S", localtime_r(&now, &local));
	return buffer;
}

void lines_write_rows(FILE *out, const struct loop_row *rows, size_t nr, time_t now, bool unicode,
		      unsigned int wanted)
{
	char time[TIME_LEN], cell[CELL_LEN];

	format_time(time, now);
	for (size_t i = 0; i < nr; i++) {
		fputs(time, out);
		for (int j = 0; j < NR_COLUMNS; j++) {
			if (!column_is_wanted(&columns[j], wanted))
				continue;
			columns[j].format(&rows[i], unicode, cell);
			put_cell(out, j, *cell ? cell : "-");
		}
	}
}

void lines_write_omitted(FILE *out, size_t nr, time_t now)
{
	char time[TIME_LEN], more[FORMAT_LEN];

	fprintf(out, "%s %s\n", format_time(time, now), format_counted(more, nr, "more loop"));
}
