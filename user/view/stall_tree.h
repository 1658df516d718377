/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The time of many stalls by process, thread, cause and stack: what a flame graph is drawn of. The
 * time of each cause is exact; how it is split over stacks, see stall_split.h. Bounded: time that
 * finds no place of its own stays with the innermost frame that has one, and is counted.
 */
#ifndef LOOPSCOPE_STALL_TREE_H
#define LOOPSCOPE_STALL_TREE_H

#include "model/stalls.h"

enum tree_level {
	TREE_ALL, /* the root */
	TREE_PROCESS,
	TREE_THREAD,
	TREE_CAUSE,
	TREE_FRAME,
	TREE_NOTE, /* in place of frames: FRAME_TEXT_CUT, FRAME_TEXT_NO_STACK */
};

struct tree_node {
	enum tree_level level;
	enum cause cause; /* from TREE_CAUSE on */
	const char *name; /* texts are hostile; owned by the tree */
	const char *file; /* "" where not known, as module */
	const char *module;
	__u32 line; /* 0: not known, or not one alone */
	enum frame_language language;
	__u8 flags;    /* of stack_frame */
	__u64 time_ns; /* with all that is above it */
	__u64 self_ns;
	size_t nr_children;
	struct tree_node **children; /* sorted by stall_tree_finish: the most time first */
};

struct stall_tree_options {
	size_t max_nodes; /* 0: the default, as the next */
	size_t max_text_bytes;
};

struct stall_tree_stats {
	__u64 stalls;
	__u64 time_ns;   /* of them all; the root's */
	__u64 placed_ns; /* of it, in full */
};

struct stall_tree;

/* -ENOMEM. stall_tree_free takes NULL. */
int stall_tree_new(const struct stall_tree_options *options, struct stall_tree **ret_tree);
void stall_tree_free(struct stall_tree *tree);
DEFINE_CLEANUP(struct stall_tree *, stall_tree_free)

int stall_tree_add(struct stall_tree *tree, const struct stall *stall);

/* Puts children in order: the same stalls make the same tree, whatever order they come in. */
int stall_tree_finish(struct stall_tree *tree);

const struct tree_node *stall_tree_root(const struct stall_tree *tree);
const struct stall_tree_stats *stall_tree_stats(const struct stall_tree *tree);

#endif
