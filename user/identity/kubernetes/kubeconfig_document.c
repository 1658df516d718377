/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Fixed paths into the document, so that aliases, even of a node to itself, cost no
 * more than they are written.
 */
#include "identity/kubernetes/kubeconfig_document.h"

#include <errno.h>
#include <string.h>

#include "identity/kubernetes/cluster_access_parts.h"

#define SHOWN 128 /* bytes of a name in a message */

static const char *scalar(const yaml_node_t *node)
{
	return (const char *)node->data.scalar.value;
}

static bool is_key(const yaml_node_t *node, const char *key)
{
	return node && node->type == YAML_SCALAR_NODE && !strcmp(scalar(node), key);
}

const yaml_node_t *kubeconfig_get(const struct kubeconfig *config, const yaml_node_t *mapping,
				  const char *key)
{
	const yaml_node_pair_t *pair;

	if (!mapping || mapping->type != YAML_MAPPING_NODE)
		return NULL;
	for (pair = mapping->data.mapping.pairs.start; pair < mapping->data.mapping.pairs.top;
	     pair++) {
		const yaml_node_t *value;

		if (!is_key(yaml_document_get_node(config->document, pair->key), key))
			continue;
		value = yaml_document_get_node(config->document, pair->value);
		return value && !yaml_node_is_null(value) ? value : NULL;
	}
	return NULL;
}

/* Line breaks end a text in a block; within one that is folded they are part of base64. */
static bool is_clean(const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if ((c < ' ' && !strchr("\t\r\n", c)) || c == 0x7f)
			return false;
	}
	return true;
}

int kubeconfig_get_text(const struct kubeconfig *config, const yaml_node_t *mapping,
			const char *key, const char **ret_text)
{
	const yaml_node_t *node = kubeconfig_get(config, mapping, key);

	if (!node) {
		*ret_text = "";
		return 0;
	}
	if (node->type != YAML_SCALAR_NODE || node->data.scalar.length != strlen(scalar(node)) ||
	    !is_clean(scalar(node)))
		return cluster_access_fail(config->error, -EINVAL, "%s:%zu: %s is not a text",
					   config->path, node->start_mark.line + 1, key);
	*ret_text = scalar(node);
	return 0;
}

int kubeconfig_find(const struct kubeconfig *config, const char *list, const char *kind,
		    const char *name, const yaml_node_t **ret_mapping)
{
	const yaml_node_t *root = yaml_document_get_root_node(config->document);
	const yaml_node_t *items = kubeconfig_get(config, root, list), *found;
	const yaml_node_item_t *item;

	if (!items || items->type != YAML_SEQUENCE_NODE)
		return cluster_access_fail(config->error, -EINVAL, "%s: it has no list of %s",
					   config->path, list);
	for (item = items->data.sequence.items.start; item < items->data.sequence.items.top;
	     item++) {
		const yaml_node_t *entry = yaml_document_get_node(config->document, *item);

		if (!is_key(kubeconfig_get(config, entry, "name"), name))
			continue;
		found = kubeconfig_get(config, entry, kind);
		if (!found || found->type != YAML_MAPPING_NODE)
			break;
		*ret_mapping = found;
		return 0;
	}
	return cluster_access_fail(config->error, -EINVAL, "%s: there is no %s named \"%.*s\"",
				   config->path, kind, SHOWN, name);
}
