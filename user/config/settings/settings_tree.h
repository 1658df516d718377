/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From a YAML document to values, by the table of keys. Private to user/config. */
#ifndef LOOPSCOPE_SETTINGS_TREE_H
#define LOOPSCOPE_SETTINGS_TREE_H

#include <yaml.h>

#include "config/settings/settings_load.h"

/* A mapping under way: of which keys it is, what it fills, and what errors call it. */
struct settings_section {
	const char *path;  /* in the table: "targets[].thresholds" */
	const char *label; /* "targets[0].thresholds" */
	void *base;        /* struct settings, target_group or target_match */
};

struct settings_tree {
	struct settings_loader *loader;
	yaml_document_t *document;
};

void settings_read_document(struct settings_loader *loader, yaml_document_t *document);

void tree_place(const yaml_node_t *node, const char *label, struct settings_place *ret_place);
yaml_node_t *tree_node(const struct settings_tree *tree, int index);

/* Reports a node that is not what it should be, `due`. */
void tree_fail_kind(const struct settings_tree *tree, const yaml_node_t *node, const char *label,
		    const char *due);

void tree_read_mapping(const struct settings_tree *tree, const yaml_node_t *node,
		       const struct settings_section *section);

/* settings_tree_value.c: a key's value, and settings_tree_groups.c: lists of structs. */
void tree_read_value(const struct settings_tree *tree, const struct setting_key *key,
		     const yaml_node_t *node, const char *label, void *base);
void tree_read_groups(const struct settings_tree *tree, const struct setting_key *key,
		      const yaml_node_t *node, const char *label);
void tree_read_matches(const struct settings_tree *tree, const struct setting_key *key,
		       const yaml_node_t *node, const char *label, void *base);

#endif
