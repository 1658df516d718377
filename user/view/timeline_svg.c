/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Draws what timeline_rows has gathered. */
#include "view/timeline_svg.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/plain_text.h"
#include "view/format.h"
#include "view/names.h"
#include "view/picture_style.h"
#include "view/timeline_axis.h"
#include "view/timeline_rows.h"

#define MAX_LOOPS 4096
#define MAX_ROWS 60
#define MAX_STALLS 5000
#define WIDTH 1200.0
#define LEFT 270.0
#define RIGHT 50.0
#define TOP 104.0
#define BOTTOM 30.0
#define ROW 24.0
#define BAND 18.0
#define NAME_CHARACTERS 22
#define CULPRIT_CHARACTERS 100
#define LEAST_BAR 1.0 /* pixels */
#define NS_PER_MS 1e6

struct timeline_svg {
	const struct pictured_host *host;
	size_t max_rows;
	struct timeline_rows *rows;
};

int timeline_svg_new(const struct timeline_svg_options *options, struct timeline_svg **ret_timeline)
{
	_cleanup_(timeline_svg_freep) struct timeline_svg *timeline = calloc(1, sizeof(*timeline));
	int r;

	if (!timeline)
		return -ENOMEM;
	timeline->host = options->host;
	timeline->max_rows = options->max_rows ?: MAX_ROWS;
	r = timeline_rows_new(options->host->begin_ns, options->max_loops ?: MAX_LOOPS,
			      options->max_stalls ?: MAX_STALLS, &timeline->rows);
	if (r)
		return r;
	*ret_timeline = TAKE_PTR(timeline);
	return 0;
}

void timeline_svg_free(struct timeline_svg *timeline)
{
	if (!timeline)
		return;
	timeline_rows_free(timeline->rows);
	free(timeline);
}

int timeline_svg_add_share(struct timeline_svg *timeline, const struct window_share *share)
{
	return timeline_rows_add_share(timeline->rows, share);
}

int timeline_svg_add_stall(struct timeline_svg *timeline, const struct loop_entry *entry)
{
	return timeline_rows_add_stall(timeline->rows, entry->stall);
}

struct drawing {
	FILE *out;
	struct timeline_svg *timeline;
	struct timeline_row *const *rows;
	size_t nr_rows, nr_all;
	const struct timeline_bar *bars;
	size_t nr_bars, bars_undrawn;
	__u64 begin_ns, end_ns;
	double height;
	struct buffer text;
};

static double x_of(const struct drawing *drawing, __u64 time_ns)
{
	const double share = (double)(time_ns - drawing->begin_ns) /
			     (double)(drawing->end_ns - drawing->begin_ns);

	return LEFT + (share < 1 ? share : 1) * (WIDTH - LEFT - RIGHT);
}

static double y_of(size_t row)
{
	return TOP + (double)row * ROW;
}

static const char *text_of(struct buffer *buffer)
{
	return buffer_append(buffer, "", 1) ? "" : (const char *)buffer->data;
}

static void write_head(struct drawing *drawing)
{
	const struct pictured_host *host = drawing->timeline->host;
	struct buffer *text = &drawing->text;
	char begin[CLOCK_TEXT_LEN];

	buffer_reset(text);
	buffer_append_text(text, "Stalls of event loops on ");
	plain_text_append_xml(text, host->hostname);
	buffer_printf(text, ", recorded from %s", clock_text(host->begin_unix_ns, begin));
	fprintf(drawing->out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<!-- SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause -->\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
		"viewBox=\"0 0 %.0f %.0f\" aria-labelledby=\"title desc\">\n"
		"<title id=\"title\">%s</title>\n"
		"<desc id=\"desc\">A row for each event loop. Bars are stalls, exactly when they "
		"were, in the colour of the cause that most of each went on. The band behind them "
		"is as high as the loop was busy.</desc>\n",
		WIDTH, drawing->height, WIDTH, drawing->height, text_of(text));
	picture_write_style(drawing->out);
	fprintf(drawing->out,
		"<rect class=\"paper\" width=\"100%%\" height=\"100%%\"/>\n"
		"<text x=\"10\" y=\"24\" font-size=\"16\" font-weight=\"bold\">%s</text>\n"
		"<text class=\"muted\" x=\"10\" y=\"44\">Bars are stalls, in the colour of what "
		"most of each went on; the order of its causes is not known. Behind: utilization."
		"</text>\n",
		text_of(text));
	picture_write_legend(drawing->out, 10, 66);
}

static void write_axis(const struct drawing *drawing)
{
	const struct pictured_host *host = drawing->timeline->host;
	const __u64 length_ns = drawing->end_ns - drawing->begin_ns;
	const __u64 step_ns = timeline_axis_step_ns(length_ns);
	const double bottom = y_of(drawing->nr_rows);
	/* ticks stand at whole steps of the day */
	const __u64 before_ns = (step_ns - host->begin_unix_ns % step_ns) % step_ns;
	char text[TIMELINE_AXIS_LEN];

	for (__u64 at_ns = before_ns; at_ns <= length_ns; at_ns += step_ns) {
		const double x = x_of(drawing, drawing->begin_ns + at_ns);

		fprintf(drawing->out,
			"<path class=\"line\" d=\"M%.1f %.1fV%.1f\"/>"
			"<text class=\"muted\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s"
			"</text>\n",
			x, TOP - 10, bottom, x, TOP - 14,
			timeline_axis_text(host->begin_unix_ns + at_ns, step_ns, text));
	}
	fprintf(drawing->out, "<text class=\"muted\" x=\"10\" y=\"%.1f\">UTC</text>\n", TOP - 14);
}

static void write_name(struct drawing *drawing, const struct timeline_row *row, double y)
{
	struct buffer *text = &drawing->text;
	char stalls[FORMAT_LEN];

	buffer_reset(text);
	picture_append_cut(text, row->process, NAME_CHARACTERS);
	if (strcmp(row->process, row->thread) != 0) {
		buffer_append_text(text, "/");
		picture_append_cut(text, row->thread, NAME_CHARACTERS);
	}
	buffer_printf(text, " %u", row->identity.tid);
	fprintf(drawing->out,
		"<text x=\"10\" y=\"%.1f\">%s<title>%s: pid %u, thread %u; %s, %.1f ms in all"
		"</title></text>\n",
		y + BAND - 5, text_of(text), text_of(text), row->identity.pid, row->identity.tid,
		format_counted(stalls, row->stalls, "stall"), row->stalled_ns / NS_PER_MS);
}

/* One path for the whole row. */
static void write_utilization(struct drawing *drawing, const struct timeline_row *row, double y)
{
	const __u64 bin_ns = timeline_rows_bin_ns(drawing->timeline->rows);

	fputs("<path class=\"faint\" d=\"", drawing->out);
	for (size_t i = 0; i < TIMELINE_NR_BINS; i++) {
		const __u64 from_ns = drawing->begin_ns + i * bin_ns;
		const double known = row->known_ns[i];
		const double height = known > 0 ? BAND * row->busy_ns[i] / known : 0;

		if (from_ns >= drawing->end_ns)
			break;
		if (height < 0.05)
			continue;
		fprintf(drawing->out, "M%.1f %.1fV%.1fH%.1fV%.1fz", x_of(drawing, from_ns),
			y + BAND, y + BAND - height, x_of(drawing, from_ns + bin_ns), y + BAND);
	}
	fputs("\"/>\n", drawing->out);
}

static void write_rows(struct drawing *drawing)
{
	for (size_t i = 0; i < drawing->nr_rows; i++) {
		const double y = y_of(i);

		write_name(drawing, drawing->rows[i], y);
		write_utilization(drawing, drawing->rows[i], y);
		fprintf(drawing->out, "<path class=\"line\" d=\"M%.0f %.1fH%.0f\"/>\n", LEFT,
			y + BAND, WIDTH - RIGHT);
	}
}

static void append_hover(struct drawing *drawing, const struct timeline_bar *bar)
{
	const struct pictured_host *host = drawing->timeline->host;
	struct buffer *text = &drawing->text;
	char begin[CLOCK_TEXT_LEN];

	buffer_reset(text);
	if (*bar->culprit)
		picture_append_cut(text, bar->culprit, CULPRIT_CHARACTERS);
	else
		buffer_append_text(text, "no stack");
	if (*bar->place) {
		buffer_append_text(text, "\n");
		plain_text_append_xml(text, bar->place);
	}
	buffer_printf(text, "\n%.1f ms from %s on%s", (bar->to_ns - bar->from_ns) / NS_PER_MS,
		      clock_text(host->begin_unix_ns + (bar->from_ns - drawing->begin_ns), begin),
		      bar->state == STALL_ENDED  ? ""
		      : bar->state == STALL_LOST ? ": its end was not told"
						 : ": it goes on");
	for (enum cause cause = 0; cause < NR_CAUSES; cause++) {
		if (bar->cause_ns[cause])
			buffer_printf(text, "\n%s %.1f ms", cause_name(cause),
				      bar->cause_ns[cause] / NS_PER_MS);
	}
}

static void write_bar(struct drawing *drawing, const struct timeline_bar *bar, double y)
{
	const double x = x_of(drawing, bar->from_ns);
	const double width = x_of(drawing, bar->to_ns) - x;

	append_hover(drawing, bar);
	fprintf(drawing->out,
		"<rect class=\"c-%s stall\" x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" height=\"%.1f\">"
		"<title>%s</title></rect>\n",
		cause_name(bar->cause), x, y + 3, width < LEAST_BAR ? LEAST_BAR : width, BAND - 3,
		text_of(&drawing->text));
}

static void write_bars(struct drawing *drawing)
{
	for (size_t i = 0; i < drawing->nr_bars; i++) {
		const struct timeline_bar *bar = &drawing->bars[i];
		size_t row = 0;

		while (row < drawing->nr_rows && memcmp(&drawing->rows[row]->identity,
							&bar->identity, sizeof(bar->identity)) != 0)
			row++;
		if (row < drawing->nr_rows)
			write_bar(drawing, bar, y_of(row));
		else
			drawing->bars_undrawn++;
	}
}

static void write_left_out(const struct drawing *drawing)
{
	const struct timeline_rows *rows = drawing->timeline->rows;
	const __u64 bars = drawing->bars_undrawn + timeline_rows_bars_left_out(rows);
	char left_out[FORMAT_LEN];

	fprintf(drawing->out, "<text class=\"muted\" x=\"10\" y=\"%.1f\">", drawing->height - 10);
	if (drawing->nr_all > drawing->nr_rows || timeline_rows_full(rows))
		fprintf(drawing->out, "Left out: %s%s that stalled less. ",
			format_counted(left_out, drawing->nr_all - drawing->nr_rows, "loop"),
			timeline_rows_full(rows) ? ", and more," : "");
	if (bars)
		fprintf(drawing->out, "Left out: %s, the shortest or of those loops.",
			format_counted(left_out, bars, "stall"));
	fputs("</text>\n", drawing->out);
}

static void write_nothing(const struct drawing *drawing)
{
	fprintf(drawing->out, "<text x=\"%.0f\" y=\"%.0f\">%s</text>\n", 10.0, drawing->height - 30,
		drawing->nr_all ? "No stall was recorded: no event loop was busy for as long as "
				  "the threshold."
				: "No event loop was recorded.");
}

int timeline_svg_write(FILE *out, struct timeline_svg *timeline, __u64 end_ns)
{
	struct drawing drawing = {
		.out = out,
		.timeline = timeline,
		.begin_ns = timeline->host->begin_ns,
		.end_ns = end_ns,
	};
	int r;

	if (drawing.end_ns <= drawing.begin_ns)
		drawing.end_ns = drawing.begin_ns + 1;
	drawing.nr_all = timeline_rows_sorted(timeline->rows, &drawing.rows);
	drawing.nr_rows = drawing.nr_all < timeline->max_rows ? drawing.nr_all : timeline->max_rows;
	drawing.nr_bars = timeline_rows_bars(timeline->rows, &drawing.bars);
	drawing.height = y_of(drawing.nr_rows) + BOTTOM + (drawing.nr_bars ? 0 : 30);
	write_head(&drawing);
	write_axis(&drawing);
	write_rows(&drawing);
	write_bars(&drawing);
	if (!drawing.nr_bars)
		write_nothing(&drawing);
	write_left_out(&drawing);
	fputs("</svg>\n", out);
	r = drawing.rows ? drawing.text.error : -ENOMEM;
	buffer_done(&drawing.text);
	return r;
}
