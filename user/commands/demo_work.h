/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the demo server's pages do before they answer, and how all of it is
 * brought to an end: a signal, or the time given, cuts work short.
 */
#ifndef LOOPSCOPE_DEMO_WORK_H
#define LOOPSCOPE_DEMO_WORK_H

#include <stdbool.h>
#include <stddef.h>

struct demo_page {
	const char *path;
	const char *does; /* for the reader */
	void (*work)(void);
	const char *text;
};

/* All pages; NULL if there is none of that path. */
extern const struct demo_page demo_pages[];
extern const size_t demo_nr_pages;
const struct demo_page *demo_page_find(const char *path);

/*
 * From now on SIGINT, SIGTERM, SIGHUP, and the end of duration_s if that is not 0,
 * stop the demo. The descriptor, readable then, stays open. -errno.
 */
int demo_stop_prepare(double duration_s, int *ret_fd);
bool demo_stopping(void);

#endif
