/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Lists of structs: target groups, and the patterns in them. */
#include <errno.h>
#include <string.h>

#include "config/settings/settings_tree.h"

#define MAX_GROUPS 64
#define MAX_MATCHES 256

/* False: reported. */
static bool check_list(const struct settings_tree *tree, const struct setting_key *key,
		       const yaml_node_t *node, const char *label, size_t max)
{
	struct settings_place place;
	size_t nr;

	tree_place(node, label, &place);
	if (node->type == YAML_MAPPING_NODE) {
		settings_fail(tree->loader, &place,
			      "a mapping is where %s is due: begin each of its items with -",
			      setting_noun(key->type));
		return false;
	}
	if (node->type != YAML_SEQUENCE_NODE) {
		tree_fail_kind(tree, node, label, setting_noun(key->type));
		return false;
	}
	nr = (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
	if (nr > max)
		settings_fail(tree->loader, &place, "has %zu items; allowed: up to %zu", nr, max);
	return nr <= max;
}

/* Makes the item's defaults, then reads it. False: it is not a mapping; reported. */
static bool read_item(const struct settings_tree *tree, const yaml_node_t *node,
		      const struct settings_section *section)
{
	settings_set_defaults(tree->loader, section->path, section->base);
	if (node->type != YAML_MAPPING_NODE) {
		tree_fail_kind(tree, node, section->label, "a mapping");
		return false;
	}
	tree_read_mapping(tree, node, section);
	return true;
}

static void check_name(const struct settings_tree *tree, const yaml_node_t *node, const char *label,
		       size_t index)
{
	const struct target_group *groups = tree->loader->settings->groups;
	struct settings_place place;

	tree_place(node, label, &place);
	if (!*groups[index].name) {
		settings_fail(tree->loader, &place, "the group has no name");
		return;
	}
	for (size_t i = 0; i < index; i++) {
		if (strcmp(groups[i].name, groups[index].name))
			continue;
		settings_fail(tree->loader, &place, "the name is that of targets[%zu] already", i);
		return;
	}
}

void tree_read_groups(const struct settings_tree *tree, const struct setting_key *key,
		      const yaml_node_t *node, const char *label)
{
	struct settings *settings = tree->loader->settings;
	const yaml_node_item_t *items = node->data.sequence.items.start;
	struct settings_place place;
	size_t nr;

	if (!check_list(tree, key, node, label, MAX_GROUPS))
		return;
	nr = (size_t)(node->data.sequence.items.top - items);
	if (!nr) {
		tree_place(node, label, &place);
		settings_fail(tree->loader, &place,
			      "without a group nothing is watched: leave the "
			      "key out to watch everything");
		return;
	}
	settings->groups = calloc(nr, sizeof(*settings->groups));
	if (!settings->groups) {
		tree->loader->error = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < nr && !settings_full(tree->loader); i++) {
		char item[SETTINGS_LABEL_LEN];
		const struct settings_section section = {"targets[]", item, &settings->groups[i]};
		size_t nr_faults = tree->loader->nr_faults;

		settings->nr_groups = i + 1;
		snprintf(item, sizeof(item), "%.32s[%zu]", label, i);
		if (!read_item(tree, tree_node(tree, items[i]), &section) || tree->loader->error)
			continue;
		/* a name that was refused is not missing */
		if (*settings->groups[i].name || tree->loader->nr_faults == nr_faults)
			check_name(tree, tree_node(tree, items[i]), item, i);
	}
}

static bool matches_all(const struct target_match *match)
{
	return !*match->comm && !*match->executable && !*match->cgroup && !*match->container &&
	       !target_match_asks_pods(match);
}

static void read_match(const struct settings_tree *tree, const yaml_node_t *node,
		       const struct settings_section *section)
{
	struct settings_loader *loader = tree->loader;
	size_t nr_faults = loader->nr_faults;
	struct settings_place place;

	if (!read_item(tree, node, section) || loader->error || loader->nr_faults > nr_faults)
		return;
	tree_place(node, section->label, &place);
	if (target_match_asks_pods(section->base) && loader->pod_target.layer == LAYER_DEFAULT)
		loader->pod_target = place;
	if (!matches_all(section->base))
		return;
	settings_fail(loader, &place,
		      "no pattern is given; allowed: comm, executable, cgroup, container, "
		      "namespace, pod, pod_labels, container_name");
}

void tree_read_matches(const struct settings_tree *tree, const struct setting_key *key,
		       const yaml_node_t *node, const char *label, void *base)
{
	struct target_match **matches = (void *)((char *)base + key->offset);
	size_t *nr_matches = (void *)((char *)base + key->nr_offset);
	const yaml_node_item_t *items = node->data.sequence.items.start;
	char path[64];
	size_t nr;

	if (!check_list(tree, key, node, label, MAX_MATCHES))
		return;
	nr = (size_t)(node->data.sequence.items.top - items);
	*matches = calloc(nr ?: 1, sizeof(**matches));
	if (!*matches) {
		tree->loader->error = -ENOMEM;
		return;
	}
	snprintf(path, sizeof(path), "%s[]", key->path);
	for (size_t i = 0; i < nr && !settings_full(tree->loader); i++) {
		char item[SETTINGS_LABEL_LEN];
		const struct settings_section section = {path, item, &(*matches)[i]};

		*nr_matches = i + 1;
		snprintf(item, sizeof(item), "%.64s[%zu]", label, i);
		read_match(tree, tree_node(tree, items[i]), &section);
	}
}
