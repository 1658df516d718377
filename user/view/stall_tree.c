/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Nodes are found by their parent and what they show, in one hash table. */
#include "view/stall_tree.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1 /* an entry not added has no table */
#include <uthash.h>

#include "base/byte_pool.h"
#include "view/frame_text.h"
#include "view/names.h"
#include "model/stall_split.h"

#define MAX_NODES 200000
#define MAX_TEXT_BYTES (32UL << 20)

/* Texts are of the pool, so that equal ones are the same. */
struct node_key {
	const struct tree_entry *parent;
	const char *name, *file, *module;
	__u32 level, cause, language, flags;
};

struct tree_entry {
	struct tree_node node;
	struct node_key key;
	UT_hash_handle hh;
};

struct stall_tree {
	struct stall_tree_options options;
	struct byte_pool *texts;
	struct tree_entry root;
	struct tree_entry *entries;  /* uthash */
	struct tree_node **children; /* of all nodes, once finished */
	struct stall_tree_stats stats;
	struct buffer name;
};

int stall_tree_new(const struct stall_tree_options *options, struct stall_tree **ret_tree)
{
	_cleanup_(stall_tree_freep) struct stall_tree *tree = calloc(1, sizeof(*tree));
	int r;

	if (!tree)
		return -ENOMEM;
	tree->options = *options;
	if (!tree->options.max_nodes)
		tree->options.max_nodes = MAX_NODES;
	if (!tree->options.max_text_bytes)
		tree->options.max_text_bytes = MAX_TEXT_BYTES;
	r = byte_pool_new(tree->options.max_text_bytes, &tree->texts);
	if (r)
		return r;
	tree->root.node = (struct tree_node){.name = "all", .file = "", .module = ""};
	*ret_tree = TAKE_PTR(tree);
	return 0;
}

void stall_tree_free(struct stall_tree *tree)
{
	struct tree_entry *next;

	if (!tree)
		return;
	next = tree->entries;
	HASH_CLEAR(hh, tree->entries);
	while (next) {
		struct tree_entry *entry = next;

		next = entry->hh.next;
		free(entry);
	}
	byte_pool_free(tree->texts);
	buffer_done(&tree->name);
	free(tree->children);
	free(tree);
}

static struct tree_entry *add_entry(struct stall_tree *tree, const struct node_key *key)
{
	struct tree_entry *entry;

	if (HASH_COUNT(tree->entries) >= tree->options.max_nodes)
		return NULL;
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return NULL;
	entry->key = *key;
	entry->node = (struct tree_node){
		.level = key->level,
		.cause = key->cause,
		.name = key->name,
		.file = key->file,
		.module = key->module,
		.language = key->language,
		.flags = key->flags,
	};
	HASH_ADD(hh, tree->entries, key, sizeof(entry->key), entry);
	if (!entry->hh.tbl) {
		free(entry);
		return NULL;
	}
	return entry;
}

/* What a node is to show, before its texts are the pool's. */
struct wanted {
	enum tree_level level;
	enum cause cause;
	const char *name, *file, *module;
	__u32 line, language, flags;
};

/* NULL: there is no room for it. */
static struct tree_entry *child_of(struct stall_tree *tree, const struct tree_entry *parent,
				   const struct wanted *wanted)
{
	struct node_key key = {
		.parent = parent,
		.name = byte_pool_put_text(tree->texts, wanted->name, NULL),
		.file = byte_pool_put_text(tree->texts, wanted->file ?: "", NULL),
		.module = byte_pool_put_text(tree->texts, wanted->module ?: "", NULL),
		.level = wanted->level,
		.cause = wanted->cause,
		.language = wanted->language,
		.flags = wanted->flags,
	};
	struct tree_entry *entry;

	if (!key.name || !key.file || !key.module)
		return NULL;
	HASH_FIND(hh, tree->entries, &key, sizeof(key), entry);
	if (entry) {
		if (entry->node.line != wanted->line)
			entry->node.line = 0;
		return entry;
	}
	entry = add_entry(tree, &key);
	if (entry)
		entry->node.line = wanted->line;
	return entry;
}

/* A way from the root outwards, along which time is put. */
struct path {
	struct stall_tree *tree;
	struct tree_entry *at;
	__u64 time_ns;
	bool ended; /* for want of room */
};

static void go(struct path *path, const struct wanted *wanted)
{
	struct tree_entry *child = NULL;

	if (!path->ended)
		child = child_of(path->tree, path->at, wanted);
	if (!child) {
		path->ended = true;
		return;
	}
	child->node.time_ns += path->time_ns;
	path->at = child;
}

static void arrive(struct path *path)
{
	path->at->node.self_ns += path->time_ns;
	if (!path->ended)
		path->tree->stats.placed_ns += path->time_ns;
}

static struct path set_out(struct stall_tree *tree, const struct stall *stall, enum cause cause,
			   __u64 time_ns)
{
	struct path path = {.tree = tree, .at = &tree->root, .time_ns = time_ns};
	char process[RECORD_COMM_LEN + 1] = "", thread[RECORD_COMM_LEN + 1] = "";

	memcpy(process, stall->process, RECORD_COMM_LEN);
	memcpy(thread, stall->thread, RECORD_COMM_LEN);
	tree->root.node.time_ns += time_ns;
	tree->stats.time_ns += time_ns;
	go(&path, &(struct wanted){.level = TREE_PROCESS, .name = process});
	go(&path, &(struct wanted){.level = TREE_THREAD, .name = thread});
	go(&path, &(struct wanted){.level = TREE_CAUSE, .cause = cause, .name = cause_name(cause)});
	return path;
}

static void go_note(struct path *path, enum cause cause, const char *note)
{
	go(path, &(struct wanted){.level = TREE_NOTE, .cause = cause, .name = note});
}

static int go_frame(struct path *path, enum cause cause, const struct stack_frame *frame)
{
	struct buffer *name = &path->tree->name;

	buffer_reset(name);
	frame_text_append(name, frame);
	if (buffer_append(name, "", 1))
		return name->error;
	go(path, &(struct wanted){
			 .level = TREE_FRAME,
			 .cause = cause,
			 .name = (const char *)name->data,
			 .file = frame->file,
			 .module = frame->module,
			 .line = frame->line,
			 .language = frame->language,
			 .flags = frame->flags,
		 });
	return 0;
}

struct adding {
	struct stall_tree *tree;
	const struct stall *stall;
};

static int add_part(const struct stall_part *part, void *context)
{
	const struct adding *adding = context;
	const struct stack *stack = part->stack;
	struct path path = set_out(adding->tree, adding->stall, part->cause, part->time_ns);
	int r = 0;

	if (!stack || !stack->nr_frames)
		go_note(&path, part->cause, FRAME_TEXT_NO_STACK);
	else if (stack->flags & STACK_IS_CUT)
		go_note(&path, part->cause, FRAME_TEXT_CUT);
	for (size_t i = stack ? stack->nr_frames : 0; !r && i > 0; i--)
		r = go_frame(&path, part->cause, &stack->frames[i - 1]);
	arrive(&path);
	return r;
}

int stall_tree_add(struct stall_tree *tree, const struct stall *stall)
{
	struct adding adding = {tree, stall};

	/* beyond what can be added up: of no machine's */
	if (stall->until_ns - stall->start_ns > INT64_MAX - tree->stats.time_ns)
		return 0;
	tree->stats.stalls++;
	return stall_split(stall, add_part, &adding);
}

static int by_time(const void *a, const void *b)
{
	const struct tree_node *first = *(struct tree_node *const *)a;
	const struct tree_node *second = *(struct tree_node *const *)b;

	if (first->time_ns != second->time_ns)
		return first->time_ns < second->time_ns ? 1 : -1;
	return strcmp(first->name, second->name) ?: strcmp(first->file, second->file)
		?: strcmp(first->module, second->module) ?: first->flags - second->flags;
}

static struct tree_node *parent_of(struct stall_tree *tree, const struct tree_entry *entry)
{
	const struct tree_entry *parent = entry->key.parent;

	return parent == &tree->root ? &tree->root.node : &((struct tree_entry *)parent)->node;
}

/* Parents come before their children, so that each knows by then where its own begin. */
int stall_tree_finish(struct stall_tree *tree)
{
	struct tree_entry *entry;
	size_t at = 0;

	tree->children = calloc(HASH_COUNT(tree->entries) + 1, sizeof(*tree->children));
	if (!tree->children)
		return -ENOMEM;
	for (entry = tree->entries; entry; entry = entry->hh.next)
		parent_of(tree, entry)->nr_children++;
	tree->root.node.children = tree->children;
	at = tree->root.node.nr_children;
	tree->root.node.nr_children = 0;
	for (entry = tree->entries; entry; entry = entry->hh.next) {
		struct tree_node *parent = parent_of(tree, entry);

		entry->node.children = tree->children + at;
		at += entry->node.nr_children;
		entry->node.nr_children = 0;
		parent->children[parent->nr_children++] = &entry->node;
	}
	qsort(tree->root.node.children, tree->root.node.nr_children, sizeof(*tree->children),
	      by_time);
	for (entry = tree->entries; entry; entry = entry->hh.next)
		qsort(entry->node.children, entry->node.nr_children, sizeof(*tree->children),
		      by_time);
	return 0;
}

const struct tree_node *stall_tree_root(const struct stall_tree *tree)
{
	return &tree->root.node;
}

const struct stall_tree_stats *stall_tree_stats(const struct stall_tree *tree)
{
	return &tree->stats;
}
