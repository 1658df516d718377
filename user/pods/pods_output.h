/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Pods as text: rows of a table, or JSON objects. Names are strangers' and made harmless. */
#ifndef LOOPSCOPE_PODS_OUTPUT_H
#define LOOPSCOPE_PODS_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "identity/kubernetes/pods.h"

/* One line each. -ENOMEM. */
int pods_json_pod(FILE *out, const struct pod *pod);
int pods_json_deleted(FILE *out, const struct pod *pod);
int pods_json_synced(FILE *out);
int pods_json_status(FILE *out, const char *message);

/* Columns wide enough for what was measured; rows that come later may not fit. All zero is fine. */
struct pods_table {
	int namespace, pod, container;
};

void pods_table_measure(struct pods_table *table, const struct pod *pod);
void pods_table_header(FILE *out, const struct pods_table *table);

/* A row for each container; one of a pod without any. */
void pods_table_pod(FILE *out, const struct pods_table *table, const struct pod *pod, bool deleted);

#endif
