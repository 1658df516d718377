/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Pods for tests: of short texts, and of tests/unit/pods/, which holds what a kubelet and an API
 * server 1.34 have sent, shortened.
 */
#ifndef LOOPSCOPE_TESTS_POD_FIXTURE_H
#define LOOPSCOPE_TESTS_POD_FIXTURE_H

#include "base/buffer.h"
#include "identity/kubernetes/pod.h"

#define POD_WEB "257a1b36-6033-4bcb-ba7f-33f8a10e5b1d" /* uid of the samples' one of a Deployment */

/* Of JSON in which ' stands for ". All annotations are kept, unless it is said otherwise. */
json_t *json_of(const char *text);
int pod_parse(const char *text, struct pod **ret_pod);
struct pod *pod_of(const char *text);

/* The item of that name in a list of tests/unit/pods/. */
struct pod *pod_of_sample(const char *file, const char *name);

/* A file of tests/unit/pods/. */
void read_sample(const char *file, struct buffer *ret_text);

extern const struct pod_parse_options keep_annotations;

#endif
