/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Real processes, and the resources that are made of them. */
#ifndef LOOPSCOPE_TESTS_RESOURCE_FIXTURE_H
#define LOOPSCOPE_TESTS_RESOURCE_FIXTURE_H

#include <sys/types.h>

#include "identity/resource.h"

/* A process that has become what `arguments` name; NULL-terminated, as is the environment. */
pid_t fixture_start(const char *directory, char *const arguments[], char *const environment[]);

/* The same of a file that is not the first argument, without an environment. */
pid_t fixture_start_file(const char *file, char *const arguments[]);
void fixture_stop(pid_t pid);

/* The identity it has now. */
void fixture_identify(pid_t pid, struct process_identity *ret_identity);

/* Its resource by that identity; options NULL: environment, no arguments, no host. */
void fixture_resource(pid_t pid, const struct process_identity *identity,
		      const struct resource_options *options, struct attributes *ret_attributes);

/* Both at once. */
void fixture_describe(pid_t pid, struct attributes *ret_attributes);

/* Fails unless that text is there. */
void fixture_assert_text(const struct attributes *set, const char *key, const char *text);

#endif
