/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Nodes that are the value of a key: scalars, lists of them, mappings to them. */
#include <errno.h>
#include <string.h>

#include "config/settings/settings_tree.h"

static bool is_core_tag(const yaml_node_t *node)
{
	static const char core[] = "tag:yaml.org,2002:";

	return !node->tag || !strncmp((const char *)node->tag, core, sizeof(core) - 1);
}

/* Adds the node's text, resolved, to the value. False: reported. */
static bool add_scalar(const struct settings_tree *tree, const struct setting_key *key,
		       const yaml_node_t *node, const char *name, const char *label,
		       struct settings_value *value)
{
	struct settings_loader *loader = tree->loader;
	_cleanup_(freep) char *text = NULL;
	struct settings_place place;
	const char *raw;
	int r;

	if (node->type != YAML_SCALAR_NODE) {
		tree_fail_kind(tree, node, label,
			       setting_shape(key->type) == SHAPE_SCALAR ? setting_noun(key->type)
									: "a single value");
		return false;
	}
	raw = (const char *)node->data.scalar.value;
	tree_place(node, label, &place);
	if (strlen(raw) != node->data.scalar.length || !is_core_tag(node)) {
		settings_fail(loader, &place, "%s",
			      is_core_tag(node) ? "the text holds a NUL character"
						: "tags of one's own have no meaning here");
		return false;
	}
	r = settings_expand(loader, raw, &place, &text);
	if (!r)
		r = settings_value_add(value, name, text, &place);
	if (!r && strcmp(text, raw)) {
		value->items[value->nr - 1].shown = strdup(raw);
		r = value->items[value->nr - 1].shown ? 0 : -ENOMEM;
	}
	if (r == -ENOMEM)
		loader->error = r;
	return !r;
}

/* False: reported. */
static bool check_number(const struct settings_tree *tree, const yaml_node_t *node, size_t nr,
			 const char *label)
{
	struct settings_place place;

	if (nr <= SETTINGS_MAX_ITEMS)
		return true;
	tree_place(node, label, &place);
	settings_fail(tree->loader, &place, "has %zu items; allowed: up to %d", nr,
		      SETTINGS_MAX_ITEMS);
	return false;
}

static bool add_list(const struct settings_tree *tree, const struct setting_key *key,
		     const yaml_node_t *node, const char *label, struct settings_value *value)
{
	const yaml_node_item_t *start = node->data.sequence.items.start;
	size_t nr = (size_t)(node->data.sequence.items.top - start);
	bool good = check_number(tree, node, nr, label);

	if (!good)
		return false;
	for (size_t i = 0; i < nr; i++) {
		char item[SETTINGS_LABEL_LEN];

		snprintf(item, sizeof(item), "%.*s[%u]", SETTINGS_LABEL_LEN - 16, label,
			 (unsigned int)i);
		good = add_scalar(tree, key, tree_node(tree, start[i]), NULL, item, value) && good;
	}
	return good;
}

/* Names of headers could be a secret put into the wrong place, so they are in no label. */
static void label_pair(const struct setting_key *key, const char *label, const char *name,
		       char ret_label[SETTINGS_LABEL_LEN])
{
	if (key->secret)
		snprintf(ret_label, SETTINGS_LABEL_LEN, "%s", label);
	else
		snprintf(ret_label, SETTINGS_LABEL_LEN, "%s.%s", label, name);
}

static bool add_pairs(const struct settings_tree *tree, const struct setting_key *key,
		      const yaml_node_t *node, const char *label, struct settings_value *value)
{
	const yaml_node_pair_t *start = node->data.mapping.pairs.start;
	size_t nr = (size_t)(node->data.mapping.pairs.top - start);
	bool good = check_number(tree, node, nr, label);

	if (!good)
		return false;
	for (size_t i = 0; i < nr; i++) {
		const yaml_node_t *name = tree_node(tree, start[i].key);
		char item[SETTINGS_LABEL_LEN];

		if (name->type != YAML_SCALAR_NODE ||
		    strlen((char *)name->data.scalar.value) != name->data.scalar.length) {
			tree_fail_kind(tree, name, label, "a name");
			good = false;
			continue;
		}
		label_pair(key, label, (const char *)name->data.scalar.value, item);
		good = add_scalar(tree, key, tree_node(tree, start[i].value),
				  (const char *)name->data.scalar.value, item, value) &&
		       good;
	}
	return good;
}

void tree_read_value(const struct settings_tree *tree, const struct setting_key *key,
		     const yaml_node_t *node, const char *label, void *base)
{
	_cleanup_(settings_value_done) struct settings_value value = {};
	enum setting_shape shape = setting_shape(key->type);
	bool good;

	tree_place(node, label, &value.place);
	if (shape == SHAPE_SCALAR) {
		good = add_scalar(tree, key, node, NULL, label, &value);
	} else if (shape == SHAPE_LIST && node->type == YAML_SEQUENCE_NODE) {
		good = add_list(tree, key, node, label, &value);
	} else if (shape == SHAPE_PAIRS && node->type == YAML_MAPPING_NODE) {
		good = add_pairs(tree, key, node, label, &value);
	} else {
		tree_fail_kind(tree, node, label, setting_noun(key->type));
		good = false;
	}
	if (good || value.nr) /* what is wrong with the other items is to be said too */
		settings_set(tree->loader, key, base, &value);
}
