/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The path to a node grows and shrinks in one buffer. */
#include "view/folded.h"

#include "base/plain_text.h"
#include "view/frame_text.h"

#define NS_PER_US 1000
#define MARKS ";\\" /* what divides frames, and what escapes begin with */

/* Of functions that are called alike in one file after another. */
static bool is_told_by_file(const struct tree_node *node)
{
	return *node->file &&
	       (node->language == FRAME_PYTHON || node->language == FRAME_JAVASCRIPT);
}

static void append_name(struct buffer *path, const struct tree_node *node)
{
	if (path->size)
		buffer_append(path, ";", 1);
	plain_text_append(path, node->name, MARKS);
	if (!is_told_by_file(node))
		return;
	buffer_append_text(path, " (");
	plain_text_append(path, frame_text_base(node->file), MARKS);
	buffer_append(path, ")", 1);
}

static int write_node(FILE *out, const struct tree_node *node, struct buffer *path)
{
	const size_t size = path->size;
	__u64 self_us = (node->self_ns + NS_PER_US / 2) / NS_PER_US;
	int r;

	if (node->level != TREE_ALL)
		append_name(path, node);
	r = path->error;
	if (!r && self_us)
		fprintf(out, "%.*s %llu\n", (int)path->size, path->size ? (char *)path->data : "",
			self_us);
	for (size_t i = 0; !r && i < node->nr_children; i++)
		r = write_node(out, node->children[i], path);
	path->size = size;
	return r;
}

int folded_write(FILE *out, const struct stall_tree *tree)
{
	_cleanup_(buffer_done) struct buffer path = {};

	return write_node(out, stall_tree_root(tree), &path);
}
