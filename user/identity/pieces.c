/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is complete in the window is visited; the start of the next piece moves to its front. */
#include "identity/pieces.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

struct progress {
	size_t length; /* in the window */
	bool skip;     /* the rest of a piece too long for it */
};

static int visit_complete(const struct pieces *pieces, struct progress *progress,
			  piece_visit *visit, void *context)
{
	char *at = pieces->window, *end = at + progress->length, *behind;

	while ((behind = memchr(at, pieces->delimiter, end - at))) {
		int r;

		*behind = '\0';
		r = progress->skip ? 0 : visit(at, context);
		if (r)
			return r;
		progress->skip = false;
		at = behind + 1;
	}
	progress->length = end - at;
	if (progress->length == pieces->window_size) {
		progress->skip = true;
		progress->length = 0;
	}
	memmove(pieces->window, at, progress->length);
	return 0;
}

int pieces_read(int fd, const struct pieces *pieces, piece_visit *visit, void *context)
{
	struct progress progress = {};

	for (size_t total = 0; total < pieces->max_bytes;) {
		ssize_t n = read(fd, pieces->window + progress.length,
				 pieces->window_size - progress.length);
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		total += n;
		progress.length += n;
		r = visit_complete(pieces, &progress, visit, context);
		if (r)
			return r;
	}
	return 0;
}
