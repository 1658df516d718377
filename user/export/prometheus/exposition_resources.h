/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which attributes of each resource are labels. Private to exposition*.c. */
#ifndef LOOPSCOPE_EXPOSITION_RESOURCES_H
#define LOOPSCOPE_EXPOSITION_RESOURCES_H

#include "export/prometheus/exposition_encoder.h"

/*
 * Fills exposition->resources. Those of the options that a resource has; and service.instance.id,
 * which each process mostly has its own of, where without it two resources would be labelled
 * alike, or none of the options could tell two processes of one program apart; and process.pid
 * where two are alike even so. -ENOMEM.
 */
int resource_labels_make(struct exposition *exposition);
void resource_labels_done(struct exposition *exposition);

#endif
