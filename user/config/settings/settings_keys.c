/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Every key of the configuration, in the order in which it is printed. */
#include "config/settings/settings_keys.h"

#include "config/settings/settings.h"

#define MS_MIN 0.001
#define MS_MAX 3600000
#define TEXT_MAX 4095
#define NAME_MAX_LENGTH 255
#define NODE_NAME_MAX 253 /* of Kubernetes, as are the lengths of labels' keys */
#define LABEL_KEY_MAX 317
#define BOUNDS_MS "0.25,0.5,1,2.5,5,10,25,50,75,100,250,500,1000,2500,5000,10000"

#define FIELD(type, member) .offset = offsetof(type, member), .size = sizeof(((type *)NULL)->member)
#define OF_ALL(member) FIELD(struct settings, member)
#define OF_GROUP(member) FIELD(struct target_group, member)
#define OF_MATCH(member) FIELD(struct target_match, member)
#define NR(type, member) .nr_offset = offsetof(type, member)

static const struct setting_choice family_words[] = {{"auto", WAIT_NONE},
						     {"epoll", WAIT_EPOLL},
						     {"poll", WAIT_POLL},
						     {"select", WAIT_SELECT},
						     {"io_uring", WAIT_IO_URING},
						     {"aio", WAIT_AIO},
						     {}};
static const struct setting_choice export_words[] = {{"otlp", EXPORT_OTLP},
						     {"stdout", EXPORT_STDOUT},
						     {"file", EXPORT_FILE},
						     {"none", EXPORT_NONE},
						     {}};
static const struct setting_choice temporality_words[] = {
	{"cumulative", TEMPORALITY_CUMULATIVE}, {"delta", TEMPORALITY_DELTA}, {}};
static const struct setting_choice histogram_words[] = {
	{"exponential", AGGREGATION_EXPONENTIAL}, {"explicit", AGGREGATION_EXPLICIT}, {}};
static const struct setting_choice protocol_words[] = {
	{"http/protobuf", OTLP_HTTP}, {"grpc", OTLP_GRPC}, {}};
static const struct setting_choice compression_words[] = {{"gzip", true}, {"none", false}, {}};
static const struct setting_choice pods_words[] = {{"auto", PODS_FROM_AUTO},
						   {"api", PODS_FROM_API},
						   {"kubelet", PODS_FROM_KUBELET},
						   {"none", PODS_FROM_NONE},
						   {}};
static const struct setting_choice level_words[] = {{"error", LOG_LEVEL_ERROR},
						    {"warning", LOG_LEVEL_WARNING},
						    {"info", LOG_LEVEL_INFO},
						    {"debug", LOG_LEVEL_DEBUG},
						    {}};
static const struct setting_choice format_words[] = {
	{"text", LOG_FORMAT_TEXT}, {"json", LOG_FORMAT_JSON}, {}};

const struct setting_key setting_keys[] = {
	{"targets", SETTING_GROUPS, OF_ALL(groups), NR(struct settings, nr_groups),
	 .doc = "Groups of loops to watch. A loop belongs to the first group that includes it "
		"and does not exclude it; a loop of no group is not watched. Without this key "
		"there is one group, `all`, which has every loop."},
	{"targets[].name", SETTING_TEXT, OF_GROUP(name), .min = 1, .max = 63,
	 .doc = "The group's name, for the log. Each group has one of its own."},
	{"targets[].include", SETTING_MATCHES, OF_GROUP(include),
	 NR(struct target_group, nr_include),
	 .doc = "Loops of the group: those that any item matches; without items, all. An item "
		"matches if all its patterns do. Patterns may hold *, ? and [a-z]."},
	{"targets[].include[].comm", SETTING_COMM, OF_MATCH(comm), .fallback = "",
	 .doc = "Name of the process or of the thread, as in /proc/PID/comm."},
	{"targets[].include[].executable", SETTING_GLOB, OF_MATCH(executable), .max = TEXT_MAX,
	 .fallback = "",
	 .doc = "Full path of the executable; a pattern without / is of its last part."},
	{"targets[].include[].cgroup", SETTING_GLOB, OF_MATCH(cgroup), .max = TEXT_MAX,
	 .fallback = "",
	 .doc = "Path of the cgroup below its mount, or of one above it: "
		"/system.slice/nginx.service."},
	{"targets[].include[].container", SETTING_GLOB, OF_MATCH(container), .max = TEXT_MAX,
	 .fallback = "", .doc = "Id of the container."},
	{"targets[].include[].namespace", SETTING_GLOB, OF_MATCH(namespace), .max = TEXT_MAX,
	 .fallback = "", .doc = "Namespace of the pod that it is in."},
	{"targets[].include[].pod", SETTING_GLOB, OF_MATCH(pod_name), .max = TEXT_MAX,
	 .fallback = "", .doc = "Name of that pod."},
	{"targets[].include[].pod_labels", SETTING_SELECTOR, OF_MATCH(pod_labels), .max = TEXT_MAX,
	 .fallback = "",
	 .doc = "Labels of that pod, as `kubectl get pods -l` takes them: "
		"app=web,tier!=cache,env in (test,prod),!legacy."},
	{"targets[].include[].container_name", SETTING_GLOB, OF_MATCH(container_name),
	 .max = TEXT_MAX, .fallback = "", .doc = "Name of the container in that pod."},
	{"targets[].exclude", SETTING_MATCHES, OF_GROUP(exclude),
	 NR(struct target_group, nr_exclude),
	 .doc = "Loops that are not of the group though it includes them; written as `include`."},
	{"targets[].exclude[].comm", SETTING_COMM, OF_MATCH(comm), .fallback = "",
	 .doc = "As for `include`."},
	{"targets[].exclude[].executable", SETTING_GLOB, OF_MATCH(executable), .max = TEXT_MAX,
	 .fallback = "", .doc = "As for `include`."},
	{"targets[].exclude[].cgroup", SETTING_GLOB, OF_MATCH(cgroup), .max = TEXT_MAX,
	 .fallback = "", .doc = "As for `include`."},
	{"targets[].exclude[].container", SETTING_GLOB, OF_MATCH(container), .max = TEXT_MAX,
	 .fallback = "", .doc = "As for `include`."},
	{"targets[].exclude[].namespace", SETTING_GLOB, OF_MATCH(namespace), .max = TEXT_MAX,
	 .fallback = "", .doc = "As for `include`."},
	{"targets[].exclude[].pod", SETTING_GLOB, OF_MATCH(pod_name), .max = TEXT_MAX,
	 .fallback = "", .doc = "As for `include`."},
	{"targets[].exclude[].pod_labels", SETTING_SELECTOR, OF_MATCH(pod_labels), .max = TEXT_MAX,
	 .fallback = "", .doc = "As for `include`."},
	{"targets[].exclude[].container_name", SETTING_GLOB, OF_MATCH(container_name),
	 .max = TEXT_MAX, .fallback = "", .doc = "As for `include`."},
	{"targets[].thresholds.blocking_ms", SETTING_MS, OF_GROUP(thresholds.blocking_ms),
	 .min = MS_MIN, .max = MS_MAX, .doc = "In place of thresholds.blocking_ms."},
	{"targets[].thresholds.lag_p95_ms", SETTING_MS, OF_GROUP(thresholds.lag_p95_ms),
	 .max = MS_MAX, .doc = "In place of thresholds.lag_p95_ms."},
	{"targets[].thresholds.utilization", SETTING_PERCENT, OF_GROUP(thresholds.utilization),
	 .max = 100, .doc = "In place of thresholds.utilization."},
	{"targets[].thresholds.stall_age_ms", SETTING_MS, OF_GROUP(thresholds.stall_age_ms),
	 .max = MS_MAX, .doc = "In place of thresholds.stall_age_ms."},

	{"thresholds.blocking_ms", SETTING_MS, OF_ALL(thresholds.blocking_ms), .min = MS_MIN,
	 .max = MS_MAX, .fallback = "50",
	 .doc = "Callbacks that hold a loop for at least so long are a stall: a blocking call."},
	{"thresholds.lag_p95_ms", SETTING_MS, OF_ALL(thresholds.lag_p95_ms), .max = MS_MAX,
	 .fallback = "0",
	 .doc = "Log when 5 % of an export interval's lag is above this, and when it is over. "
		"0: do not."},
	{"thresholds.utilization", SETTING_PERCENT, OF_ALL(thresholds.utilization), .max = 100,
	 .fallback = "0",
	 .doc = "Log when a loop was busy for more than this part of an export interval. "
		"0: do not."},
	{"thresholds.stall_age_ms", SETTING_MS, OF_ALL(thresholds.stall_age_ms), .max = MS_MAX,
	 .fallback = "0",
	 .doc = "Log when a loop has been stuck for longer than this, and when it moves on. "
		"0: do not."},
	{"check_interval_ms", SETTING_MS, OF_ALL(check_interval_ms), .min = 1, .max = 60000,
	 .fallback = "100",
	 .doc = "The lag histogram counts as many values as a monitor inside the process would "
		"that looks at its loop this often."},
	{"wait_family", SETTING_CHOICE, OF_ALL(wait_family), .choices = family_words,
	 .fallback = "auto", .fixed = true,
	 .doc = "The calls in which loops wait. auto: for each thread those that it is seen to "
		"wait in. Another word: only these calls make a thread a loop, at once, and "
		"what else it waits in is blocking."},

	{"export.to", SETTING_CHOICE, OF_ALL(export), .choices = export_words, .fallback = "otlp",
	 .doc = "Where metrics are sent: an OTLP receiver; the standard output or a file, as "
		"OTLP JSON, a line a resource, each interval; nowhere. The Prometheus server "
		"does not depend on it."},
	{"export.file", SETTING_PATH, OF_ALL(export_file), .max = TEXT_MAX, .fallback = "",
	 .doc = "The file for `to: file`; it is appended to."},
	{"export.interval_ms", SETTING_MS, OF_ALL(export_interval_ms), .min = 100, .max = 86400000,
	 .fallback = "10000",
	 .doc = "Time between exports, and what max_lag, utilization and thresholds are of."},
	{"export.temporality", SETTING_CHOICE, OF_ALL(temporality), .choices = temporality_words,
	 .fallback = "cumulative", .fixed = true,
	 .doc = "Whether counters and histograms count from the start on, or from the last "
		"export. Prometheus always gets cumulative ones."},
	{"export.histograms", SETTING_CHOICE, OF_ALL(aggregation), .choices = histogram_words,
	 .fallback = "exponential",
	 .doc = "Exponential histograms of scale 2, exact, or explicit ones with bounds_ms."},
	{"export.bounds_ms", SETTING_BOUNDS, OF_ALL(histogram_bounds_ms),
	 NR(struct settings, nr_histogram_bounds), .min = MS_MIN, .max = MS_MAX,
	 .fallback = BOUNDS_MS, .doc = "Bounds of explicit buckets, ascending."},
	{"export.otlp.endpoint", SETTING_ENDPOINT, OF_ALL(otlp.endpoint), .min = 1, .max = TEXT_MAX,
	 .fallback = "http://localhost:4318/v1/metrics",
	 .doc = "URL of the OTLP receiver. Over HTTP, one without a path gets /v1/metrics; gRPC "
		"takes no path, and its default is http://localhost:4317. HOST:PORT alone, which "
		"variables for gRPC may have, is https unless OTEL_EXPORTER_OTLP_INSECURE=true."},
	{"export.otlp.logs_endpoint", SETTING_TEXT, OF_ALL(otlp.logs_endpoint), .max = TEXT_MAX,
	 .fallback = "",
	 .doc = "URL of the receiver of log records, of stalls; over HTTP with its path. Empty: "
		"endpoint, with /v1/logs in place of /v1/metrics."},
	{"export.otlp.profiles_endpoint", SETTING_TEXT, OF_ALL(otlp.profiles_endpoint),
	 .max = TEXT_MAX, .fallback = "",
	 .doc = "URL of the receiver of profiles; over HTTP with its path. Empty: endpoint, with "
		"/v1development/profiles in place of /v1/metrics."},
	{"export.otlp.protocol", SETTING_CHOICE, OF_ALL(otlp.protocol), .choices = protocol_words,
	 .fallback = "http/protobuf", .doc = "How OTLP is sent."},
	{"export.otlp.compression", SETTING_CHOICE, OF_ALL(otlp.gzip), .choices = compression_words,
	 .fallback = "gzip", .doc = "Compression of requests."},
	{"export.otlp.headers", SETTING_HEADERS, OF_ALL(otlp.headers), .max = 16384, .fallback = "",
	 .secret = true,
	 .doc = "Headers of each request, for authorization above all. Values are secret: take "
		"them from the environment or from a file, "
		"{authorization: \"Bearer ${TOKEN}\"} or {x-api-key: \"file:/run/secrets/key\"}."},
	{"export.otlp.timeout_ms", SETTING_MS, OF_ALL(otlp.timeout_ms), .min = 1, .max = MS_MAX,
	 .fallback = "10000",
	 .doc = "After this time an export is given up, retries included. What it had is not "
		"lost: the next one carries it."},
	{"export.otlp.max_request_bytes", SETTING_BYTES, OF_ALL(otlp.max_request_bytes),
	 .min = 65536, .max = 67108863, .fallback = "4000000",
	 .doc = "No request is larger than this before compression; an export is split."},
	{"export.otlp.proxy", SETTING_PROXY, OF_ALL(otlp.proxy), .max = TEXT_MAX, .fallback = "",
	 .doc = "URL of a proxy. Empty: as http_proxy, https_proxy and no_proxy say."},
	{"export.otlp.tls.ca_file", SETTING_PATH, OF_ALL(otlp.ca_file), .max = TEXT_MAX,
	 .fallback = "",
	 .doc = "Certificates (PEM) that the receiver's is checked with. Empty: the system's."},
	{"export.otlp.tls.certificate_file", SETTING_PATH, OF_ALL(otlp.certificate_file),
	 .max = TEXT_MAX, .fallback = "", .doc = "The agent's own certificate (PEM)."},
	{"export.otlp.tls.key_file", SETTING_PATH, OF_ALL(otlp.key_file), .max = TEXT_MAX,
	 .fallback = "", .doc = "The private key of that certificate (PEM)."},
	{"export.otlp.tls.insecure_skip_verify", SETTING_BOOL, OF_ALL(otlp.insecure_skip_verify),
	 .fallback = "false",
	 .doc = "Do not check the receiver's certificate. Only to find a fault."},

	{"prometheus.listen", SETTING_LISTEN, OF_ALL(prometheus.listen), .max = 64,
	 .fallback = "127.0.0.1:9464", .fixed = true,
	 .doc = "Where /metrics, /healthz, /readyz and /debug/loops are served. `none`: nowhere. "
		":9464 is every address of the machine: give it TLS and a password."},
	{"prometheus.bounds_ms", SETTING_BOUNDS, OF_ALL(prometheus.histogram_bounds_ms),
	 NR(struct settings, prometheus.nr_histogram_bounds), .min = MS_MIN, .max = MS_MAX,
	 .fallback = BOUNDS_MS, .doc = "Bounds of the classic buckets, ascending."},
	{"prometheus.labels", SETTING_NAMES, OF_ALL(prometheus.labels), .max = NAME_MAX_LENGTH,
	 .fallback = "service.name,process.pid,process.executable.name,process.runtime.name,"
		     "container.id,k8s.namespace.name,k8s.pod.name,k8s.container.name",
	 .doc = "Resource attributes that become labels of every series of the process."},
	{"prometheus.tls.certificate_file", SETTING_PATH, OF_ALL(prometheus.certificate_file),
	 .max = TEXT_MAX, .fallback = "", .fixed = true,
	 .doc = "The server's certificate (PEM): with it, it speaks HTTPS."},
	{"prometheus.tls.key_file", SETTING_PATH, OF_ALL(prometheus.key_file), .max = TEXT_MAX,
	 .fallback = "", .fixed = true, .doc = "The private key of that certificate (PEM)."},
	{"prometheus.basic_auth.username", SETTING_TEXT, OF_ALL(prometheus.username),
	 .max = NAME_MAX_LENGTH, .fallback = "",
	 .doc = "Name that a client must give. Empty: none."},
	{"prometheus.basic_auth.password", SETTING_TEXT, OF_ALL(prometheus.password),
	 .max = TEXT_MAX, .fallback = "", .secret = true,
	 .doc = "Its password. Secret: write \"file:/path\" or \"${NAME}\"."},

	{"kubernetes.pods", SETTING_CHOICE, OF_ALL(kubernetes.pods), .choices = pods_words,
	 .fallback = "auto",
	 .doc = "Where the agent learns of this node's pods: from the API server, from the "
		"kubelet, "
		"or not at all. auto: from the API server, and from the kubelet where that is not "
		"to be had, if the agent runs in a pod or kubeconfig is given; else not at all."},
	{"kubernetes.cluster_name", SETTING_TEXT, OF_ALL(kubernetes.cluster_name),
	 .max = NAME_MAX_LENGTH, .fallback = "",
	 .doc = "k8s.cluster.name of what runs in pods. Nothing in a cluster knows its name."},
	{"kubernetes.node_name", SETTING_TEXT, OF_ALL(kubernetes.node_name), .max = NODE_NAME_MAX,
	 .fallback = "",
	 .doc = "Name of this node: only its pods are asked for. In a pod, take it from "
		"spec.nodeName."},
	{"kubernetes.kubeconfig", SETTING_PATH, OF_ALL(kubernetes.kubeconfig), .max = TEXT_MAX,
	 .fallback = "",
	 .doc = "The file that tells where the API server is and how to log in; its current "
		"context counts. Empty: the service account of the pod that the agent runs in."},
	{"kubernetes.kubelet.endpoint", SETTING_SERVER, OF_ALL(kubernetes.kubelet_endpoint),
	 .min = 1, .max = TEXT_MAX, .fallback = "https://127.0.0.1:10250",
	 .doc = "URL of this node's kubelet. In a pod that has a network of its own, 127.0.0.1 is "
		"that pod: take the node's address, from status.hostIP, IPv6 with or without "
		"brackets."},
	{"kubernetes.kubelet.ca_file", SETTING_PATH, OF_ALL(kubernetes.kubelet_ca_file),
	 .max = TEXT_MAX, .fallback = "",
	 .doc = "Certificates (PEM) that the kubelet's is checked with. Empty: those that the API "
		"server's is checked with."},
	{"kubernetes.kubelet.insecure_skip_verify", SETTING_BOOL,
	 OF_ALL(kubernetes.kubelet_insecure_skip_verify), .fallback = "false",
	 .doc = "Do not check the kubelet's certificate. Many kubelets sign their own: the token "
		"is then shown to whoever answers at that address."},
	{"kubernetes.kubelet.interval_ms", SETTING_MS, OF_ALL(kubernetes.kubelet_interval_ms),
	 .min = 1000, .max = MS_MAX, .fallback = "10000",
	 .doc = "Time between two looks at the kubelet's pods. It is asked sooner when a process "
		"is in a pod that is not known."},
	{"kubernetes.wait_ms", SETTING_MS, OF_ALL(kubernetes.wait_ms), .max = 60000,
	 .fallback = "15000",
	 .doc = "How long figures of a process wait for its pod to become known. After that they "
		"are exported with container.id and no pod, and counted. 0: they do not wait."},
	{"kubernetes.grace_ms", SETTING_MS, OF_ALL(kubernetes.grace_ms), .max = MS_MAX,
	 .fallback = "300000", .fixed = true,
	 .doc = "How long a pod is remembered after it was deleted: what ran in it may be told of "
		"later."},
	{"kubernetes.max_pods", SETTING_COUNT, OF_ALL(kubernetes.max_pods), .min = 1, .max = 100000,
	 .fallback = "1000", .fixed = true,
	 .doc = "Pods known at once, those that are remembered included. Others are not known."},
	{"kubernetes.labels", SETTING_GLOBS, OF_ALL(kubernetes.labels), .max = LABEL_KEY_MAX,
	 .fallback = "",
	 .doc = "Patterns of pod labels that become attributes, k8s.pod.label.NAME. Without any, "
		"none does."},
	{"kubernetes.annotations", SETTING_GLOBS, OF_ALL(kubernetes.annotations),
	 .max = LABEL_KEY_MAX, .fallback = "",
	 .doc = "Patterns of pod annotations that become attributes, k8s.pod.annotation.NAME. "
		"Without any, none does."},
	{"kubernetes.annotated_thresholds", SETTING_BOOL, OF_ALL(kubernetes.annotated_thresholds),
	 .fallback = "false",
	 .doc = "A pod's annotation loopscope/blocking-ms, 1 to 3600000, is for its loops what "
		"thresholds.blocking_ms is for others. Who may make pods may then set it."},

	{"stalls.enabled", SETTING_BOOL, OF_ALL(stalls.enabled), .fallback = "true", .fixed = true,
	 .doc = "Look at loops while they are stuck: stacks are taken, by a program of its own "
		"that reads symbols. false: stalls are counted and timed alone."},
	{"stalls.per_minute", SETTING_COUNT, OF_ALL(stalls.per_minute), .min = 1, .max = 100000,
	 .fallback = "60", .fixed = true,
	 .doc = "Stalls of one loop that are looked at in a minute. Others are counted and timed "
		"alone; how many is told too."},
	{"stalls.stacks_per_minute", SETTING_COUNT, OF_ALL(stalls.stacks_per_minute), .max = 100000,
	 .fallback = "600", .fixed = true, .doc = "Stacks taken of one loop in a minute."},
	{"stalls.logs", SETTING_BOOL, OF_ALL(stalls.logs), .fallback = "true",
	 .doc = "Export a log record of each stall, the event event_loop.stall: how long, what its "
		"time went on, and the code that held the loop."},
	{"stalls.logs_per_minute", SETTING_COUNT, OF_ALL(stalls.logs_per_minute), .max = 1000000,
	 .fallback = "600",
	 .doc = "Log records of all loops together in a minute; others are dropped, and counted."},
	{"stalls.tell_after_ms", SETTING_MS, OF_ALL(stalls.tell_after_ms), .max = MS_MAX,
	 .fallback = "1000",
	 .doc = "A stall that goes on for so long is told of while it does, and again each time "
		"that its age has doubled. Others are told of when they end."},
	{"stalls.error_factor", SETTING_COUNT, OF_ALL(stalls.error_factor), .min = 1,
	 .max = 1000000, .fallback = "10",
	 .doc = "Severity of the log record: WARN, and ERROR from so many times the threshold "
		"on."},
	{"stalls.exemplars", SETTING_BOOL, OF_ALL(stalls.exemplars), .fallback = "true",
	 .doc = "Give histograms of lag and of busy intervals an exemplar: the longest stall of "
		"the interval, with its thread and cause. OTLP alone."},
	{"stalls.culprit_attribute", SETTING_BOOL, OF_ALL(stalls.culprit_attribute),
	 .fallback = "false", .fixed = true,
	 .doc = "Give event_loop.blocking_calls the attribute code.function.name, the code that "
		"held the loop: more series."},
	{"stalls.culprits", SETTING_COUNT, OF_ALL(stalls.max_culprits), .min = 1, .max = 16,
	 .fallback = "8", .fixed = true,
	 .doc = "Series with that attribute for each loop; stalls of other code, and those whose "
		"code was not known in time, go without it."},
	{"stalls.profiles", SETTING_BOOL, OF_ALL(stalls.profiles), .fallback = "false",
	 .doc = "Export stacks of stalls as OTLP profiles too, which are not stable yet "
		"(v1development): the receiver must take them."},

	{"attributes.resource", SETTING_ATTRIBUTES, OF_ALL(resource), .max = TEXT_MAX,
	 .fallback = "",
	 .doc = "Attributes of every process's resource, unless it has its own of that name, "
		"as in {deployment.environment.name: production}."},
	{"attributes.keep", SETTING_GLOBS, OF_ALL(keep), .max = NAME_MAX_LENGTH, .fallback = "",
	 .doc = "Patterns of resource attributes to keep; none: all."},
	{"attributes.drop", SETTING_GLOBS, OF_ALL(drop), .max = NAME_MAX_LENGTH, .fallback = "",
	 .doc = "Patterns of resource attributes to drop from those."},
	{"attributes.command_arguments", SETTING_BOOL, OF_ALL(command_arguments),
	 .fallback = "false",
	 .doc = "Export the arguments of processes, process.command_args. They may hold secrets."},
	{"attributes.read_environment", SETTING_BOOL, OF_ALL(read_environment), .fallback = "true",
	 .doc = "Read OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES of watched processes."},

	{"metrics.process", SETTING_BOOL, OF_ALL(process_metrics), .fallback = "true",
	 .doc = "Export process.cpu.time and process.context_switches."},
	{"metrics.nodejs", SETTING_BOOL, OF_ALL(nodejs_aliases), .fallback = "true",
	 .doc = "Export nodejs.eventloop.time and .utilization for Node as well."},

	{"limits.loops", SETTING_COUNT, OF_ALL(max_loops), .min = 1, .max = 1000000,
	 .fallback = "12000", .fixed = true,
	 .doc = "Loops watched at once, with those that ended since the last export; more are not "
		"watched, and their wait calls counted."},
	{"limits.series", SETTING_COUNT, OF_ALL(max_series), .min = 2, .max = 1000000,
	 .fallback = "2000", .fixed = true,
	 .doc = "Series of one metric of one process. What is beyond is added up in one with "
		"otel.metric.overflow=true."},
	{"limits.log_records_per_minute", SETTING_COUNT, OF_ALL(max_log_records_per_minute),
	 .max = 100000, .fallback = "60",
	 .doc = "Lines that crossed thresholds may write to the log."},
	{"limits.blocked_syscalls", SETTING_COUNT, OF_ALL(max_blocked_syscalls), .max = 31,
	 .fallback = "8", .fixed = true,
	 .doc = "System calls by name in event_loop.blocked_time of a loop; the rest is `other`."},

	{"agent.service_name", SETTING_TEXT, OF_ALL(agent_service_name), .min = 1,
	 .max = NAME_MAX_LENGTH, .fallback = "loopscope",
	 .doc = "service.name of the agent's own metrics."},
	{"agent.pod_name", SETTING_TEXT, OF_ALL(agent_pod_name), .max = NAME_MAX_LENGTH,
	 .fallback = "", .doc = "k8s.pod.name of the agent's own metrics."},
	{"agent.namespace", SETTING_TEXT, OF_ALL(agent_namespace), .max = NAME_MAX_LENGTH,
	 .fallback = "", .doc = "k8s.namespace.name of the agent's own metrics."},
	{"agent.lock_file", SETTING_PATH, OF_ALL(lock_file), .min = 1, .max = TEXT_MAX,
	 .fallback = "/run/loopscope/agent.lock", .fixed = true,
	 .doc = "Held while the agent runs, so that there is one of them on a machine."},
	{"agent.shutdown_timeout_ms", SETTING_MS, OF_ALL(shutdown_timeout_ms), .min = 1,
	 .max = MS_MAX, .fallback = "5000",
	 .doc = "How long the last export may take when the agent is told to end."},

	{"log.level", SETTING_CHOICE, OF_ALL(log_level), .choices = level_words, .fallback = "info",
	 .doc = "The least urgent lines to log."},
	{"log.format", SETTING_CHOICE, OF_ALL(log_format), .choices = format_words,
	 .fallback = "text", .doc = "How lines of the log, on the standard error, are written."},
};

const size_t nr_setting_keys = sizeof(setting_keys) / sizeof(*setting_keys);

_Static_assert(sizeof(setting_keys) / sizeof(*setting_keys) <= SETTINGS_MAX_KEYS,
	       "an origin for each");
