/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * When something is shown: all of it once a list is complete; with --follow each
 * change after that; as JSON with --follow each pod as it comes.
 */
#include "pods/pods_view.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "config/cli.h"
#include "pods/pods_pipe.h"

static void end(struct pods_view *view, int status)
{
	view->ended = true;
	view->end(status, view->context);
}

/* Text under way, which goes out as a whole. */
struct text {
	FILE *file;
	char *data;
	size_t size;
};

static bool text_begin(struct text *text)
{
	*text = (struct text){};
	text->file = open_memstream(&text->data, &text->size);
	return text->file;
}

/* A reader that has gone, or the wish to stop, is no failure. r: what making it came to. */
static void text_end(struct pods_view *view, struct text *text, int r)
{
	_cleanup_(freep) char *data = NULL;

	if (text->file && fclose(text->file))
		r = -ENOMEM;
	data = text->data;
	if (!r)
		r = pods_pipe_write(STDOUT_FILENO, view->stop_fd, data, text->size);
	if (!r)
		return;
	if (r == -EPIPE || r == -ECANCELED) {
		end(view, r == -EPIPE || view->follow ? EXIT_SUCCESS : CLI_EXIT_FAILURE);
		return;
	}
	log_error("cannot write to the standard output: %s", strerror(-r));
	end(view, CLI_EXIT_FAILURE);
}

static void show_pod(struct pods_view *view, const struct pod *pod, bool deleted)
{
	struct text text;
	int r = 0;

	if (view->ended)
		return;
	if (!text_begin(&text))
		r = -ENOMEM;
	else if (!view->json)
		pods_table_pod(text.file, &view->table, pod, deleted);
	else
		r = deleted ? pods_json_deleted(text.file, pod) : pods_json_pod(text.file, pod);
	text_end(view, &text, r);
}

/* What is not shown one by one is shown at once, when it is complete. */
static bool shows_changes(const struct pods_view *view)
{
	return view->follow && (view->json || view->synced);
}

void pods_view_changed(struct pods_view *view, const struct pod *pod, bool deleted)
{
	if (shows_changes(view))
		show_pod(view, pod, deleted);
}

static void measure(const struct pod *pod, void *context)
{
	struct pods_view *view = context;

	pods_table_measure(&view->table, pod);
}

static void show(const struct pod *pod, void *context)
{
	show_pod(context, pod, false);
}

static void show_all(struct pods_view *view)
{
	struct text text;

	if (!view->json) {
		pods_each(view->pods, measure, view);
		if (text_begin(&text))
			pods_table_header(text.file, &view->table);
		text_end(view, &text, text.file ? 0 : -ENOMEM);
	}
	pods_each(view->pods, show, view);
}

static void show_synced(struct pods_view *view)
{
	struct text text;
	int r = -ENOMEM;

	if (view->ended || !view->json)
		return;
	if (text_begin(&text))
		r = pods_json_synced(text.file);
	text_end(view, &text, r);
}

static void warn_of_refused(const struct pods_view *view)
{
	struct pods_counts counts;

	pods_counts(view->pods, &counts);
	if (counts.refused)
		log_warning("there are more pods than kubernetes.max_pods, or larger ones than "
			    "fit: not all are shown");
}

void pods_view_synced(struct pods_view *view)
{
	if (view->ended)
		return;
	if (!shows_changes(view))
		show_all(view);
	if (!view->synced)
		warn_of_refused(view);
	view->synced = true;
	show_synced(view);
	if (!view->follow)
		end(view, EXIT_SUCCESS);
}

void pods_view_status(struct pods_view *view, const char *message, bool failed)
{
	struct text text;
	int r = -ENOMEM;

	if (view->json && !view->ended) {
		if (text_begin(&text))
			r = pods_json_status(text.file, message);
		text_end(view, &text, r);
	} else if (failed && (view->follow || view->verbose)) {
		log_warning("%s", message);
	} else if (view->verbose) {
		log_info("%s", message);
	}
}
