/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What `loopscope pods` shows, and when. */
#ifndef LOOPSCOPE_PODS_VIEW_H
#define LOOPSCOPE_PODS_VIEW_H

#include "pods/pods_output.h"

struct pods_view {
	bool json, follow, verbose;
	int stop_fd; /* readable: nothing more is to be written */
	/* Nothing more will be shown: all of it has been, nobody reads it, or it cannot be
	 * written, which is logged. Called once, with the exit status. */
	void (*end)(int status, void *context);
	void *context;
	const struct pods *pods; /* borrowed */

	/* its own: */
	struct pods_table table;
	bool synced, ended;
};

void pods_view_changed(struct pods_view *view, const struct pod *pod, bool deleted);
void pods_view_synced(struct pods_view *view);

/* Whom is asked, what goes wrong, and that it no longer does. */
void pods_view_status(struct pods_view *view, const char *message, bool failed);

#endif
