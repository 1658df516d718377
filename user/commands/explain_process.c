/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The detection of its runtime, told step by step; its eventpolls; its threads. */
#include "commands/explain_process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/apart.h"
#include "base/cleanup.h"
#include "identity/eventpoll.h"
#include "identity/proc.h"
#include "identity/runtime.h"
#include "identity/wait_syscall.h"

_Static_assert(EXPLANATION_MAX_POLLS >= EVENTPOLL_MAX, "all are shown");

DEFINE_CLEANUP(struct apart *, apart_free)
DEFINE_CLEANUP(struct program_files *, program_files_free)

static const char *kind_name(enum runtime_evidence evidence)
{
	static const char *const names[] = {
		[EVIDENCE_EXECUTABLE] = "file", [EVIDENCE_SECTION] = "section",
		[EVIDENCE_CONTENT] = "text",    [EVIDENCE_WORD] = "word",
		[EVIDENCE_LIBRARY] = "library", [EVIDENCE_JAR] = "jar",
		[EVIDENCE_THREAD] = "thread",
	};

	return names[evidence];
}

static void take_note(const struct runtime_note *note, void *context)
{
	struct explanation *explanation = context;
	struct explained_evidence *evidence;

	if (explanation->nr_evidence == EXPLANATION_MAX_EVIDENCE)
		return;
	evidence = &explanation->evidence[explanation->nr_evidence++];
	evidence->kind = kind_name(note->evidence);
	evidence->means = note->means;
	snprintf(evidence->seen, sizeof(evidence->seen), "%s", note->seen);
	snprintf(evidence->version, sizeof(evidence->version), "%s", note->version);
}

static void take_facts(const struct program_facts *facts, void *context)
{
	static const char *const files[] = {
		[PROGRAM_UNREADABLE] = "not to be read",
		[PROGRAM_NOT_ELF] = "no ELF file of 64 bits with sections",
		[PROGRAM_READ] = "ELF",
	};
	struct explanation *explanation = context;

	explanation->file = files[facts->state];
	explanation->nr_sections = facts->nr_sections;
	explanation->bytes_read = facts->bytes_read;
	explanation->cut = facts->cut;
}

/* The texts of a struct runtime live in the explanation from here on. */
static void take_runtime(const struct runtime *runtime, struct explanation *explanation)
{
	static const char *const certainties[] = {
		[RUNTIME_LIKELY] = "likely",
		[RUNTIME_SURE] = "sure",
	};

	explanation->runtime = runtime->name;
	explanation->loop_library = runtime->loop_library;
	explanation->certainty = certainties[runtime->certainty];
	explanation->no_loop = runtime_no_loop(runtime->name);
	version_copy(explanation->runtime_version, runtime->version);
	version_copy(explanation->loop_library_version, runtime->loop_library_version);
}

struct runtime_question {
	pid_t pid;
	__u64 start_ticks;
	char executable[PATH_MAX];
};

_Static_assert(sizeof(struct explanation) <= APART_MAX_ANSWER, "an answer holds it");

static void look_at_runtime(const void *question, void *answer)
{
	const struct runtime_question *process = question;
	const struct runtime_listener listener = {take_note, take_facts, answer};
	_cleanup_(program_files_freep) struct program_files *files = NULL;
	_cleanup_(closep) int directory = proc_open(process->pid);
	struct proc_stat stat;
	struct runtime runtime;

	((struct explanation *)answer)->file = "not to be read";
	if (directory < 0 || proc_stat_read(directory, "stat", &stat) ||
	    stat.start_ticks != process->start_ticks ||
	    program_files_new(EXPLANATION_MAX_EVIDENCE, &files))
		return;
	runtime_detect(files, directory, process->executable, &listener, &runtime);
	take_runtime(&runtime, answer);
}

/* All that is in the explanation so far is replaced. */
static int explain_runtime(int directory, pid_t pid, __u64 start_ticks,
			   struct explanation *explanation)
{
	struct runtime_question question = {.pid = pid, .start_ticks = start_ticks};
	_cleanup_(apart_freep) struct apart *apart = NULL;
	int r = apart_new(&apart);

	if (r)
		return r;
	if (proc_read_link(directory, "exe", question.executable, sizeof(question.executable)) <
	    0) {
		explanation->file = "not to be read";
		return 0;
	}
	if (apart_call(apart, look_at_runtime, &question, sizeof(question), explanation,
		       sizeof(*explanation)))
		explanation->file = "not read: what it lies on does not answer";
	snprintf(explanation->executable, sizeof(explanation->executable), "%.*s",
		 (int)sizeof(explanation->executable) - 1, question.executable);
	return 0;
}

static void explain_polls(int directory, pid_t pid, struct explanation *explanation)
{
	struct eventpolls polls = {};

	if (eventpolls_read(directory, pid, &polls))
		return;
	for (size_t i = 0; i < polls.nr; i++)
		explanation->polls[explanation->nr_polls++] = (struct explained_poll){
			.fd = polls.fds[i].fd,
			.nr_descriptors = eventpoll_nr_watched(directory, polls.fds[i].fd),
			.same_as_other = polls.fds[i].same_as != i,
		};
}

static void claim_poll(struct explanation *explanation, int fd)
{
	for (size_t i = 0; i < explanation->nr_polls; i++)
		explanation->polls[i].nr_waiting += explanation->polls[i].fd == fd;
}

/* One that ends just now is left out. */
static void explain_thread(int directory, pid_t tid, struct explanation *explanation)
{
	struct explained_thread *thread = &explanation->threads[explanation->nr_threads];
	struct proc_syscall syscall = {.nr = -1};
	enum wait_family family;
	struct proc_stat stat;
	char path[64];

	snprintf(path, sizeof(path), "task/%d/stat", tid);
	if (proc_stat_read(directory, path, &stat))
		return;
	if (explanation->nr_threads == EXPLANATION_MAX_THREADS) {
		explanation->nr_threads_more++;
		return;
	}
	snprintf(path, sizeof(path), "task/%d/syscall", tid);
	proc_syscall_read(directory, path, &syscall);
	family = wait_syscall_family(syscall.nr);
	*thread = (struct explained_thread){
		.tid = (__u32)tid,
		.state = stat.state,
		.running = syscall.running,
		.of_kernel = stat.flags & PROC_FLAG_IO_WORKER,
		.syscall_nr = syscall.nr,
		.fd = family == WAIT_EPOLL ? (int)syscall.args[0] : -1,
		.nr_polled = family == WAIT_POLL ? syscall.args[1] : 0,
	};
	memcpy(thread->name, stat.comm, sizeof(thread->name));
	if (thread->fd >= 0)
		claim_poll(explanation, thread->fd);
	explanation->nr_threads++;
}

static int explain_threads(int directory, struct explanation *explanation)
{
	int fd = openat(directory, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(closedirp) DIR *list = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!list) {
		int r = -errno;

		closep(&fd);
		return r;
	}
	while ((entry = readdir(list))) {
		pid_t tid = atoi(entry->d_name);

		if (tid > 0)
			explain_thread(directory, tid, explanation);
	}
	return 0;
}

int explain_process(pid_t pid, struct explanation *explanation)
{
	_cleanup_(closep) int directory = proc_open(pid);
	struct proc_stat stat;
	int r = directory < 0 ? directory : proc_stat_read(directory, "stat", &stat);

	if (r)
		return r;
	r = explain_runtime(directory, pid, stat.start_ticks, explanation);
	explanation->pid = (__u32)pid;
	memcpy(explanation->process, stat.comm, sizeof(explanation->process));
	explain_polls(directory, pid, explanation);
	return r ?: explain_threads(directory, explanation);
}
