/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is looked up in a kubeconfig: named entries and their texts. Private to kubeconfig*.c. */
#ifndef LOOPSCOPE_KUBECONFIG_DOCUMENT_H
#define LOOPSCOPE_KUBECONFIG_DOCUMENT_H

#include <stdbool.h>

#include "base/yaml_text.h"

struct kubeconfig {
	const char *path; /* of the file; for messages, and what relative paths are relative to */
	yaml_document_t *document;
	char *error; /* CLUSTER_ACCESS_ERROR_LEN */
};

/* The value of that key, or NULL: there is none, it is null, or `mapping` is no mapping. */
const yaml_node_t *kubeconfig_get(const struct kubeconfig *config, const yaml_node_t *mapping,
				  const char *key);

/* Likewise a text; "" for none. -EINVAL: it is no text, or holds control characters; said. */
int kubeconfig_get_text(const struct kubeconfig *config, const yaml_node_t *mapping,
			const char *key, const char **ret_text);

/*
 * "clusters: [{name: N, cluster: {...}}]": the mapping below `kind` of the entry with that
 * name. -EINVAL: there is none; said.
 */
int kubeconfig_find(const struct kubeconfig *config, const char *list, const char *kind,
		    const char *name, const yaml_node_t **ret_mapping);

#endif
