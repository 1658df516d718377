/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Flags become keys of the agent's configuration, so that both are checked alike; what
 * neither they nor a file say comes from the machine. The file of this machine's agent is taken
 * as it is: what is wrong with it is no reason not to ask.
 */
#include "pods/pods_request.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/log.h"
#include "config/cli.h"
#include "config/number.h"

#define AGENT_CONFIG "/etc/loopscope/loopscope.yaml" /* as its service is started with */
#define DEFAULT_TIMEOUT_S 10
#define MAX_TIMEOUT_S 3600
#define FAULT_LEN 512

enum {
	KEY_CONFIG = 'c',
	KEY_JSON = 'j',
	KEY_FOLLOW = 'f',
	KEY_VERBOSE = 'v',
	KEY_KUBECONFIG = 0x100,
	KEY_KUBELET,
	KEY_NODE,
	KEY_SET,
	KEY_TIMEOUT,
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
	struct pods_request *request = state->input;
	struct agent_options *options = &request->options;

	switch (key) {
	case KEY_CONFIG:
		return agent_options_set_config(options, argument, state);
	case KEY_JSON:
		request->json = true;
		return 0;
	case KEY_FOLLOW:
		request->follow = true;
		return 0;
	case KEY_VERBOSE:
		request->verbose = true;
		return 0;
	case KEY_KUBECONFIG:
		return agent_options_set(options, "kubernetes.kubeconfig", argument);
	case KEY_KUBELET:
		return agent_options_set(options, "kubernetes.pods", "kubelet")
			       ?: agent_options_set(options, "kubernetes.kubelet.endpoint",
						    argument);
	case KEY_NODE:
		return agent_options_set(options, "kubernetes.node_name", argument);
	case KEY_SET:
		return agent_options_set_pair(options, argument, state);
	case KEY_TIMEOUT:
		if (number_parse_decimal(argument, 0, MAX_TIMEOUT_S, &request->timeout_s))
			return cli_error(state, "--timeout takes seconds, up to %d", MAX_TIMEOUT_S);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option option_list[] = {
	{"follow", KEY_FOLLOW, NULL, 0, "go on with every change, until interrupted", 1},
	{"json", KEY_JSON, NULL, 0, "one JSON object a line: pods, deletions, status", 1},
	{"timeout", KEY_TIMEOUT, "SECONDS", 0,
	 "without --follow: give up if the pods are not known by then; default 10", 1},
	{"verbose", KEY_VERBOSE, NULL, 0, "say whom is asked, and what goes wrong meanwhile", 1},
	{.doc = "Whom to ask; where these leave it open, by the credentials that this node has:",
	 .group = 2},
	{"config", KEY_CONFIG, "FILE", 0,
	 "the agent's configuration, of which kubernetes counts; default, if it is "
	 "there: " AGENT_CONFIG,
	 2},
	{"kubeconfig", KEY_KUBECONFIG, "FILE", 0, "the API server of its current context", 2},
	{"kubelet", KEY_KUBELET, "URL", 0, "this node's kubelet, not the API server", 2},
	{"node", KEY_NODE, "NAME", 0, "the node whose pods are meant; default: the host's name", 2},
	{"set", KEY_SET, "KEY=VALUE", 0, "a key of the configuration; repeatable; no secrets", 2},
	{},
};

static const struct argp pods_argp = {
	.options = option_list,
	.parser = parse_option,
	.doc = "Shows the pods of this node with their containers, as the agent knows them.",
};

int pods_request_parse(int argc, char **argv, struct pods_request *ret_request)
{
	*ret_request = (struct pods_request){.timeout_s = DEFAULT_TIMEOUT_S};
	return cli_parse(&pods_argp, argc, argv, ret_request);
}

void pods_request_done(struct pods_request *request)
{
	agent_options_done(&request->options);
}

static int set_text(char **text, const char *value)
{
	char *copy = strdup(value);

	if (!copy)
		return -ENOMEM;
	free(*text);
	*text = copy;
	return 0;
}

/* A kubelet calls its node by the host's name, in lower case, unless it is told another one. */
static int set_node_name(struct kubernetes_settings *settings)
{
	struct utsname names;

	if (*settings->node_name)
		return 0;
	if (uname(&names))
		return -errno;
	for (char *c = names.nodename; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return set_text(&settings->node_name, names.nodename);
}

static int find_credentials(struct kubernetes_settings *settings,
			    struct pods_credentials *ret_credentials)
{
	char error[CLUSTER_ACCESS_ERROR_LEN];
	int r;

	*ret_credentials = (struct pods_credentials){};
	if (*settings->kubeconfig) {
		snprintf(ret_credentials->origin, sizeof(ret_credentials->origin),
			 "the kubeconfig %s", settings->kubeconfig);
		return 0;
	}
	r = pods_credentials_find("", ret_credentials, error);
	if (!r)
		return set_text(&settings->kubeconfig, ret_credentials->kubeconfig);
	snprintf(ret_credentials->origin, sizeof(ret_credentials->origin), "no credentials");
	if (settings->pods == PODS_FROM_KUBELET) /* which may want none */
		return 0;
	log_error("%s", error);
	return -ENOENT;
}

static bool is_flag(const struct pods_request *request, const char *key)
{
	for (size_t i = 0; i < request->options.flags.nr; i++) {
		if (!strcmp(request->options.flags.items[i].key, key))
			return true;
	}
	return false;
}

/*
 * What the agent is told of pods that it is not to ask for is not meant for a person who asks, and
 * the environment is over the file, $KUBECONFIG too.
 */
static int adapt_agents(const struct pods_request *request, struct kubernetes_settings *settings)
{
	const char *kubeconfig = getenv("KUBECONFIG");

	if (settings->pods == PODS_FROM_NONE && !is_flag(request, "kubernetes.pods"))
		settings->pods = PODS_FROM_AUTO;
	if (kubeconfig && *kubeconfig && !is_flag(request, "kubernetes.kubeconfig"))
		return set_text(&settings->kubeconfig, "");
	return 0;
}

/* Of the agent that this machine or pod has. *ret_settings is NULL if that tells nothing. */
static int load_agents(const struct pods_request *request, struct settings **ret_settings,
		       char ret_fault[FAULT_LEN])
{
	_cleanup_(settings_errors_done) struct settings_errors errors = {};
	_cleanup_(settings_freep) struct settings *settings = NULL;
	const struct settings_sources sources = {
		.file = AGENT_CONFIG,
		.environ_ = (const char *const *)environ,
		.flags = request->options.flags,
	};
	int r;

	*ret_settings = NULL;
	*ret_fault = '\0';
	if (euidaccess(AGENT_CONFIG, R_OK))
		return 0;
	r = settings_load(&sources, &settings, &errors);
	if (errors.nr)
		snprintf(ret_fault, FAULT_LEN, "%s", errors.lines[0]);
	if (r)
		return r == -ENOMEM ? r : 0;
	r = adapt_agents(request, &settings->kubernetes);
	if (!r)
		*ret_settings = TAKE_PTR(settings);
	return r;
}

static int load(const struct pods_request *request, struct settings **ret_settings)
{
	char fault[FAULT_LEN] = "";
	int r = 0;

	*ret_settings = NULL;
	if (!request->options.config)
		r = load_agents(request, ret_settings, fault);
	if (r || *ret_settings)
		return r;
	r = agent_options_load(&request->options, ret_settings);
	/* else it is not the file that is at fault */
	if (!r && *fault)
		log_warning("the agent's configuration is passed over: %s", fault);
	return r;
}

int pods_request_load(const struct pods_request *request, struct settings **ret_settings,
		      struct pods_credentials *ret_credentials)
{
	_cleanup_(settings_freep) struct settings *settings = NULL;
	int r = load(request, &settings);

	if (r)
		return r;
	if (settings->kubernetes.pods == PODS_FROM_NONE) {
		log_error("kubernetes.pods is none, so that nobody is to be asked: give "
			  "--set=kubernetes.pods=auto");
		return -EINVAL;
	}
	r = set_node_name(&settings->kubernetes)
		    ?: find_credentials(&settings->kubernetes, ret_credentials);
	if (r)
		return r;
	*ret_settings = TAKE_PTR(settings);
	return 0;
}
