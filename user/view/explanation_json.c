/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* An explanation as one object. */
#include <errno.h>

#include "base/json_values.h"
#include "base/syscall_name.h"
#include "view/explanation.h"

static json_t *text_or_null(const char *text)
{
	return text && *text ? json_text(text) : json_null();
}

static json_t *evidence_array(const struct explanation *explanation)
{
	json_t *array = json_array();

	for (size_t i = 0; i < explanation->nr_evidence; i++) {
		const struct explained_evidence *evidence = &explanation->evidence[i];
		json_t *object = json_object();

		json_put(&object, "kind", json_string(evidence->kind));
		json_put(&object, "seen", json_text(evidence->seen));
		json_put(&object, "means", text_or_null(evidence->means));
		json_put(&object, "version", text_or_null(evidence->version));
		json_append(&array, object);
	}
	return array;
}

static json_t *poll_array(const struct explanation *explanation)
{
	json_t *array = json_array();

	for (size_t i = 0; i < explanation->nr_polls; i++) {
		const struct explained_poll *poll = &explanation->polls[i];
		json_t *object = json_object();

		json_put(&object, "fd", json_integer(poll->fd));
		json_put(&object, "descriptors", json_integer((json_int_t)poll->nr_descriptors));
		json_put(&object, "threads_waiting", json_integer((json_int_t)poll->nr_waiting));
		json_put(&object, "same_as_other", json_boolean(poll->same_as_other));
		json_append(&array, object);
	}
	return array;
}

static json_t *thread_object(const struct explained_thread *thread)
{
	json_t *object = json_object();
	char name[SYSCALL_NAME_LEN];

	json_put(&object, "tid", json_integer(thread->tid));
	json_put(&object, "thread", json_text(thread->name));
	json_put(&object, "running", json_boolean(thread->running));
	json_put(&object, "syscall",
		 thread->syscall_nr < 0 ? json_null()
					: json_string(syscall_name(thread->syscall_nr, name)));
	json_put(&object, "eventpoll", thread->fd < 0 ? json_null() : json_integer(thread->fd));
	json_put(&object, "wait_family", text_or_null(thread->family));
	json_put(&object, "loop", json_boolean(thread->is_loop));
	json_put(&object, "parks", json_boolean(thread->parks));
	json_put(&object, "why", json_string(thread->why));
	return object;
}

static json_t *thread_array(const struct explanation *explanation)
{
	json_t *array = json_array();

	for (size_t i = 0; i < explanation->nr_threads; i++)
		json_append(&array, thread_object(&explanation->threads[i]));
	return array;
}

static json_t *file_object(const struct explanation *explanation)
{
	json_t *object = json_object();

	json_put(&object, "path", text_or_null(explanation->executable));
	json_put(&object, "format", json_string(explanation->file));
	json_put(&object, "sections", json_integer(explanation->nr_sections));
	json_put(&object, "bytes_searched", json_integer((json_int_t)explanation->bytes_read));
	json_put(&object, "cut", json_boolean(explanation->cut));
	return object;
}

static json_t *children_array(const struct explanation *explanation)
{
	json_t *array = json_array();

	for (size_t i = 0; i < explanation->nr_children; i++)
		json_append(&array, json_integer(explanation->children[i]));
	return array;
}

int explanation_write_json(FILE *out, const struct explanation *explanation)
{
	json_auto_t *object = json_object();

	json_put(&object, "pid", json_integer(explanation->pid));
	json_put(&object, "process", json_text(explanation->process));
	json_put(&object, "runtime", text_or_null(explanation->runtime));
	json_put(&object, "runtime_version", text_or_null(explanation->runtime_version));
	json_put(&object, "loop_library", text_or_null(explanation->loop_library));
	json_put(&object, "loop_library_version", text_or_null(explanation->loop_library_version));
	json_put(&object, "certainty", text_or_null(explanation->certainty));
	json_put(&object, "no_loop", text_or_null(explanation->no_loop));
	json_put(&object, "ended", json_boolean(explanation->ended));
	json_put(&object, "executable", file_object(explanation));
	json_put(&object, "evidence", evidence_array(explanation));
	json_put(&object, "eventpolls", poll_array(explanation));
	json_put(&object, "threads", thread_array(explanation));
	json_put(&object, "threads_not_shown",
		 json_integer((json_int_t)explanation->nr_threads_more));
	json_put(&object, "children_with_loops", children_array(explanation));
	if (!object)
		return -ENOMEM;
	json_dumpf(object, out, JSON_COMPACT);
	fputc('\n', out);
	return 0;
}
