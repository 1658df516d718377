/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Putting a process's resource together: what tells the process from others first, so that a set
 * which others have filled has room for it. What is read of the process itself is read through
 * one directory of /proc, kept apart, and thrown away if the program has become another meanwhile.
 */
#include "identity/resource.h"

#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "identity/container/cgroup_containers.h"
#include "identity/instance_id.h"
#include "identity/proc.h"
#include "identity/process_texts.h"
#include "identity/service_name.h"

struct subject {
	const struct resource_process *process;
	const struct resource_options *options;
	int directory; /* of /proc; -1: not to be read */
	struct proc_stat stat;
	struct cgroup_containers containers;
	char unit_name[SERVICE_NAME_LEN]; /* "": in no service of systemd's */
	char executable[PATH_MAX]; /* name of its file, without the directory; "": not known */
	struct process_texts *texts;
	char working_directory[PATH_MAX];
};

/* What cannot be put for want of room is left out, and counted by the set. */
static int put_text(struct attributes *set, const char *key, const char *text)
{
	int r = *text ? attributes_put_text(set, key, text) : 0;

	return r == -ENOMEM ? r : 0;
}

static int put_integer(struct attributes *set, const char *key, __s64 value)
{
	int r = attributes_put_integer(set, key, value);

	return r == -ENOMEM ? r : 0;
}

/* Those of `over` take the place of others, but no empty text does. */
static int put_over(struct attributes *set, const struct attributes *over)
{
	for (size_t i = 0; i < over->nr; i++) {
		const struct attribute *attribute = &over->items[i];

		if (attribute->type == ATTRIBUTE_TEXT && !*attribute->text &&
		    attributes_get(set, attribute->key))
			continue;
		if (attributes_put(set, attribute) == -ENOMEM)
			return -ENOMEM;
	}
	set->nr_left_out += over->nr_left_out;
	return 0;
}

/* Whether the process that has the pid now is the one meant. */
static bool is_same(const struct resource_process *process, const struct proc_stat *stat)
{
	if (process->identity->start_ticks)
		return stat->start_ticks == process->identity->start_ticks;
	return !process->start_ns || stat->start_ticks <= proc_ticks_of_ns(process->start_ns);
}

static void open_subject(struct subject *subject)
{
	const struct resource_process *process = subject->process;
	_cleanup_(closep) int directory = proc_open(process->pid);

	subject->directory = -1;
	if (directory >= 0 && proc_stat_read(directory, "stat", &subject->stat) == 0 &&
	    is_same(process, &subject->stat))
		subject->directory = TAKE_FD(directory);
	else
		subject->stat = (struct proc_stat){};
}

static void place(struct subject *subject)
{
	cgroup_containers_parse(subject->process->identity->cgroup, &subject->containers);
	if (!service_name_of_unit(subject->containers.unit, subject->unit_name))
		subject->unit_name[0] = '\0';
}

static void name_executable(struct subject *subject)
{
	const char *path = subject->process->identity->executable, *slash = strrchr(path, '/');

	snprintf(subject->executable, sizeof(subject->executable), "%s", slash ? slash + 1 : path);
	proc_strip_deleted(subject->executable);
}

/* By the conventions; what they have no name for keeps its own. */
static const char *runtime_in_conventions(const char *runtime, const char *executable)
{
	static const struct {
		const char *runtime, *executable, *name;
	} names[] = {
		{"node", "*", "nodejs"},
		{"python", "pypy*", "pypy"},
		{"python", "*", "cpython"},
		{"java", "*", "OpenJDK Runtime Environment"},
		{"erlang", "*", "BEAM"},
		{"dotnet", "*", ".NET"},
		{"php-fpm", "*", "fpm-fcgi"},
		{"php", "*", "cli"},
		{"go", "*", "go"},
		{"ruby", "*", "ruby"},
		{"perl", "*", "perl"},
		{"bun", "*", "bun"},
		{"deno", "*", "deno"},
	};

	for (size_t i = 0; runtime && i < sizeof(names) / sizeof(*names); i++) {
		if (strcmp(runtime, names[i].runtime) == 0 &&
		    fnmatch(names[i].executable, executable, 0) == 0)
			return names[i].name;
	}
	return ""; /* a program or a library: no runtime */
}

/* Of what has a name by the conventions. */
static int put_runtime_version(const struct subject *subject, struct attributes *set)
{
	const struct process_identity *identity = subject->process->identity;

	if (!*runtime_in_conventions(identity->runtime, subject->executable))
		return 0;
	return put_text(set, "process.runtime.version", identity->runtime_version);
}

static int put_container(const struct subject *subject, struct attributes *set)
{
	const struct cgroup_container *container = cgroup_containers_main(&subject->containers);

	if (!container)
		return 0;
	return put_text(set, "container.id", container->id)
		       ?: put_text(set, "container.runtime.name",
				   container_runtime_name(container->runtime));
}

/* What is known without another look at the process. */
static int put_known(const struct subject *subject, struct attributes *set)
{
	const struct resource_process *process = subject->process;
	const struct process_identity *identity = process->identity;
	const char *comm = *process->comm ? process->comm : "unknown";
	const char *executable = *subject->executable ? subject->executable : comm;
	const char *unit = subject->unit_name;
	char instance[INSTANCE_ID_LEN];
	__u64 start_ticks = identity->start_ticks ?: subject->stat.start_ticks;

	instance_id_of_process(process->pid, start_ticks ?: proc_ticks_of_ns(process->start_ns),
			       instance);
	return put_integer(set, "process.pid", process->pid)
		       ?: put_text(set, "service.name", *unit ? unit : executable)
		       ?: put_text(set, "service.instance.id", instance)
		       ?: put_text(set, "process.executable.name", executable)
		       ?: put_text(set, "process.executable.path", identity->executable)
		       ?: put_text(set, "process.runtime.name",
				   runtime_in_conventions(identity->runtime, subject->executable))
		       ?: put_runtime_version(subject, set)
		       ?: put_container(subject, set);
}

static const char *read_working_directory(void *context)
{
	struct subject *subject = context;
	ssize_t length = proc_read_link(subject->directory, "cwd", subject->working_directory,
					sizeof(subject->working_directory));

	return length < 0 ? NULL : subject->working_directory;
}

/* argv[0], but for the options in a title that the process has set itself. */
static int put_command(struct attributes *set, const char *first)
{
	const char *options = strstr(first, " -");
	_cleanup_(freep) char *command =
		strndup(first, options ? (size_t)(options - first) : strlen(first));

	return command ? put_text(set, "process.command", command) : -ENOMEM;
}

static int put_arguments(struct attributes *set, const struct command_line *line)
{
	const struct attribute arguments = {.key = "process.command_args",
					    .type = ATTRIBUTE_TEXTS,
					    .texts = {line->items, line->nr}};

	return attributes_put(set, &arguments) == -ENOMEM ? -ENOMEM : 0;
}

static int put_command_line(struct subject *subject, struct attributes *set)
{
	const struct command_line *line = &subject->texts->line;
	char name[SERVICE_NAME_LEN];
	int r = 0;

	if (!line->nr)
		return 0;
	if (!*subject->unit_name &&
	    (service_name_of_script(subject->executable, line, read_working_directory, subject,
				    name) ||
	     service_name_of_start(line, subject->process->comm, name)))
		r = put_text(set, "service.name", name);
	if (!r && subject->options->command_arguments)
		r = put_arguments(set, line);
	return r ?: put_command(set, line->items[0]);
}

static int put_environment(const struct subject *subject, struct attributes *set)
{
	const struct process_texts *texts = subject->texts;
	struct attributes said = {};
	int r = 0;

	if (texts->has_attributes && resource_parse_list(texts->attributes, &said) == -ENOMEM)
		r = -ENOMEM;
	if (!r && texts->has_service_name)
		r = put_text(&said, "service.name", texts->service_name);
	r = r ?: put_over(set, &said);
	attributes_done(&said);
	return r;
}

static int put_context(const struct subject *subject, struct attributes *set)
{
	const struct process_texts *texts = subject->texts;
	struct attributes published = {};
	int r = texts->payload_size
			? process_context_decode(texts->payload, texts->payload_size, &published)
			: 0;

	r = r == -ENOMEM ? r : put_over(set, &published);
	attributes_done(&published);
	return r;
}

/* An exec leaves the pid, the start time and the directory of /proc as they were. */
static bool runs(const struct subject *subject, const char *program)
{
	char now[PATH_MAX];

	if (proc_read_link(subject->directory, "exe", now, sizeof(now)) < 0)
		return !*program;
	return strcmp(now, program) == 0;
}

static int read_texts(struct subject *subject)
{
	const struct process_texts_wanted wanted = {
		.pid = subject->process->pid,
		.start_ticks = subject->stat.start_ticks,
		.environment = subject->options->read_environment,
	};

	return process_texts_read(subject->options->apart, &wanted, &subject->texts);
}

/* What it says of itself, over what it shows. */
static int put_said(const struct subject *subject, struct attributes *shown,
		    struct attributes *said)
{
	return put_environment(subject, said) ?: put_context(subject, said)
						 ?: put_over(shown, said);
}

/* What the process shows and says; nothing if it has ended, or is another program by now. */
static int read_subject(struct subject *subject, struct attributes *set, struct attributes *said)
{
	const char *expected = subject->process->identity->executable;
	struct attributes told = {};
	char program[PATH_MAX];
	int r;

	if (subject->directory < 0)
		return 0;
	if (proc_read_link(subject->directory, "exe", program, sizeof(program)) < 0)
		program[0] = '\0';
	if (*expected && strcmp(program, expected) != 0)
		return 0;
	r = put_integer(&told, "process.parent_pid", subject->stat.parent)
		    ?: read_texts(subject) ?: put_command_line(subject, &told)
		    ?: put_said(subject, &told, said);
	if (!r && runs(subject, program))
		r = put_over(set, &told);
	else
		attributes_done(said);
	attributes_done(&told);
	return r;
}

int resource_filter(struct attributes *set, const struct resource_options *options)
{
	_cleanup_(freep) char *name = strdup(attributes_get_text(set, "service.name") ?: "");

	if (!name)
		return -ENOMEM;
	attributes_filter(set, options->keep, options->nr_keep, options->drop, options->nr_drop);
	return put_text(set, "service.name", name); /* without it there is no resource */
}

/* What no process can say otherwise. */
static int put_certain(const struct subject *subject, struct attributes *set)
{
	return put_integer(set, "process.pid", subject->process->pid)
		       ?: put_container(subject, set);
}

int resource_of_process(const struct resource_process *process,
			const struct resource_options *options, struct attributes *ret_attributes,
			struct attributes *ret_said)
{
	struct subject subject = {.process = process, .options = options};
	struct attributes set = {}, said = {};
	int r;

	open_subject(&subject);
	name_executable(&subject);
	place(&subject);
	r = put_known(&subject, &set);
	if (!r && options->host && attributes_add_missing(&set, options->host) == -ENOMEM)
		r = -ENOMEM;
	r = r ?: read_subject(&subject, &set, &said) ?: put_certain(&subject, &set)
		      ?: resource_filter(&set, options);
	closep(&subject.directory);
	process_texts_free(subject.texts);
	if (r || !ret_said)
		attributes_done(&said);
	if (r) {
		attributes_done(&set);
		return r;
	}
	if (ret_said)
		*ret_said = said;
	*ret_attributes = set;
	return 0;
}
