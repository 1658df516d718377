/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The store of pods and its watch, as the agent has them, and an output instead of
 * loops: once, when a list is complete, or for good. As JSON each pod goes out as it comes.
 */
#include "pods/pods_command.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>

#include "base/log.h"
#include "config/cli.h"
#include "identity/kubernetes/pod_watch.h"
#include "pods/pods_request.h"
#include "pods/pods_view.h"

#define US_PER_S 1000000
#define TIMER_ACCURACY_US 1000

struct pods_command {
	const struct pods_request *request;
	sd_event *event;
	int stop_fd;
	struct pods *pods;
	struct pod_watch *watch;
	struct pods_view view;
	char trouble[POD_WATCH_ERROR_LEN]; /* "": none now */
};

static void pods_command_done(struct pods_command *command)
{
	pod_watch_free(command->watch);
	pods_free(command->pods);
	sd_event_unref(command->event);
	closep(&command->stop_fd);
}

static void on_end(int status, void *context)
{
	const struct pods_command *command = context;

	sd_event_exit(command->event, status);
}

static void on_changed(const struct pod *pod, void *context)
{
	struct pods_command *command = context;

	pods_view_changed(&command->view, pod, false);
}

static void on_deleted(const struct pod *pod, void *context)
{
	struct pods_command *command = context;

	pods_view_changed(&command->view, pod, true);
}

static void on_synced(void *context)
{
	struct pods_command *command = context;

	pods_view_synced(&command->view);
}

static void on_report(const char *message, bool failed, void *context)
{
	struct pods_command *command = context;

	/* of two sources that fail, the first is the one that was meant */
	if (!failed || !*command->trouble)
		snprintf(command->trouble, sizeof(command->trouble), "%s", failed ? message : "");
	pods_view_status(&command->view, message, failed);
}

static int on_timeout(sd_event_source *source, uint64_t due_us, void *context)
{
	const struct pods_command *command = context;

	(void)source;
	(void)due_us;
	log_error("no complete list of pods within %g s: %s", command->request->timeout_s,
		  *command->trouble ? command->trouble : "there is no answer yet");
	on_end(CLI_EXIT_FAILURE, context);
	return 0;
}

/* A list that is not complete is nothing to be shown. */
static int on_stop(sd_event_source *source, int fd, uint32_t events, void *context)
{
	const struct pods_command *command = context;

	(void)source;
	(void)fd;
	(void)events;
	on_end(command->request->follow ? EXIT_SUCCESS : CLI_EXIT_FAILURE, context);
	return 0;
}

/* Signals are read like anything else, so that waiting for a reader ends with one, too. */
static int open_stop(struct pods_command *command)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &signals, NULL))
		return -errno;
	command->stop_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (command->stop_fd < 0)
		return -errno;
	return sd_event_add_io(command->event, NULL, command->stop_fd, EPOLLIN, on_stop, command);
}

static int add_sources(struct pods_command *command)
{
	const struct pods_request *request = command->request;
	int r = sd_event_new(&command->event);

	if (r < 0)
		return r;
	r = open_stop(command);
	if (r < 0)
		return r;
	if (!request->follow)
		return sd_event_add_time_relative(command->event, NULL, CLOCK_MONOTONIC,
						  (__u64)(request->timeout_s * US_PER_S),
						  TIMER_ACCURACY_US, on_timeout, command);
	/* the reader's end; -EPERM: a file, which has none */
	r = sd_event_add_io(command->event, NULL, STDOUT_FILENO, 0, on_stop, command);
	return r == -EPERM ? 0 : r;
}

static int begin(struct pods_command *command, const struct kubernetes_settings *settings)
{
	const struct pods_options pods_options = {
		.max_pods = settings->max_pods,
		.max_bytes = PODS_MAX_BYTES,
		.changed = on_changed,
		.deleted = on_deleted,
		.context = command,
	};
	struct pod_watch_options watch_options = {
		.settings = settings,
		.impatient = true,
		.report = on_report,
		.synced = on_synced,
		.context = command,
	};
	char error[POD_WATCH_ERROR_LEN];
	int r = add_sources(command);

	if (r >= 0)
		r = pods_new(&pods_options, &command->pods);
	if (r < 0) {
		log_error("cannot begin: %s", strerror(-r));
		return r;
	}
	watch_options.pods = command->pods;
	command->view = (struct pods_view){
		.json = command->request->json,
		.follow = command->request->follow,
		.verbose = command->request->verbose,
		.stop_fd = command->stop_fd,
		.end = on_end,
		.context = command,
		.pods = command->pods,
	};
	r = pod_watch_new(command->event, &watch_options, &command->watch, error);
	if (r)
		log_error("%s", error);
	return r;
}

static int run(const struct pods_request *request)
{
	_cleanup_(settings_freep) struct settings *settings = NULL;
	_cleanup_(pods_command_done) struct pods_command command = {.request = request,
								    .stop_fd = -1};
	struct pods_credentials credentials;
	char status[sizeof(credentials.origin) + 320];
	int r = pods_request_load(request, &settings, &credentials);

	if (r)
		return r == -EINVAL ? CLI_EXIT_USAGE : CLI_EXIT_FAILURE;
	if (begin(&command, &settings->kubernetes))
		return CLI_EXIT_FAILURE;
	snprintf(status, sizeof(status), "pods of node %s, by %s", settings->kubernetes.node_name,
		 credentials.origin);
	pods_view_status(&command.view, status, false);
	r = sd_event_loop(command.event);
	if (r >= 0)
		return r;
	log_error("the event loop failed: %s", strerror(-r));
	return CLI_EXIT_FAILURE;
}

int pods_main(int argc, char **argv)
{
	struct pods_request request;
	int r;

	log_set_prefix(argv[0]);
	r = pods_request_parse(argc, argv, &request);
	r = r ? cli_exit_status(r) : run(&request);
	pods_request_done(&request);
	return r;
}
