/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Resources: of processes, with what the settings say of them, and of the agent itself. */
#include <errno.h>
#include <string.h>
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
		.apart = identity_cache_apart(admission->identities),
		.command_arguments = settings->command_arguments,
		.read_environment = settings->read_environment,
		.keep = settings->keep.items,
		.nr_keep = settings->keep.nr,
		.drop = settings->drop.items,
		.nr_drop = settings->drop.nr,
	};
}

/* A pod has a name of its own for the machine: its own. The node's is that of the node. */
static int put_host_name(const struct settings *settings, struct attributes *host)
{
	const char *name = attributes_get_text(host, "host.name") ?: "";

	if (!*settings->kubernetes.node_name || !*settings->agent_pod_name ||
	    strcmp(name, settings->agent_pod_name) != 0)
		return 0;
	return attributes_put_text(host, "host.name", settings->kubernetes.node_name);
}

int admission_describe_host(const struct admission *admission, struct attributes *ret_host)
{
	const struct kubernetes_settings *kubernetes = &admission->settings->kubernetes;

	return resource_of_host(ret_host) ?: put_host_name(admission->settings, ret_host)
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
	options.apart = NULL; /* it waits for itself in any case */
	options.read_environment = false;
	return resource_of_process(&self, &options, agent, NULL)
		       ?: put_known(agent, "service.name", settings->agent_service_name)
		       ?: attributes_put_text(agent, "service.version", LOOPSCOPE_VERSION)
		       ?: put_known(agent, "k8s.pod.name", settings->agent_pod_name)
		       ?: put_known(agent, "k8s.namespace.name", settings->agent_namespace);
}

int admission_describe(const struct admission *admission, const struct process_key *key,
		       const char *comm, const struct process_identity *identity,
		       const struct pod_finding *finding, struct attributes *ret_attributes,
		       struct attributes *ret_said)
{
	const struct resource_process process = {
		.pid = (pid_t)key->pid,
		.start_ns = key->start_ns,
		.comm = comm,
		.identity = identity,
	};
	struct resource_options options;

	admission_resource_options(admission, &options);
	return resource_of_process(&process, &options, ret_attributes, ret_said)
		       ?: admission_add_pod(admission, finding, identity, ret_said, ret_attributes);
}

/* What a process is by now. */
struct description {
	struct pod_finding finding;
	struct attributes attributes, said;
};

static void description_done(struct description *description)
{
	attributes_done(&description->attributes);
	attributes_done(&description->said);
}

static int describe_again(const struct admission *admission, const struct watched_process *process,
			  struct description *description)
{
	return admission_describe(admission, watched_process_key(process),
				  watched_process_comm(process), watched_process_identity(process),
				  &description->finding, &description->attributes,
				  &description->said);
}

static void take_description(const struct admission *admission, struct watched_process *process,
			     struct description *description)
{
	watched_process_set_attributes(process, &description->attributes);
	admission_relink_pod(admission, &description->finding, &description->said,
			     watched_process_pod(process));
}

/* Less is known of its pod than was: that has gone, and its grace is over; or nobody is asked. */
static bool pod_has_gone(const struct admission *admission, struct watched_process *process,
			 struct pod_finding *ret_finding)
{
	admission_find_pod(admission, watched_process_identity(process), ret_finding);
	return ret_finding->knowledge < watched_process_pod(process)->knowledge;
}

void admission_reread(struct admission *admission, struct watched_process *process)
{
	_cleanup_(description_done) struct description description = {};

	if (pod_has_gone(admission, process, &description.finding)) {
		/* its name stays, but new settings cannot ask for what was known of it */
		watched_process_pod(process)->knowledge = description.finding.knowledge;
		return;
	}
	/* of one that has ended no more is to be had */
	if (watched_process_lives(process) && !describe_again(admission, process, &description))
		take_description(admission, process, &description);
}

bool admission_is_settled(const struct process_key *key)
{
	return clock_unix_from_boottime(key->start_ns) + REFRESH_AFTER_NS <= clock_unix_ns();
}

void admission_refresh(struct admission *admission, struct watched_process *process)
{
	_cleanup_(description_done) struct description description = {};

	if (!admission_is_settled(watched_process_key(process)) ||
	    !watched_process_refresh(process) ||
	    pod_has_gone(admission, process, &description.finding) ||
	    describe_again(admission, process, &description))
		return;
	/* one that ends just now tells less than it did */
	if (description.attributes.nr >= watched_process_attributes(process)->nr)
		take_description(admission, process, &description);
}

const struct attributes *admission_agent(const struct admission *admission)
{
	return &admission->agent;
}
