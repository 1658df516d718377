/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Mappings of the document, down to the keys of the table. What no key of the
 * table leads to is not looked into, so that aliases, even of a node to itself,
 * cost no more than they are written.
 */
#include "config/settings/settings_tree.h"

#include <errno.h>
#include <string.h>

#include "base/yaml_text.h"

#define PATH_LEN 128

void tree_place(const yaml_node_t *node, const char *label, struct settings_place *ret_place)
{
	*ret_place = (struct settings_place){
		.layer = LAYER_FILE,
		.line = node->start_mark.line + 1,
		.column = node->start_mark.column + 1,
	};
	snprintf(ret_place->label, sizeof(ret_place->label), "%s", label);
}

yaml_node_t *tree_node(const struct settings_tree *tree, int index)
{
	return yaml_document_get_node(tree->document, index);
}

static const char *scalar(const yaml_node_t *node)
{
	return (const char *)node->data.scalar.value;
}

void tree_fail_kind(const struct settings_tree *tree, const yaml_node_t *node, const char *label,
		    const char *due)
{
	static const char *const kinds[] = {
		[YAML_NO_NODE] = "nothing",
		[YAML_SCALAR_NODE] = "a single value",
		[YAML_SEQUENCE_NODE] = "a list",
		[YAML_MAPPING_NODE] = "a mapping",
	};
	struct settings_place place;

	tree_place(node, label, &place);
	settings_fail(tree->loader, &place, "%s is where %s is due", kinds[node->type], due);
}

/* False: it is not of a kind that can be a key, or came before; reported. */
static bool check_name(const struct settings_tree *tree, const yaml_node_t *mapping,
		       const yaml_node_pair_t *pair, const struct settings_section *section)
{
	const yaml_node_t *name = tree_node(tree, pair->key);
	char quoted[SETTINGS_QUOTED_LEN];
	struct settings_place place;

	tree_place(name, section->label, &place);
	if (name->type != YAML_SCALAR_NODE) {
		settings_fail(tree->loader, &place, "a key must be a plain word");
		return false;
	}
	for (const yaml_node_pair_t *other = mapping->data.mapping.pairs.start; other < pair;
	     other++) {
		const yaml_node_t *before = tree_node(tree, other->key);

		if (before->type != YAML_SCALAR_NODE || strcmp(scalar(before), scalar(name)))
			continue;
		settings_fail(tree->loader, &place, "the key %s was given before, in line %zu",
			      settings_quote_text(scalar(name), quoted),
			      before->start_mark.line + 1);
		return false;
	}
	return true;
}

static void fail_unknown(const struct settings_tree *tree, const yaml_node_t *name,
			 const struct settings_section *section)
{
	_cleanup_(buffer_done) struct buffer suggestion = {};
	char quoted[SETTINGS_QUOTED_LEN];
	struct settings_place place;

	tree_place(name, section->label, &place);
	if (strchr(scalar(name), '.'))
		buffer_append_text(&suggestion, ": the parts of a path are nested in the file, "
						"each a mapping of its own");
	else
		setting_suggest(section->path, scalar(name), &suggestion);
	if (suggestion.error)
		tree->loader->error = suggestion.error;
	settings_fail(tree->loader, &place, "unknown key %s%.*s",
		      settings_quote_text(scalar(name), quoted), (int)suggestion.size,
		      (const char *)suggestion.data);
}

static void read_section(const struct settings_tree *tree, const yaml_node_t *node,
			 const struct settings_section *section)
{
	if (yaml_node_is_null(node))
		return;
	if (node->type == YAML_MAPPING_NODE)
		tree_read_mapping(tree, node, section);
	else
		tree_fail_kind(tree, node, section->label, "a mapping");
}

static void read_key(const struct settings_tree *tree, const struct setting_key *key,
		     const yaml_node_t *node, const struct settings_section *at)
{
	if (yaml_node_is_null(node))
		return;
	if (key->type == SETTING_GROUPS)
		tree_read_groups(tree, key, node, at->label);
	else if (key->type == SETTING_MATCHES)
		tree_read_matches(tree, key, node, at->label, at->base);
	else
		tree_read_value(tree, key, node, at->label, at->base);
}

static void read_pair(const struct settings_tree *tree, const yaml_node_t *name,
		      const yaml_node_t *node, const struct settings_section *section)
{
	char path[PATH_LEN], label[SETTINGS_LABEL_LEN];
	const char *dot = *section->path ? "." : "";
	const struct settings_section at = {path, label, section->base};
	const struct setting_key *key;

	/* neither is part of a name; what is too long is cut, and then unknown */
	if (strpbrk(scalar(name), ".[") || !*scalar(name)) {
		fail_unknown(tree, name, section);
		return;
	}
	snprintf(path, sizeof(path), "%s%s%s", section->path, dot, scalar(name));
	snprintf(label, sizeof(label), "%s%s%s", section->label, dot, scalar(name));
	key = setting_key_find(path);
	if (key)
		read_key(tree, key, node, &at);
	else if (setting_is_section(path))
		read_section(tree, node, &at);
	else
		fail_unknown(tree, name, section);
}

void tree_read_mapping(const struct settings_tree *tree, const yaml_node_t *node,
		       const struct settings_section *section)
{
	const yaml_node_pair_t *pair = node->data.mapping.pairs.start;

	for (; pair < node->data.mapping.pairs.top && !settings_full(tree->loader); pair++) {
		if (check_name(tree, node, pair, section))
			read_pair(tree, tree_node(tree, pair->key), tree_node(tree, pair->value),
				  section);
	}
}

void settings_read_document(struct settings_loader *loader, yaml_document_t *document)
{
	const struct settings_tree tree = {loader, document};
	const yaml_node_t *root = yaml_document_get_root_node(document);

	if (!root)
		return; /* an empty file: all defaults */
	read_section(&tree, root, &(struct settings_section){"", "", loader->settings});
}
