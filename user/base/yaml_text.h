/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A stranger's YAML as a document of libyaml, bounded in what it may cost. */
#ifndef LOOPSCOPE_YAML_TEXT_H
#define LOOPSCOPE_YAML_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include <yaml.h>

#define YAML_TEXT_MAX_BYTES (1024 * 1024)
#define YAML_TEXT_FAULT_LEN 256

struct yaml_fault {
	size_t line, column; /* from 1; 0: it is the whole text */
	char what[YAML_TEXT_FAULT_LEN];
};

/*
 * The one document of the text, for yaml_document_delete; its nodes have marks. Aliases are
 * resolved: a node may be below itself. -EBADMSG: ret_fault says what is wrong; -ENOMEM.
 */
int yaml_text_load(const char *text, size_t size, yaml_document_t *ret_document,
		   struct yaml_fault *ret_fault);

/* Nothing is said there: `key:` with no value, null, ~. */
bool yaml_node_is_null(const yaml_node_t *node);

#endif
