/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Frames are laid out depth first, then those that are wide enough are written. A frame is never
 * wider than what it stands on, so that what is written hangs together.
 */
#include "view/flamegraph.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/plain_text.h"
#include "view/format.h"
#include "view/names.h"
#include "view/picture_style.h"

#define WIDTH 1200.0
#define MARGIN 10.0
#define TOP 88.0
#define BOTTOM 34.0
#define ROW 17.0
#define CHARACTER 7.25
#define NARROWEST 0.1 /* pixels */
#define NS_PER_MS 1e6
#define EMPTY_HEIGHT 150.0

struct laid_out {
	const struct tree_node *node;
	__u64 at_ns; /* from the left */
	unsigned int depth;
};

struct layout {
	struct laid_out *frames;
	size_t nr, capacity;
	__u64 least_ns;      /* narrower ones are left out */
	size_t nr_left_out;  /* for that */
	unsigned int levels; /* of those that are not */
};

static void layout_done(struct layout *layout)
{
	free(layout->frames);
}

static int lay_out(struct layout *layout, const struct tree_node *node, __u64 at_ns,
		   unsigned int depth)
{
	int r = 0;

	if (layout->nr == layout->capacity) {
		size_t capacity = layout->capacity * 2 ?: 256;
		struct laid_out *frames =
			reallocarray(layout->frames, capacity, sizeof(*layout->frames));

		if (!frames)
			return -ENOMEM;
		layout->frames = frames;
		layout->capacity = capacity;
	}
	layout->frames[layout->nr++] = (struct laid_out){node, at_ns, depth};
	for (size_t i = 0; !r && i < node->nr_children; i++) {
		r = lay_out(layout, node->children[i], at_ns, depth + 1);
		at_ns += node->children[i]->time_ns;
	}
	return r;
}

static int widest_first(const void *a, const void *b)
{
	const __u64 first = *(const __u64 *)a, second = *(const __u64 *)b;

	return first < second ? 1 : first > second ? -1 : 0;
}

/* So narrow that no more than so many are as wide. */
static int choose_least(struct layout *layout, __u64 total_ns, size_t max_frames)
{
	_cleanup_(freep) __u64 *widths = NULL;

	layout->least_ns = (__u64)((double)total_ns * NARROWEST / (WIDTH - 2 * MARGIN)) + 1;
	if (layout->nr <= max_frames)
		return 0;
	widths = calloc(layout->nr, sizeof(*widths));
	if (!widths)
		return -ENOMEM;
	for (size_t i = 0; i < layout->nr; i++)
		widths[i] = layout->frames[i].node->time_ns;
	qsort(widths, layout->nr, sizeof(*widths), widest_first);
	if (widths[max_frames] >= layout->least_ns)
		layout->least_ns = widths[max_frames] + 1;
	return 0;
}

static bool is_left_out(const struct layout *layout, const struct laid_out *frame)
{
	return frame->depth && frame->node->time_ns < layout->least_ns;
}

static void measure(struct layout *layout)
{
	for (size_t i = 0; i < layout->nr; i++) {
		if (is_left_out(layout, &layout->frames[i]))
			layout->nr_left_out++;
		else if (layout->frames[i].depth >= layout->levels)
			layout->levels = layout->frames[i].depth + 1;
	}
}

struct picture {
	FILE *out;
	const struct pictured_host *host;
	const struct stall_tree_stats *stats;
	double height;
	struct buffer text;
};

static const char *text_of(struct buffer *buffer)
{
	return buffer_append(buffer, "", 1) ? "" : (const char *)buffer->data;
}

static void append_place(struct buffer *text, const struct tree_node *node)
{
	if (*node->file) {
		buffer_append(text, "\n", 1);
		plain_text_append_xml(text, node->file);
		if (node->line)
			buffer_printf(text, ":%u", node->line);
	}
	if (*node->module) {
		buffer_append(text, "\n", 1);
		plain_text_append_xml(text, node->module);
	}
}

static void write_hover(struct picture *picture, const struct tree_node *node)
{
	static const char *const kinds[] = {
		[TREE_PROCESS] = "\na process",
		[TREE_THREAD] = "\na thread",
		[TREE_CAUSE] = "\na cause",
		[TREE_FRAME] = "",
		[TREE_NOTE] = "",
		[TREE_ALL] = "",
	};
	struct buffer *text = &picture->text;

	buffer_reset(text);
	plain_text_append_xml(text, node->name);
	append_place(text, node);
	buffer_append_text(text, kinds[node->level]);
	buffer_printf(text, "\n%.1f ms, %.2f %% of all stall time", node->time_ns / NS_PER_MS,
		      100.0 * (double)node->time_ns / (double)picture->stats->time_ns);
	if (node->level >= TREE_CAUSE)
		buffer_printf(text, "\n%s, innermost for %.1f ms", cause_name(node->cause),
			      node->self_ns / NS_PER_MS);
	fprintf(picture->out, "<title>%s</title>", text_of(text));
}

static void write_class(FILE *out, const struct tree_node *node)
{
	const bool pale = node->level == TREE_NOTE || node->flags & FRAME_RUNTIME;

	if (node->level < TREE_CAUSE)
		fputs("plain", out);
	else
		fprintf(out, "c-%s%s", cause_name(node->cause), pale ? " pale" : "");
}

static void write_frame(struct picture *picture, const struct laid_out *frame)
{
	const struct tree_node *node = frame->node;
	const double scale = (WIDTH - 2 * MARGIN) / (double)picture->stats->time_ns;
	const double x = MARGIN + (double)frame->at_ns * scale;
	const double width = (double)node->time_ns * scale;
	const double y = picture->height - BOTTOM - (frame->depth + 1) * ROW;
	const double room = (width - 6) / CHARACTER;

	fprintf(picture->out,
		"<g class=\"f\" tabindex=\"0\" data-x=\"%llu\" data-w=\"%llu\" data-l=\"%u\">",
		frame->at_ns, node->time_ns, frame->depth);
	write_hover(picture, node);
	fputs("<rect class=\"", picture->out);
	write_class(picture->out, node);
	buffer_reset(&picture->text);
	if (room >= 3)
		picture_append_cut(&picture->text, node->name, (size_t)room);
	fprintf(picture->out,
		"\" x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" height=\"%.1f\" rx=\"1\"/>"
		"<text x=\"%.2f\" y=\"%.1f\">%s</text></g>\n",
		x, y, width, ROW - 1, x + 3, y + ROW - 5, text_of(&picture->text));
}

static void write_script(FILE *out)
{
	static const char script[] =
#include "flamegraph.js.h"
		;

	fprintf(out, "<script><![CDATA[\n%s]]></script>\n", script);
}

static void append_title(struct picture *picture)
{
	char begin[CLOCK_TEXT_LEN];

	buffer_reset(&picture->text);
	buffer_append_text(&picture->text, "Stalls of event loops on ");
	plain_text_append_xml(&picture->text, picture->host->hostname);
	buffer_printf(&picture->text, ", recorded from %s",
		      clock_text(picture->host->begin_unix_ns, begin));
}

static void write_head(struct picture *picture)
{
	struct buffer *text = &picture->text;

	append_title(picture);
	fprintf(picture->out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<!-- SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause -->\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
		"viewBox=\"0 0 %.0f %.0f\" aria-labelledby=\"title desc\" data-zoom=\"\">\n"
		"<title id=\"title\">%s</title>\n"
		"<desc id=\"desc\">A flame graph. Width is time that event loops were stalled, "
		"colour is the cause. Above each frame stands what it called.</desc>\n",
		WIDTH, picture->height, WIDTH, picture->height, text_of(text));
	picture_write_style(picture->out);
	fputs("<style>.f{cursor:pointer}.f text{fill:#1b1f24;pointer-events:none}"
	      ".f:hover rect,.f:focus rect{stroke:#1b1f24;stroke-width:1}.f:focus{outline:none}"
	      ".below{opacity:.55}.match rect{fill:#f0f}.match text{font-weight:bold}"
	      "#reset{cursor:pointer;text-decoration:underline}</style>\n",
	      picture->out);
	fprintf(picture->out,
		"<rect class=\"paper\" width=\"100%%\" height=\"100%%\"/>\n"
		"<text x=\"%.0f\" y=\"24\" font-size=\"16\" font-weight=\"bold\">%s</text>\n",
		MARGIN, text_of(text));
}

static void write_summary(struct picture *picture)
{
	struct buffer *text = &picture->text;
	char stalls[FORMAT_LEN];

	buffer_reset(text);
	picture_append_duration(text, (double)picture->stats->time_ns);
	fprintf(picture->out,
		"<text class=\"muted\" x=\"%.0f\" y=\"44\">%s, %s in all. Width is time, "
		"colour is the cause; what is not the application's own is paler.</text>\n",
		MARGIN, format_counted(stalls, picture->stats->stalls, "stall"), text_of(text));
	picture_write_legend(picture->out, MARGIN, 66);
	fputs("<text id=\"reset\" role=\"button\" tabindex=\"0\" x=\"830\" y=\"24\" "
	      "display=\"none\">reset zoom</text>\n"
	      "<text id=\"found\" class=\"muted\" x=\"940\" y=\"52\"></text>\n",
	      picture->out);
}

static void write_left_out(struct picture *picture, const struct layout *layout)
{
	const struct stall_tree_stats *stats = picture->stats;
	const double y = picture->height - 12;

	fprintf(picture->out, "<text class=\"muted\" x=\"%.0f\" y=\"%.1f\">", MARGIN, y);
	if (layout->nr_left_out)
		fprintf(picture->out, "%zu frames of less than %.3g ms are left out. ",
			layout->nr_left_out, (double)layout->least_ns / NS_PER_MS);
	if (stats->placed_ns < stats->time_ns)
		fprintf(picture->out, "Of %.3g ms there was no room for the innermost frames. ",
			(double)(stats->time_ns - stats->placed_ns) / NS_PER_MS);
	fputs("</text>\n", picture->out);
}

static int write_empty(struct picture *picture)
{
	picture->height = EMPTY_HEIGHT;
	write_head(picture);
	fprintf(picture->out,
		"<text x=\"%.0f\" y=\"70\">No stall was recorded: no event loop was busy for as "
		"long as the threshold.</text>\n</svg>\n",
		MARGIN);
	return picture->text.error;
}

static int write_picture(struct picture *picture, const struct layout *layout)
{
	picture->height = TOP + layout->levels * ROW + BOTTOM;
	write_head(picture);
	write_summary(picture);
	for (size_t i = 0; i < layout->nr; i++) {
		if (!is_left_out(layout, &layout->frames[i]))
			write_frame(picture, &layout->frames[i]);
	}
	write_left_out(picture, layout);
	write_script(picture->out);
	fputs("</svg>\n", picture->out);
	return picture->text.error;
}

int flamegraph_write(FILE *out, const struct stall_tree *tree, const struct pictured_host *host)
{
	_cleanup_(layout_done) struct layout layout = {};
	struct picture picture = {.out = out, .host = host, .stats = stall_tree_stats(tree)};
	int r;

	if (!picture.stats->time_ns) {
		r = write_empty(&picture);
	} else {
		r = lay_out(&layout, stall_tree_root(tree), 0, 0)
			    ?: choose_least(&layout, picture.stats->time_ns, FLAMEGRAPH_MAX_FRAMES);
		measure(&layout);
		r = r ?: write_picture(&picture, &layout);
	}
	buffer_done(&picture.text);
	return r;
}
