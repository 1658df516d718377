/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Resources: of processes, with what the settings say of them, and of the agent itself. */
#include <errno.h>
#include <unistd.h>

#include "agent/admission_parts.h"
#include "agent/clocks.h"

/* An SDK publishes its resource as it starts, which may be after the first wait call. */
#define REFRESH_AFTER_NS 5000000000ULL

static int put_pairs(struct attributes *set, const struct text_pairs *pairs)
{
	int r = 0;

	for (size_t i = 0; !r && i < pairs->nr; i++)
		r = attributes_put_text(set, pairs->items[i].key, pairs->items[i].value);
	return r == -E2BIG ? 0 : r;
}

static int put_known(struct attributes *set, const char *key, const char *text)
{
	return *text ? attributes_put_text(set, key, text) : 0;
}

void admission_resource_options(const struct admission *admission,
				struct resource_options *ret_options)
{
	const struct settings *settings = admission->settings;

	*ret_options = (struct resource_options){
		.host = &admission->host,
		.command_arguments = settings->command_arguments,
		.read_environment = settings->read_environment,
		.keep = settings->keep.items,
		.nr_keep = settings->keep.nr,
		.drop = settings->drop.items,
		.nr_drop = settings->drop.nr,
	};
}

int admission_describe_host(const struct admission *admission, struct attributes *ret_host)
{
	const struct kubernetes_settings *kubernetes = &admission->settings->kubernetes;

	return resource_of_host(ret_host)
		       ?: put_known(ret_host, "k8s.cluster.name", kubernetes->cluster_name)
		       ?: put_known(ret_host, "k8s.node.name", kubernetes->node_name)
		       ?: put_pairs(ret_host, &admission->settings->resource);
}

/* A process like others, but that its service is what the settings say. */
int admission_describe_agent(struct admission *admission)
{
	const struct settings *settings = admission->settings;
	const struct process_identity nobody = {};
	const struct resource_process self = {
		.pid = getpid(), .comm = "loopscope-agent", .identity = &nobody};
	struct attributes *agent = &admission->agent;
	struct resource_options options;

	admission_resource_options(admission, &options);
	options.read_environment = false;
	return resource_of_process(&self, &options, agent, NULL)
		       ?: put_known(agent, "service.name", settings->agent_service_name)
		       ?: attributes_put_text(agent, "service.version", LOOPSCOPE_VERSION)
		       ?: put_known(agent, "k8s.pod.name", settings->agent_pod_name)
		       ?: put_known(agent, "k8s.namespace.name", settings->agent_namespace);
}

int admission_describe(const struct admission *admission, const struct process_key *key,
		       const char *comm, const struct process_identity *identity,
		       struct attributes *ret_attributes, struct attributes *ret_said)
{
	const struct resource_process process = {
		.pid = (pid_t)key->pid,
		.start_ns = key->start_ns,
		.comm = comm,
		.identity = identity,
	};
	struct resource_options options;

	admission_resource_options(admission, &options);
	return resource_of_process(&process, &options, ret_attributes, ret_said);
}

/* What it is by now, or -ESRCH where less is to be had of it than before. */
static int describe_again(const struct admission *admission, struct watched_process *process,
			  struct attributes *ret_attributes)
{
	const struct process_identity *identity = watched_process_identity(process);
	struct pod_link *link = watched_process_pod(process);
	struct attributes attributes = {}, said = {};
	struct pod_finding finding;
	int r;

	admission_find_pod(admission, identity, &finding);
	/* the pod has gone, and its grace is over */
	if (finding.knowledge < link->knowledge)
		return -ESRCH;
	r = admission_describe(admission, watched_process_key(process),
			       watched_process_comm(process), identity, &attributes, &said);
	if (r)
		return r;
	r = admission_add_pod(admission, &finding, identity, &said, &attributes);
	if (r) {
		attributes_done(&attributes);
		attributes_done(&said);
		return r;
	}
	attributes_done(&link->said);
	link->said = said;
	link->knowledge = finding.knowledge;
	*ret_attributes = attributes;
	return 0;
}

void admission_reread(struct admission *admission, struct watched_process *process)
{
	struct attributes attributes = {};

	/* of one that has ended no more is to be had */
	if (watched_process_lives(process) && !describe_again(admission, process, &attributes))
		watched_process_set_attributes(process, &attributes);
}

bool admission_is_settled(const struct process_key *key)
{
	return clock_unix_from_boottime(key->start_ns) + REFRESH_AFTER_NS <= clock_unix_ns();
}

void admission_refresh(struct admission *admission, struct watched_process *process)
{
	struct attributes attributes = {};

	if (!admission_is_settled(watched_process_key(process)) ||
	    !watched_process_refresh(process) || describe_again(admission, process, &attributes))
		return;
	/* one that ends just now tells less than it did */
	if (attributes.nr >= watched_process_attributes(process)->nr)
		watched_process_set_attributes(process, &attributes);
	attributes_done(&attributes);
}

const struct attributes *admission_agent(const struct admission *admission)
{
	return &admission->agent;
}
