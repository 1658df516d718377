/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The process's identity and resource, then the first group that includes the loop. */
#include "agent/admission.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "agent/clocks.h"
#include "agent/groups.h"
#include "identity/container/cgroup_containers.h"
#include "identity/resource.h"

#define MAX_IDENTITIES 256 /* the registry keeps what it needs: this is for those just looked at */

/* An SDK publishes its resource as it starts, which may be after the first wait call. */
#define REFRESH_AFTER_NS 5000000000ULL

struct admission {
	const struct settings *settings;
	struct registry *registry;
	struct identity_cache *identities;
	struct attributes host, agent;
};

DEFINE_CLEANUP(struct admission *, admission_free)

void admission_free(struct admission *admission)
{
	if (!admission)
		return;
	identity_cache_free(admission->identities);
	attributes_done(&admission->host);
	attributes_done(&admission->agent);
	free(admission);
}

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

static struct resource_options resource_options_of(const struct admission *admission)
{
	const struct settings *settings = admission->settings;

	return (struct resource_options){
		.host = &admission->host,
		.command_arguments = settings->command_arguments,
		.read_environment = settings->read_environment,
		.keep = settings->keep.items,
		.nr_keep = settings->keep.nr,
		.drop = settings->drop.items,
		.nr_drop = settings->drop.nr,
	};
}

/* The agent's own: a process like others, but that its service is what the settings say. */
static int describe_agent(struct admission *admission)
{
	const struct settings *settings = admission->settings;
	const struct process_identity nobody = {};
	const struct resource_process self = {
		.pid = getpid(), .comm = "loopscope-agent", .identity = &nobody};
	struct resource_options options = resource_options_of(admission);
	struct attributes *agent = &admission->agent;

	options.read_environment = false;
	return resource_of_process(&self, &options, agent)
		       ?: put_known(agent, "service.name", settings->agent_service_name)
		       ?: attributes_put_text(agent, "service.version", LOOPSCOPE_VERSION)
		       ?: put_known(agent, "k8s.pod.name", settings->agent_pod_name)
		       ?: put_known(agent, "k8s.namespace.name", settings->agent_namespace);
}

int admission_set_settings(struct admission *admission, const struct settings *settings)
{
	struct attributes host = admission->host, agent = admission->agent;
	int r;

	admission->settings = settings;
	admission->host = admission->agent = (struct attributes){};
	r = resource_of_host(&admission->host);
	if (!r)
		r = put_pairs(&admission->host, &settings->resource);
	if (!r)
		r = describe_agent(admission);
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

static int group_of(const struct admission *admission, const char *thread, const char *process,
		    const struct process_identity *identity)
{
	struct cgroup_containers containers;
	const struct cgroup_container *container;
	struct group_subject subject = {
		.thread = thread,
		.process = process,
		.executable = identity->executable,
		.cgroup = identity->cgroup,
	};

	cgroup_containers_parse(identity->cgroup, &containers);
	container = cgroup_containers_main(&containers);
	subject.container = container ? container->id : "";
	return groups_match(admission->settings, &subject);
}

static int read_resource(struct admission *admission, const struct process_key *key,
			 const char *comm, const struct process_identity *identity,
			 struct attributes *ret_attributes)
{
	const struct resource_process process = {
		.pid = (pid_t)key->pid,
		.start_ns = key->start_ns,
		.comm = comm,
		.identity = identity,
	};
	const struct resource_options options = resource_options_of(admission);

	return resource_of_process(&process, &options, ret_attributes);
}

static bool is_settled(const struct process_key *key)
{
	return clock_unix_from_boottime(key->start_ns) + REFRESH_AFTER_NS <= clock_unix_ns();
}

static int add_process(struct admission *admission, const struct process_key *key, const char *comm,
		       const struct process_identity *identity,
		       struct watched_process **ret_process)
{
	struct attributes attributes = {};
	bool nodejs = admission->settings->nodejs_aliases && identity->runtime &&
		      !strcmp(identity->runtime, "node");
	int r = read_resource(admission, key, comm, identity, &attributes);

	if (!r)
		r = registry_add_process(admission->registry, key, comm, identity, &attributes,
					 nodejs, ret_process);
	if (!r && is_settled(key))
		watched_process_refresh(*ret_process); /* it has told all it will */
	attributes_done(&attributes);
	return r;
}

int admission_decide(struct admission *admission, const struct loop_window *window,
		     enum verdict *ret_verdict)
{
	const struct process_key key = key_of(window);
	struct watched_process *process = registry_process(admission->registry, &key);
	const struct process_identity *identity;
	char comm[RECORD_COMM_LEN + 1] = {}, thread[RECORD_COMM_LEN + 1] = {};
	struct watched_loop *loop;
	int group, r = 0;

	memcpy(comm, window->process, RECORD_COMM_LEN);
	memcpy(thread, window->thread, RECORD_COMM_LEN);
	*ret_verdict = VERDICT_EXCLUDED;
	if (groups_exclude_by_name(admission->settings,
				   &(struct group_subject){.thread = thread, .process = comm}))
		return 0;
	if (process)
		identity = watched_process_identity(process);
	else
		identity = identity_of(admission->identities, (pid_t)key.pid, key.start_ns,
				       key.exec_id);
	group = group_of(admission, thread, comm, identity);
	if (group == GROUP_NONE)
		return 0;
	*ret_verdict = VERDICT_WATCHED;
	loop = registry_loop(admission->registry, &window->id);
	if (loop) {
		registry_include_loop(admission->registry, loop, group);
		return 0;
	}
	if (!process)
		r = add_process(admission, &key, comm, identity, &process);
	if (r)
		return r;
	r = registry_add_loop(admission->registry, process, &window->id, thread,
			      clock_unix_from_monotonic(window->first_seen_ns), group, &loop);
	return r;
}

int admission_group(const struct admission *admission, struct watched_loop *loop)
{
	const struct watched_process *process = watched_loop_process(loop);

	return group_of(admission, watched_loop_thread(loop), watched_process_comm(process),
			watched_process_identity(process));
}

void admission_reread(struct admission *admission, struct watched_process *process)
{
	struct attributes attributes = {};

	/* of one that has ended no more is to be had */
	if (watched_process_lives(process) &&
	    !read_resource(admission, watched_process_key(process), watched_process_comm(process),
			   watched_process_identity(process), &attributes))
		watched_process_set_attributes(process, &attributes);
	attributes_done(&attributes);
}

void admission_refresh(struct admission *admission, struct watched_process *process)
{
	const struct process_key *key = watched_process_key(process);
	struct attributes attributes = {};

	if (!is_settled(key) || !watched_process_refresh(process))
		return;
	/* one that ends just now tells less than it did */
	if (!read_resource(admission, key, watched_process_comm(process),
			   watched_process_identity(process), &attributes) &&
	    attributes.nr >= watched_process_attributes(process)->nr)
		watched_process_set_attributes(process, &attributes);
	attributes_done(&attributes);
}

const struct attributes *admission_agent(const struct admission *admission)
{
	return &admission->agent;
}
