/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The files that pictures of a recording go to. What fails is reported. */
#ifndef LOOPSCOPE_PICTURE_FILES_H
#define LOOPSCOPE_PICTURE_FILES_H

#include "commands/pictures.h"
#include "commands/replay.h"

/* Where to; NULL: not asked for. "-" is the standard output. */
struct picture_paths {
	const char *flamegraph;
	const char *folded;
	const char *timeline; /* by its ending SVG, else JSON */
	const char *pprof;
};

bool picture_paths_any(const struct picture_paths *paths);

/* Whether anything is wrong with them, and what, for a user. */
#define PICTURE_PROBLEM_LEN 384
bool picture_paths_problem(const struct picture_paths *paths,
			   char ret_problem[PICTURE_PROBLEM_LEN]);

/* Reads the recording and writes its pictures. As replay_load: 1 if only a part of it was read. */
int picture_files_write(const char *recording, const struct picture_paths *paths);

#endif
