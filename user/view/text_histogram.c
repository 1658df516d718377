/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Two histograms that share their rows: of lag, the share of arrivals that wait
 * so long; of busy intervals, how many there were. Each bar is drawn against
 * the longest of its own.
 */
#include "view/text_histogram.h"

#include <math.h>

#include "view/bars.h"
#include "view/format.h"
#include "view/histogram_rows.h"
#include "view/terminal_text.h"

#define LABEL_COLUMNS 20
#define BAR_COLUMNS 20
#define SHARE_COLUMNS 8
#define SHARE_SHOWN 0.0005 /* less is "0.0 %" */

struct drawn_histogram {
	double rows[HISTOGRAM_NR_ROWS];
	double total, highest;
};

static void prepare(struct drawn_histogram *drawn, const double weight[HISTOGRAM_NR_BUCKETS])
{
	*drawn = (struct drawn_histogram){};
	histogram_rows(weight, drawn->rows);
	for (int i = 0; i < HISTOGRAM_NR_ROWS; i++) {
		drawn->total += drawn->rows[i];
		drawn->highest = fmax(drawn->highest, drawn->rows[i]);
	}
}

static void put_label(FILE *out, int row, bool unicode)
{
	char lower[FORMAT_LEN], upper[FORMAT_LEN], label[2 * FORMAT_LEN + 8];

	format_duration(upper, histogram_row_upper_ns(row), unicode);
	format_duration(lower, row ? histogram_row_upper_ns(row - 1) : 0, unicode);
	if (!row)
		snprintf(label, sizeof(label), "%s %s", unicode ? "≤" : "<=", upper);
	else if (row == HISTOGRAM_NR_ROWS - 1)
		snprintf(label, sizeof(label), "> %s", lower);
	else
		snprintf(label, sizeof(label), "%s %s %s", lower, unicode ? "–" : "-", upper);
	fputs("  ", out);
	terminal_put_padded(out, label, LABEL_COLUMNS);
}

static void put_bar(FILE *out, double fraction, bool unicode)
{
	char bar[BAR_LEN];

	fprintf(out, "%s ", bar_draw(bar, fraction, BAR_COLUMNS, unicode));
}

static void put_row(FILE *out, const struct drawn_histogram *lag,
		    const struct drawn_histogram *busy, int row, bool unicode)
{
	char figure[FORMAT_LEN];

	put_label(out, row, unicode);
	put_bar(out, lag->rows[row] / lag->highest, unicode);
	fprintf(out, "%*s  ", SHARE_COLUMNS, format_percent(figure, lag->rows[row] / lag->total));
	put_bar(out, busy->rows[row] / busy->highest, unicode);
	fprintf(out, "%s\n", format_count(figure, busy->rows[row]));
}

static bool row_is_empty(const struct drawn_histogram *lag, const struct drawn_histogram *busy,
			 int row)
{
	return lag->rows[row] < SHARE_SHOWN * lag->total && !busy->rows[row];
}

void text_write_histograms(FILE *out, const struct loop_report *report, bool unicode)
{
	double counts[HISTOGRAM_NR_BUCKETS];
	struct drawn_histogram lag, busy;
	int first = 0, last = HISTOGRAM_NR_ROWS - 1;

	for (int i = 0; i < HISTOGRAM_NR_BUCKETS; i++)
		counts[i] = report->busy.histogram.count[i];
	prepare(&lag, report->lag.time_ns);
	prepare(&busy, counts);
	if (!(lag.total > 0) || !(busy.total > 0))
		return;
	while (first < last && row_is_empty(&lag, &busy, first))
		first++;
	while (last > first && row_is_empty(&lag, &busy, last))
		last--;
	fprintf(out, "\n  %*s%-*s%s\n", LABEL_COLUMNS, "", BAR_COLUMNS + SHARE_COLUMNS + 3,
		"lag (share of arrivals)", "busy intervals");
	for (int row = first; row <= last; row++)
		put_row(out, &lag, &busy, row, unicode);
}
