/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The process's identity and resource, then the first group that includes the loop. */
#include <errno.h>
#include <string.h>

#include "agent/admission_parts.h"
#include "agent/clocks.h"
#include "agent/groups.h"
#include "base/log.h"
#include "identity/runtime.h"

#define MAX_IDENTITIES 256 /* the registry keeps what it needs: this is for those just looked at */
#define MAX_PLACES 1024    /* of new loops at once: some 600 KB, for a moment */

DEFINE_CLEANUP(struct admission *, admission_free)

void admission_free(struct admission *admission)
{
	if (!admission)
		return;
	identity_cache_free(admission->identities);
	places_free(admission->places);
	attributes_done(&admission->host);
	attributes_done(&admission->agent);
	free(admission);
}

int admission_set_settings(struct admission *admission, const struct settings *settings)
{
	struct attributes host = admission->host, agent = admission->agent;
	int r;

	admission->settings = settings;
	admission->host = admission->agent = (struct attributes){};
	r = admission_describe_host(admission, &admission->host)
		    ?: admission_describe_agent(admission);
	if (r) {
		attributes_done(&admission->host);
		attributes_done(&admission->agent);
		admission->host = host;
		admission->agent = agent;
		return r;
	}
	attributes_done(&host);
	attributes_done(&agent);
	return 0;
}

int admission_new(const struct settings *settings, struct registry *registry,
		  struct admission **ret_admission)
{
	_cleanup_(admission_freep) struct admission *admission = calloc(1, sizeof(*admission));
	int r;

	if (!admission)
		return -ENOMEM;
	admission->registry = registry;
	r = identity_cache_new(MAX_IDENTITIES, &admission->identities)
		    ?: places_new(MAX_PLACES, &admission->places)
			       ?: admission_set_settings(admission, settings);
	if (r)
		return r;
	*ret_admission = TAKE_PTR(admission);
	return 0;
}

static struct process_key key_of(const struct loop_window *window)
{
	return (struct process_key){
		.pid = window->id.pid,
		.start_ns = window->process_start_ns,
		.exec_id = window->id.exec_id,
	};
}

void admission_note_place(struct admission *admission, const struct place *place)
{
	places_note(admission->places, place);
}

void admission_forget_place(struct admission *admission, const struct loop_id *id)
{
	places_forget(admission->places, id);
}

struct candidate {
	struct process_key key;
	char process[RECORD_COMM_LEN + 1], thread[RECORD_COMM_LEN + 1];
	struct process_identity identity;
	struct pod_finding finding;
	bool pending; /* which pod it is in may still be told */
};

static int group_of(const struct admission *admission, const char *thread, const char *process,
		    const struct process_identity *identity, const struct pod_finding *finding,
		    bool pending)
{
	const struct cgroup_container *container = cgroup_containers_main(&finding->containers);
	const struct pod_place *place = &finding->place;
	const struct group_subject subject = {
		.thread = thread,
		.process = process,
		.executable = identity->executable,
		.cgroup = identity->cgroup,
		.container = container ? container->id : "",
		.pod = place->pod,
		.container_name = place->container ? place->container->name : NULL,
		.pod_pending = pending,
	};

	return groups_match(admission->settings, &subject);
}

/* Once: whatever hangs is likely to do so for long, and for many. */
static void tell_unanswered(struct admission *admission)
{
	if (admission->told_unanswered ||
	    !apart_unanswered(identity_cache_apart(admission->identities)))
		return;
	admission->told_unanswered = true;
	log_warning("what runs in some processes is not told: what their programs lie on does not "
		    "answer in time");
}

/* Who it is, as far as can be told: by the kernel, by /proc, by those who know of pods. */
static void look_at(struct admission *admission, const struct loop_window *window,
		    struct watched_process *process, struct candidate *candidate)
{
	struct process_identity *identity = &candidate->identity;

	if (process) {
		*identity = *watched_process_identity(process);
	} else {
		*identity = *identity_of(admission->identities, (pid_t)candidate->key.pid,
					 candidate->key.start_ns, candidate->key.exec_id);
		places_find(admission->places, &window->id, identity);
	}
	admission_find_pod(admission, identity, &candidate->finding);
	candidate->pending = process ? watched_process_pod(process)->held
				     : admission_waits(admission, &candidate->finding);
}

static int add_process(struct admission *admission, const struct candidate *candidate, __u64 now_ns,
		       struct watched_process **ret_process)
{
	const struct process_identity *identity = &candidate->identity;
	struct attributes attributes = {}, said = {};
	bool nodejs = admission->settings->nodejs_aliases && identity->runtime &&
		      !strcmp(identity->runtime, "node");
	int r = admission_describe(admission, &candidate->key, candidate->process, identity,
				   &candidate->finding, &attributes, &said);

	tell_unanswered(admission);
	if (!r)
		r = registry_add_process(admission->registry, &candidate->key, candidate->process,
					 identity, &attributes, nodejs, ret_process);
	if (!r) {
		admission_link_pod(admission, &candidate->finding, &said, now_ns,
				   watched_process_pod(*ret_process));
		if (admission_is_settled(&candidate->key))
			watched_process_refresh(*ret_process); /* it has told all it will */
	}
	attributes_done(&attributes);
	attributes_done(&said);
	return r;
}

static int take_in(struct admission *admission, const struct loop_window *window,
		   const struct candidate *candidate, struct watched_process *process, int group)
{
	struct watched_loop *loop = registry_loop(admission->registry, &window->id);
	int r = 0;

	if (loop) {
		registry_include_loop(admission->registry, loop, group);
		return 0;
	}
	if (!process)
		r = add_process(admission, candidate, clock_monotonic_ns(), &process);
	if (r)
		return r;
	return registry_add_loop(admission->registry, process, &window->id, candidate->thread,
				 clock_unix_from_monotonic(window->first_seen_ns), group, &loop);
}

/* Whether its pod may have a say in who watches what is in these containers. */
static bool pods_decide(const struct admission *admission,
			const struct cgroup_containers *containers)
{
	return containers->nr && groups_ask_pods(admission->settings);
}

int admission_decide(struct admission *admission, const struct loop_window *window,
		     enum verdict *ret_verdict)
{
	struct candidate candidate = {.key = key_of(window)};
	struct watched_process *process = registry_process(admission->registry, &candidate.key);
	const struct group_subject names = {.thread = candidate.thread,
					    .process = candidate.process};
	int group;

	memcpy(candidate.process, window->process, RECORD_COMM_LEN);
	memcpy(candidate.thread, window->thread, RECORD_COMM_LEN);
	*ret_verdict = VERDICT_EXCLUDED;
	if (groups_exclude_by_name(admission->settings, &names))
		return 0;
	look_at(admission, window, process, &candidate);
	tell_unanswered(admission);
	if (runtime_no_loop(candidate.identity.runtime))
		return 0;
	group = group_of(admission, candidate.thread, candidate.process, &candidate.identity,
			 &candidate.finding, candidate.pending);
	if (group == GROUP_NONE) {
		if (pods_decide(admission, &candidate.finding.containers))
			*ret_verdict = VERDICT_LEFT_OUT;
		return 0;
	}
	*ret_verdict = VERDICT_WATCHED;
	return take_in(admission, window, &candidate, process, group);
}

int admission_group(const struct admission *admission, struct watched_loop *loop)
{
	struct watched_process *process = watched_loop_process(loop);
	const struct pod_link *link = watched_process_pod(process);
	struct pod_finding finding;

	admission_find_pod(admission, watched_process_identity(process), &finding);
	/* its pod has gone since: what was decided by it stands */
	if (finding.knowledge < link->knowledge)
		return watched_loop_group(loop);
	return group_of(admission, watched_loop_thread(loop), watched_process_comm(process),
			watched_process_identity(process), &finding, link->held);
}

bool admission_pods_decide(const struct admission *admission, struct watched_loop *loop)
{
	const struct process_identity *identity =
		watched_process_identity(watched_loop_process(loop));
	struct cgroup_containers containers;

	cgroup_containers_parse(identity->cgroup, &containers);
	return pods_decide(admission, &containers);
}
