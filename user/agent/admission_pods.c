/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The pod that a process is in. It may be told of after the process has been seen: until it is,
 * or until it has been waited for long enough, figures of the process are held.
 */
#include <errno.h>

#include "agent/admission_parts.h"
#include "agent/pod_options.h"
#include "identity/kubernetes/pod_attributes.h"
#include "identity/resource_pod.h"

#define NS_PER_MS 1e6

void admission_set_pods(struct admission *admission, const struct pods *pods)
{
	admission->pods = pods;
}

void admission_find_pod(const struct admission *admission, const struct process_identity *identity,
			struct pod_finding *ret_finding)
{
	*ret_finding = (struct pod_finding){.knowledge = POD_NOT_IN_ONE};
	cgroup_containers_parse(identity->cgroup, &ret_finding->containers);
	if (admission->pods)
		ret_finding->knowledge =
			pods_place(admission->pods, &ret_finding->containers, &ret_finding->place);
}

/* Where nobody knows of pods, what a process says of its own stands. */
int admission_add_pod(const struct admission *admission, const struct pod_finding *finding,
		      const struct process_identity *identity, const struct attributes *said,
		      struct attributes *set)
{
	struct pod_attribute_options options;
	struct resource_options resource;
	struct attributes pod = {};
	int r = 0;

	if (!admission->pods)
		return 0;
	pod_options_of_attributes(&admission->settings->kubernetes, &options);
	admission_resource_options(admission, &resource);
	if (finding->place.pod && *finding->place.where->id)
		r = attributes_put_text(&pod, "container.id", finding->place.where->id);
	if (!r && finding->place.pod)
		r = pod_attributes_put(finding->place.pod, finding->place.container,
				       finding->place.restart_count, &options, &pod);
	r = r ?: resource_add_pod(set, said, &pod, identity->own_pid, &resource);
	attributes_done(&pod);
	return r;
}

static bool is_unknown(enum pod_knowledge knowledge)
{
	return knowledge == POD_UNKNOWN || knowledge == POD_CONTAINER_UNKNOWN;
}

bool admission_waits(const struct admission *admission, const struct pod_finding *finding)
{
	return is_unknown(finding->knowledge) && admission->settings->kubernetes.wait_ms > 0;
}

/* A container in whose cgroup no pod is named may be a pod's all the same. */
static void take_finding(const struct admission *admission, const struct pod_finding *finding,
			 struct pod_link *link)
{
	link->knowledge = finding->knowledge;
	link->blocking_ns =
		pod_options_blocking_ns(&admission->settings->kubernetes, finding->place.pod);
	link->final = finding->knowledge == POD_KNOWN || !finding->containers.nr;
	if (link->final)
		attributes_done(&link->said);
}

void admission_relink_pod(const struct admission *admission, const struct pod_finding *finding,
			  struct attributes *said, struct pod_link *link)
{
	attributes_done(&link->said);
	link->said = *said;
	*said = (struct attributes){};
	take_finding(admission, finding, link);
}

/* It is shown, though more may be told of it. */
static void count_unknown(struct admission *admission, enum pod_knowledge knowledge)
{
	admission->unresolved += knowledge == POD_UNKNOWN;
	admission->containers_unresolved += knowledge == POD_CONTAINER_UNKNOWN;
}

void admission_link_pod(struct admission *admission, const struct pod_finding *finding,
			struct attributes *said, __u64 now_ns, struct pod_link *link)
{
	admission_relink_pod(admission, finding, said, link);
	link->held = admission_waits(admission, finding);
	link->held_until_ns = now_ns + (__u64)(admission->settings->kubernetes.wait_ms * NS_PER_MS);
	admission->nr_held += link->held;
	if (!link->held)
		count_unknown(admission, finding->knowledge);
}

/* More is known than was: it is put over what there is. */
static bool learn(const struct admission *admission, struct watched_process *process,
		  struct pod_link *link)
{
	const struct process_identity *identity = watched_process_identity(process);
	struct attributes attributes = {};
	struct pod_finding finding;

	admission_find_pod(admission, identity, &finding);
	if (finding.knowledge <= link->knowledge)
		return false;
	if (attributes_add_missing(&attributes, watched_process_attributes(process)) == -ENOMEM ||
	    admission_add_pod(admission, &finding, identity, &link->said, &attributes)) {
		attributes_done(&attributes);
		return false; /* for want of memory: the next time */
	}
	watched_process_set_attributes(process, &attributes);
	take_finding(admission, &finding, link);
	return true;
}

void admission_rethreshold(const struct admission *admission, struct watched_process *process)
{
	struct pod_finding finding;

	admission_find_pod(admission, watched_process_identity(process), &finding);
	if (finding.place.pod)
		watched_process_pod(process)->blocking_ns = pod_options_blocking_ns(
			&admission->settings->kubernetes, finding.place.pod);
}

struct settling {
	struct admission *admission;
	__u64 now_ns;
	admission_settled_fn settled;
	void *context;
};

static void settle(struct watched_process *process, void *context)
{
	const struct settling *settling = context;
	struct pod_link *link = watched_process_pod(process);
	bool was_held = link->held, learned;

	if (link->final && !link->held)
		return;
	learned = learn(settling->admission, process, link);
	if (!is_unknown(link->knowledge))
		link->held = false;
	if (link->held && settling->now_ns >= link->held_until_ns) {
		link->held = false;
		count_unknown(settling->admission, link->knowledge);
	}
	settling->admission->nr_held += link->held;
	if (learned || was_held != link->held)
		settling->settled(process, was_held && !link->held, settling->context);
}

void admission_settle(struct admission *admission, __u64 now_ns, admission_settled_fn settled,
		      void *context)
{
	struct settling settling = {admission, now_ns, settled, context};

	admission->nr_held = 0;
	registry_each_process(admission->registry, settle, &settling);
}

size_t admission_held(const struct admission *admission)
{
	return admission->nr_held;
}

__u64 admission_unresolved(const struct admission *admission)
{
	return admission->unresolved;
}

__u64 admission_containers_unresolved(const struct admission *admission)
{
	return admission->containers_unresolved;
}
