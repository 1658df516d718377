/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The gathering of evidence from one process, and what follows from it. */
#include "identity/runtime.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "identity/proc.h"
#include "identity/runtime_parts.h"

void runtime_note_seen(const struct detection *detection, enum runtime_evidence evidence,
		       const char *seen, const char *means, const char *version)
{
	const struct runtime_listener *listener = detection->listener;

	if (listener)
		listener->seen(&(struct runtime_note){evidence, seen, means ?: "", version},
			       listener->context);
}

static bool is_so_far(const struct detection *detection, const char *name)
{
	const char *runtime = runtime_name(detection->best);

	return runtime && strcmp(runtime, name) == 0;
}

static void look_at_executable(struct detection *detection, const char *executable)
{
	char path[PATH_MAX], *name;

	snprintf(path, sizeof(path), "%s", executable);
	proc_strip_deleted(path);
	name = strrchr(path, '/');
	name = name ? name + 1 : path;
	detection->best = runtime_match(EVIDENCE_EXECUTABLE, name, detection->best);
	/* the first numbers only, which its contents go on with */
	if (strncmp(name, "python", strlen("python")) == 0)
		version_of_digits(name + strcspn(name, "0123456789"), detection->version);
	runtime_note_seen(detection, EVIDENCE_EXECUTABLE, name, runtime_name(detection->best),
			  detection->version);
}

static void take_contents(struct detection *detection, const struct program_facts *facts)
{
	for (unsigned int i = 0; i < facts->nr_found; i++) {
		const struct program_find *find = &facts->found[i];
		const struct content_rule *rule = content_rule(find->rule);
		const struct version_pattern *pattern = &rule->pattern;

		enum runtime_evidence evidence =
			pattern->kind == VERSION_NOT_TOLD ? EVIDENCE_WORD : EVIDENCE_CONTENT;

		detection->best = runtime_match(evidence, rule->name, detection->best);
		runtime_note_seen(detection, evidence,
				  pattern->before_size ? pattern->before : "a version", rule->name,
				  find->version);
	}
}

static void look_at_contents(struct detection *detection)
{
	_cleanup_(closep) int fd =
		openat(detection->directory, "exe", O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	const struct program_search search = {runtime_name(detection->best), detection->version};
	const struct program_facts *facts =
		fd < 0 ? NULL : program_files_read(detection->files, fd, &search);

	if (!facts)
		return;
	detection->facts = *facts;
	if (detection->listener)
		detection->listener->read(facts, detection->listener->context);
	if (facts->section_rank < detection->best) {
		detection->best = facts->section_rank;
		version_copy(detection->version, facts->build_version);
		runtime_note_seen(detection, EVIDENCE_SECTION, runtime_pattern(detection->best),
				  runtime_name(detection->best), facts->build_version);
	}
	take_contents(detection, facts);
}

/* The version that the program itself has in it, of a runtime or a library. */
static const char *version_inside(const struct detection *detection, const char *name)
{
	const char *version = program_version(&detection->facts, name);

	return version && *version ? version : NULL;
}

static void tell_version(struct detection *detection, const char *name)
{
	const char *inside = version_inside(detection, name);
	const char *mapped = runtime_name(detection->library_best);

	if (inside)
		version_copy(detection->version, inside);
	else if (mapped && strcmp(mapped, name) == 0)
		runtime_version_of_mapped(detection, &detection->library, name, detection->version);
}

/* A name that is all there is to go by may be any program's. */
static enum runtime_certainty certainty_of(const struct detection *detection, const char *name)
{
	const char *mapped = runtime_name(detection->library_best);
	enum runtime_evidence evidence = runtime_evidence_of(detection->best);

	if (evidence == EVIDENCE_SECTION || evidence == EVIDENCE_CONTENT ||
	    evidence == EVIDENCE_LIBRARY || version_inside(detection, name) ||
	    (mapped && strcmp(mapped, name) == 0))
		return RUNTIME_SURE;
	return RUNTIME_LIKELY;
}

static void tell_loop_version(struct detection *detection, const char *library,
			      char version[VERSION_LEN])
{
	const char *inside = version_inside(detection, library);

	if (strncmp(library, "netty-", strlen("netty-")) == 0)
		version_copy(version, detection->netty_version);
	else if (strcmp(library, "vert.x") == 0)
		version_copy(version, detection->vertx_version);
	else if (inside)
		version_copy(version, inside);
	else if (*detection->loop_library.path)
		runtime_version_of_mapped(detection, &detection->loop_library, library, version);
}

static void tell_loop_library(struct detection *detection, struct runtime *runtime)
{
	size_t rank = loop_library_choose(detection->loops_seen, runtime->name);

	runtime->loop_library = rank == RUNTIME_UNKNOWN ? loop_library_of_runtime(runtime->name)
							: loop_library_name(rank);
	if (runtime->loop_library)
		tell_loop_version(detection, runtime->loop_library, runtime->loop_library_version);
}

static void conclude(struct detection *detection, struct runtime *runtime)
{
	runtime->name = runtime_name(detection->best);
	if (!runtime->name)
		return;
	runtime->certainty = certainty_of(detection, runtime->name);
	tell_version(detection, runtime->name);
	version_copy(runtime->version, detection->version);
	tell_loop_library(detection, runtime);
}

void runtime_detect(struct program_files *files, int directory, const char *executable,
		    const struct runtime_listener *listener, struct runtime *ret_runtime)
{
	struct detection detection = {
		.files = files,
		.listener = listener,
		.directory = directory,
		.best = RUNTIME_UNKNOWN,
		.library_best = RUNTIME_UNKNOWN,
		.facts.section_rank = RUNTIME_UNKNOWN,
	};

	*ret_runtime = (struct runtime){};
	look_at_executable(&detection, executable);
	look_at_contents(&detection);
	if (listener || !runtime_is_alone(detection.best))
		runtime_look_at_libraries(&detection);
	if (is_so_far(&detection, "java"))
		runtime_look_at_jvm(&detection);
	conclude(&detection, ret_runtime);
}
