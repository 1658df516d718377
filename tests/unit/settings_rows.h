/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Every key of the configuration, in the order of the table of keys: what test_settings.c
 * makes a test of each from.
 */
#ifndef LOOPSCOPE_TESTS_SETTINGS_ROWS_H
#define LOOPSCOPE_TESTS_SETTINGS_ROWS_H

#define IS(text, expected) (!strcmp((text), (expected)))
#define G s->groups[0]
#define INCLUDE s->groups[0].include[0]
#define EXCLUDE s->groups[0].exclude[0]
#define DEFAULT_BOUNDS(bounds, nr) \
	((nr) == 16 && (bounds)[0] == 0.25 && (bounds)[8] == 75 && (bounds)[15] == 10000)
#define MS_WRONG "fast", "not a number of milliseconds", "-1", "not a number", "[1]", "a list is"
#define BOOL_WRONG "yes", "not true or false", "1", "not true or false", "{a: 1}", "a mapping is"
#define GLOB_WRONG "'[a'", "a [ without its ]", "'a\\'", "a backslash", "[x]", "a list is"
#define PATH_WRONG "/etc/", "is a directory", "[x]", "a list is"

/* X(id, path, good value, what is true then, what is true without, wrong value, why, ...) */
#define KEYS(X)                                                                                    \
	X(targets, "targets", "[{name: a}, {name: b}]", s->nr_groups == 2,                         \
	  s->nr_groups == 1 && IS(G.name, "all") && !G.nr_include && !G.nr_exclude, "x",           \
	  "a list of groups is due", "[]", "nothing is watched", "{a: b}", "a mapping is")         \
	X(name, "targets[].name", "web", IS(G.name, "web"), IS(G.name, "all"), "''",               \
	  "must not be empty", "[x]", "a list is", LONG_NAME, "too long")                          \
	X(include, "targets[].include", "[{comm: a}, {comm: b}]", G.nr_include == 2,               \
	  G.nr_include == 0, "nginx", "a list of patterns", "{comm: a}", "a mapping is")           \
	X(include_comm, "targets[].include[].comm", "'redis*'", IS(INCLUDE.comm, "redis*"), true,  \
	  "'[a'", "not a pattern", "aaaaaaaaaaaaaaaa", "can match nothing",                        \
	  "'*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a'", "too long", "[x]", "a list is")                    \
	X(include_executable, "targets[].include[].executable", "/usr/bin/*",                      \
	  IS(INCLUDE.executable, "/usr/bin/*") && IS(INCLUDE.comm, ""), true, GLOB_WRONG)          \
	X(include_cgroup, "targets[].include[].cgroup", "/system.slice/*",                         \
	  IS(INCLUDE.cgroup, "/system.slice/*"), true, GLOB_WRONG)                                 \
	X(include_container, "targets[].include[].container", "'0a*'",                             \
	  IS(INCLUDE.container, "0a*"), true, GLOB_WRONG)                                          \
	X(include_namespace, "targets[].include[].namespace", "'shop-*'",                          \
	  IS(INCLUDE.namespace, "shop-*") && IS(INCLUDE.comm, ""), true, GLOB_WRONG)               \
	X(include_pod, "targets[].include[].pod", "'web-*'", IS(INCLUDE.pod_name, "web-*"), true,  \
	  GLOB_WRONG)                                                                              \
	X(include_labels, "targets[].include[].pod_labels", "'app=web,tier!=cache'",               \
	  IS(INCLUDE.pod_labels, "app=web,tier!=cache") && INCLUDE.selector, true, "'app=web,='",  \
	  "is not a label selector: ", "{app: web}", "a label selector is due")                    \
	X(include_container_name, "targets[].include[].container_name", "web",                     \
	  IS(INCLUDE.container_name, "web"), true, GLOB_WRONG)                                     \
	X(exclude, "targets[].exclude", "[{comm: a}]", G.nr_exclude == 1 && !G.nr_include,         \
	  G.nr_exclude == 0, "1", "a list of patterns")                                            \
	X(exclude_comm, "targets[].exclude[].comm", "cron", IS(EXCLUDE.comm, "cron"), true,        \
	  "'a\\'", "not a pattern")                                                                \
	X(exclude_executable, "targets[].exclude[].executable", "cron",                            \
	  IS(EXCLUDE.executable, "cron"), true, GLOB_WRONG)                                        \
	X(exclude_cgroup, "targets[].exclude[].cgroup", "/a", IS(EXCLUDE.cgroup, "/a"), true,      \
	  GLOB_WRONG)                                                                              \
	X(exclude_container, "targets[].exclude[].container", "ff", IS(EXCLUDE.container, "ff"),   \
	  true, GLOB_WRONG)                                                                        \
	X(exclude_namespace, "targets[].exclude[].namespace", "'shop-*'",                          \
	  IS(EXCLUDE.namespace, "shop-*") && IS(EXCLUDE.comm, ""), true, GLOB_WRONG)               \
	X(exclude_pod, "targets[].exclude[].pod", "'web-*'", IS(EXCLUDE.pod_name, "web-*"), true,  \
	  GLOB_WRONG)                                                                              \
	X(exclude_labels, "targets[].exclude[].pod_labels", "'app=web,tier!=cache'",               \
	  IS(EXCLUDE.pod_labels, "app=web,tier!=cache") && EXCLUDE.selector, true, "'app=web,='",  \
	  "is not a label selector: ", "{app: web}", "a label selector is due")                    \
	X(exclude_container_name, "targets[].exclude[].container_name", "web",                     \
	  IS(EXCLUDE.container_name, "web"), true, GLOB_WRONG)                                     \
	X(group_blocking, "targets[].thresholds.blocking_ms", "20",                                \
	  G.thresholds.blocking_ms == 20 && s->thresholds.blocking_ms == 50,                       \
	  G.thresholds.blocking_ms == 50, MS_WRONG, "0", "out of range")                           \
	X(group_lag, "targets[].thresholds.lag_p95_ms", "0.5", G.thresholds.lag_p95_ms == 0.5,     \
	  G.thresholds.lag_p95_ms == 0, MS_WRONG)                                                  \
	X(group_utilization, "targets[].thresholds.utilization", "80",                             \
	  G.thresholds.utilization == 80, G.thresholds.utilization == 0, "101", "out of range",    \
	  "80%", "not a number of percent")                                                        \
	X(group_stall, "targets[].thresholds.stall_age_ms", "3600000",                             \
	  G.thresholds.stall_age_ms == 3600000, G.thresholds.stall_age_ms == 0, MS_WRONG)          \
	X(blocking, "thresholds.blocking_ms", "0.001",                                             \
	  s->thresholds.blocking_ms == 0.001 && G.thresholds.blocking_ms == 0.001,                 \
	  s->thresholds.blocking_ms == 50, MS_WRONG, "0", "0.001 to 3600000")                      \
	X(lag, "thresholds.lag_p95_ms", "50", G.thresholds.lag_p95_ms == 50,                       \
	  s->thresholds.lag_p95_ms == 0, MS_WRONG, "3600001", "0 to 3600000")                      \
	X(utilization, "thresholds.utilization", "100", G.thresholds.utilization == 100,           \
	  s->thresholds.utilization == 0, "100.5", "0 to 100", "all", "not a number of percent")   \
	X(stall, "thresholds.stall_age_ms", "1000", G.thresholds.stall_age_ms == 1000,             \
	  s->thresholds.stall_age_ms == 0, MS_WRONG)                                               \
	X(check, "check_interval_ms", "20", s->check_interval_ms == 20,                            \
	  s->check_interval_ms == 100, MS_WRONG, "0.5", "1 to 60000")                              \
	X(family, "wait_family", "io_uring", s->wait_family == WAIT_IO_URING,                      \
	  s->wait_family == WAIT_NONE, "epoll_wait", "auto, epoll, poll, select, io_uring, aio",   \
	  "[poll]", "a list is")                                                                   \
	X(to, "export.to", "stdout", s->export == EXPORT_STDOUT, s->export == EXPORT_OTLP,         \
	  "jaeger", "otlp, stdout, file, none", "OTLP", "not a known word", "[otlp]", "a list is") \
	X(file, "export.file", "out.jsonl", IS(s->export_file, "out.jsonl"),                       \
	  IS(s->export_file, ""), PATH_WRONG)                                                      \
	X(interval, "export.interval_ms", "60000", s->export_interval_ms == 60000,                 \
	  s->export_interval_ms == 10000, MS_WRONG, "99", "100 to 86400000", "10s",                \
	  "not a number")                                                                          \
	X(temporality, "export.temporality", "delta", s->temporality == TEMPORALITY_DELTA,         \
	  s->temporality == TEMPORALITY_CUMULATIVE, "gauge", "cumulative, delta")                  \
	X(histograms, "export.histograms", "explicit", s->aggregation == AGGREGATION_EXPLICIT,     \
	  s->aggregation == AGGREGATION_EXPONENTIAL, "native", "exponential, explicit")            \
	X(bounds, "export.bounds_ms", "[1, 2.5]",                                                  \
	  s->nr_histogram_bounds == 2 && s->histogram_bounds_ms[0] == 1 &&                         \
		  s->histogram_bounds_ms[1] == 2.5,                                                \
	  DEFAULT_BOUNDS(s->histogram_bounds_ms, s->nr_histogram_bounds), "5",                     \
	  "a list of milliseconds, ascending is due", "[]", "1 to 64")                             \
	X(endpoint, "export.otlp.endpoint", "https://otel:4318",                                   \
	  IS(s->otlp.endpoint, "https://otel:4318/v1/metrics"),                                    \
	  IS(s->otlp.endpoint, "http://localhost:4318/v1/metrics"), "otel:4318",                   \
	  "neither http://", "ftp://x", "neither http://", "http://", "not a URL", "'http://a b'", \
	  "not a URL", "http://h:99999", "not a URL", "http://h/#x", "has a #", "''",              \
	  "must not be empty", "http:///x", "not a URL", "http://u:p@h", "a user or password")     \
	X(logs_endpoint, "export.otlp.logs_endpoint", "https://otel:4318/v1/logs",                 \
	  IS(s->otlp.logs_endpoint, "https://otel:4318/v1/logs"), IS(s->otlp.logs_endpoint, ""),   \
	  "otel:4318", "neither http://", "http://u:p@h/v1/logs", "a user or password", "[x]",     \
	  "a list is")                                                                             \
	X(profiles_endpoint, "export.otlp.profiles_endpoint", "http://p:1/x",                      \
	  IS(s->otlp.profiles_endpoint, "http://p:1/x"), IS(s->otlp.profiles_endpoint, ""), "p:1", \
	  "neither http://", "http://p/#x", "has a #")                                             \
	X(protocol, "export.otlp.protocol", "grpc",                                                \
	  s->otlp.protocol == OTLP_GRPC && IS(s->otlp.endpoint, "http://localhost:4317"),          \
	  s->otlp.protocol == OTLP_HTTP, "http/json", "http/protobuf, grpc")                       \
	X(compression, "export.otlp.compression", "none", !s->otlp.gzip, s->otlp.gzip, "zstd",     \
	  "gzip, none")                                                                            \
	X(headers, "export.otlp.headers", "{Authorization: 'Bearer x'}",                           \
	  s->otlp.headers.nr == 1 && IS(s->otlp.headers.items[0].key, "authorization") &&          \
		  IS(s->otlp.headers.items[0].value, "Bearer x"),                                  \
	  s->otlp.headers.nr == 0, "[a]", "a mapping of names", "x", "a mapping of names")         \
	X(timeout, "export.otlp.timeout_ms", "500", s->otlp.timeout_ms == 500,                     \
	  s->otlp.timeout_ms == 10000, MS_WRONG, "0", "1 to 3600000")                              \
	X(request, "export.otlp.max_request_bytes", "67108863",                                    \
	  s->otlp.max_request_bytes == 67108863, s->otlp.max_request_bytes == 4000000, "67108864", \
	  "65536 to 67108863", "4MB", "not a whole number of bytes", "1.5", "not a whole number")  \
	X(proxy, "export.otlp.proxy", "socks5h://p:1080", IS(s->otlp.proxy, "socks5h://p:1080"),   \
	  IS(s->otlp.proxy, ""), "proxy:3128", "not the URL of a proxy", "http://", "not the URL") \
	X(ca, "export.otlp.tls.ca_file", "/ca.pem", IS(s->otlp.ca_file, "/ca.pem"),                \
	  IS(s->otlp.ca_file, ""), PATH_WRONG)                                                     \
	X(certificate, "export.otlp.tls.certificate_file", "/c, key_file: /k",                     \
	  IS(s->otlp.certificate_file, "/c") && IS(s->otlp.key_file, "/k"),                        \
	  IS(s->otlp.certificate_file, ""), PATH_WRONG, "/c",                                      \
	  "needs export.otlp.tls.key_file too")                                                    \
	X(key, "export.otlp.tls.key_file", "/k, certificate_file: /c", IS(s->otlp.key_file, "/k"), \
	  IS(s->otlp.key_file, ""), PATH_WRONG, "/k", "needs export.otlp.tls.certificate_file")    \
	X(insecure, "export.otlp.tls.insecure_skip_verify", "true", s->otlp.insecure_skip_verify,  \
	  !s->otlp.insecure_skip_verify, BOOL_WRONG)                                               \
	X(listen, "prometheus.listen", "'[::1]:0'", IS(s->prometheus.listen, "[::1]:0"),           \
	  IS(s->prometheus.listen, "127.0.0.1:9464"), "localhost:9464", "not an address",          \
	  "127.0.0.1", "not an address", "'127.0.0.1:'", "no port", "127.0.0.1:65536", "no port",  \
	  "'::1:9464'", "not an address", "'[::1]'", "port", "'[]:1'", "not an address",           \
	  "'[::12:80'", "not an address", "'[127.0.0.1]:1'", "not an address", "1.2.3:1",          \
	  "not an address", "1", "not an address")                                                 \
	X(p_bounds, "prometheus.bounds_ms", "[0.5]",                                               \
	  s->prometheus.nr_histogram_bounds == 1 && s->prometheus.histogram_bounds_ms[0] == 0.5,   \
	  DEFAULT_BOUNDS(s->prometheus.histogram_bounds_ms, s->prometheus.nr_histogram_bounds),    \
	  "{}", "a mapping is")                                                                    \
	X(labels, "prometheus.labels", "[host.name]",                                              \
	  s->prometheus.labels.nr == 1 && IS(s->prometheus.labels.items[0], "host.name"),          \
	  s->prometheus.labels.nr == 8 && IS(s->prometheus.labels.items[0], "service.name") &&     \
		  IS(s->prometheus.labels.items[7], "k8s.container.name"),                         \
	  "host.name", "a list of attribute names")                                                \
	X(p_certificate, "prometheus.tls.certificate_file", "/c, key_file: /k",                    \
	  IS(s->prometheus.certificate_file, "/c"), IS(s->prometheus.certificate_file, ""),        \
	  PATH_WRONG, "/c", "needs prometheus.tls.key_file too")                                   \
	X(p_key, "prometheus.tls.key_file", "/k, certificate_file: /c",                            \
	  IS(s->prometheus.key_file, "/k"), IS(s->prometheus.key_file, ""), PATH_WRONG)            \
	X(username, "prometheus.basic_auth.username", "u, password: p",                            \
	  IS(s->prometheus.username, "u"), IS(s->prometheus.username, ""), "u",                    \
	  "needs prometheus.basic_auth.password too", "'a:b', password: p", "has a colon")         \
	X(password, "prometheus.basic_auth.password", "p, username: u",                            \
	  IS(s->prometheus.password, "p"), IS(s->prometheus.password, ""), "p",                    \
	  "needs prometheus.basic_auth.username too", "[p]", "a list is")                          \
	X(pods, "kubernetes.pods", "kubelet", s->kubernetes.pods == PODS_FROM_KUBELET,             \
	  s->kubernetes.pods == PODS_FROM_AUTO, "apiserver", "auto, api, kubelet, none", "api",    \
	  "needs kubernetes.node_name too", "[api]", "a list is")                                  \
	X(cluster, "kubernetes.cluster_name", "prod", IS(s->kubernetes.cluster_name, "prod"),      \
	  IS(s->kubernetes.cluster_name, ""), "[]", "a list is", LONG_TEXT, "too long")            \
	X(node, "kubernetes.node_name", "node-1, pods: api",                                       \
	  IS(s->kubernetes.node_name, "node-1") && s->kubernetes.pods == PODS_FROM_API,            \
	  IS(s->kubernetes.node_name, ""), "{}", "a mapping is", LONG_TEXT, "too long")            \
	X(kubeconfig, "kubernetes.kubeconfig", "/k", IS(s->kubernetes.kubeconfig, "/k"),           \
	  IS(s->kubernetes.kubeconfig, ""), PATH_WRONG)                                            \
	X(kubelet, "kubernetes.kubelet.endpoint", "'http://[::1]:10255'",                          \
	  IS(s->kubernetes.kubelet_endpoint, "http://[::1]:10255"),                                \
	  IS(s->kubernetes.kubelet_endpoint, "https://127.0.0.1:10250"), "''",                     \
	  "must not be empty", "127.0.0.1:10250", "neither http://", "https://", "not a URL",      \
	  "https://h:99999", "not a URL", "https://u:p@h", "the value holds a user or password",   \
	  "https://h:10250/pods", "something behind the port", "https://h/", "https://HOST:10250", \
	  "https://h?x", "something behind the port")                                              \
	X(kubelet_ca, "kubernetes.kubelet.ca_file", "/c", IS(s->kubernetes.kubelet_ca_file, "/c"), \
	  IS(s->kubernetes.kubelet_ca_file, ""), PATH_WRONG)                                       \
	X(kubelet_insecure, "kubernetes.kubelet.insecure_skip_verify", "true",                     \
	  s->kubernetes.kubelet_insecure_skip_verify, !s->kubernetes.kubelet_insecure_skip_verify, \
	  BOOL_WRONG)                                                                              \
	X(kubelet_interval, "kubernetes.kubelet.interval_ms", "1000",                              \
	  s->kubernetes.kubelet_interval_ms == 1000, s->kubernetes.kubelet_interval_ms == 10000,   \
	  MS_WRONG, "999", "1000 to 3600000")                                                      \
	X(wait, "kubernetes.wait_ms", "0", s->kubernetes.wait_ms == 0,                             \
	  s->kubernetes.wait_ms == 15000, MS_WRONG, "60001", "0 to 60000")                         \
	X(grace, "kubernetes.grace_ms", "1", s->kubernetes.grace_ms == 1,                          \
	  s->kubernetes.grace_ms == 300000, MS_WRONG, "3600001", "0 to 3600000")                   \
	X(max_pods, "kubernetes.max_pods", "110", s->kubernetes.max_pods == 110,                   \
	  s->kubernetes.max_pods == 1000, "0", "1 to 100000", "100001", "1 to 100000", "1.5",      \
	  "not a whole number")                                                                    \
	X(pod_labels, "kubernetes.labels", "[app, 'example.com/*']",                               \
	  s->kubernetes.labels.nr == 2 && IS(s->kubernetes.labels.items[1], "example.com/*"),      \
	  s->kubernetes.labels.nr == 0, "app", "a list of patterns")                               \
	X(pod_annotations, "kubernetes.annotations", "['team']",                                   \
	  s->kubernetes.annotations.nr == 1 && IS(s->kubernetes.annotations.items[0], "team"),     \
	  s->kubernetes.annotations.nr == 0, "{a: b}", "a list of patterns")                       \
	X(annotated, "kubernetes.annotated_thresholds", "true",                                    \
	  s->kubernetes.annotated_thresholds, !s->kubernetes.annotated_thresholds, BOOL_WRONG)     \
	X(stalls_enabled, "stalls.enabled", "false", !s->stalls.enabled, s->stalls.enabled,        \
	  BOOL_WRONG)                                                                              \
	X(stalls_per_minute, "stalls.per_minute", "7", s->stalls.per_minute == 7,                  \
	  s->stalls.per_minute == 60, "0", "1 to 100000")                                          \
	X(stacks_per_minute, "stalls.stacks_per_minute", "0", s->stalls.stacks_per_minute == 0,    \
	  s->stalls.stacks_per_minute == 600, "100001", "0 to 100000")                             \
	X(stalls_logs, "stalls.logs", "false", !s->stalls.logs, s->stalls.logs, BOOL_WRONG)        \
	X(logs_per_minute, "stalls.logs_per_minute", "0", s->stalls.logs_per_minute == 0,          \
	  s->stalls.logs_per_minute == 600, "1000001", "0 to 1000000")                             \
	X(tell_after, "stalls.tell_after_ms", "250", s->stalls.tell_after_ms == 250,               \
	  s->stalls.tell_after_ms == 1000, MS_WRONG)                                               \
	X(error_factor, "stalls.error_factor", "2", s->stalls.error_factor == 2,                   \
	  s->stalls.error_factor == 10, "0", "1 to 1000000", "1.5", "not a whole number")          \
	X(exemplars, "stalls.exemplars", "false", !s->stalls.exemplars, s->stalls.exemplars,       \
	  BOOL_WRONG)                                                                              \
	X(culprit_attribute, "stalls.culprit_attribute", "true", s->stalls.culprit_attribute,      \
	  !s->stalls.culprit_attribute, BOOL_WRONG)                                                \
	X(culprits, "stalls.culprits", "16", s->stalls.max_culprits == 16,                         \
	  s->stalls.max_culprits == 8, "17", "1 to 16", "0", "1 to 16")                            \
	X(profiles, "stalls.profiles", "true", s->stalls.profiles, !s->stalls.profiles,            \
	  BOOL_WRONG)                                                                              \
	X(resource, "attributes.resource", "{team: 'a b', n: 1}",                                  \
	  s->resource.nr == 2 && IS(s->resource.items[0].key, "team") &&                           \
		  IS(s->resource.items[0].value, "a b") && IS(s->resource.items[1].value, "1"),    \
	  s->resource.nr == 0, "[a]", "a mapping of names", "x", "a mapping of names")             \
	X(keep, "attributes.keep", "['host.*', a]",                                                \
	  s->keep.nr == 2 && IS(s->keep.items[0], "host.*"), s->keep.nr == 0, "a",                 \
	  "a list of patterns")                                                                    \
	X(drop, "attributes.drop", "[process.command, '\\[x']", s->drop.nr == 2, s->drop.nr == 0,  \
	  "{a: b}", "a list of patterns")                                                          \
	X(arguments, "attributes.command_arguments", "true", s->command_arguments,                 \
	  !s->command_arguments, BOOL_WRONG)                                                       \
	X(environment, "attributes.read_environment", "false", !s->read_environment,               \
	  s->read_environment, BOOL_WRONG)                                                         \
	X(process, "metrics.process", "false", !s->process_metrics, s->process_metrics,            \
	  BOOL_WRONG)                                                                              \
	X(nodejs, "metrics.nodejs", "false", !s->nodejs_aliases, s->nodejs_aliases, BOOL_WRONG)    \
	X(loops, "limits.loops", "5", s->max_loops == 5, s->max_loops == 12000, "0",               \
	  "1 to 1000000", "5.5", "not a whole number", "many", "not a whole number")               \
	X(series, "limits.series", "2", s->max_series == 2, s->max_series == 2000, "1",            \
	  "2 to 1000000")                                                                          \
	X(lines, "limits.log_records_per_minute", "0", s->max_log_records_per_minute == 0,         \
	  s->max_log_records_per_minute == 60, "100001", "0 to 100000")                            \
	X(syscalls, "limits.blocked_syscalls", "31", s->max_blocked_syscalls == 31,                \
	  s->max_blocked_syscalls == 8, "32", "0 to 31")                                           \
	X(service, "agent.service_name", "ls", IS(s->agent_service_name, "ls"),                    \
	  IS(s->agent_service_name, "loopscope"), "''", "must not be empty", "[x]", "a list is")   \
	X(pod, "agent.pod_name", "p-1", IS(s->agent_pod_name, "p-1"), IS(s->agent_pod_name, ""),   \
	  "{}", "a mapping is")                                                                    \
	X(namespace, "agent.namespace", "ns", IS(s->agent_namespace, "ns"),                        \
	  IS(s->agent_namespace, ""), "[]", "a list is")                                           \
	X(lock, "agent.lock_file", "/l", IS(s->lock_file, "/l"),                                   \
	  IS(s->lock_file, "/run/loopscope/agent.lock"), "''", "must not be empty", PATH_WRONG)    \
	X(shutdown, "agent.shutdown_timeout_ms", "1", s->shutdown_timeout_ms == 1,                 \
	  s->shutdown_timeout_ms == 5000, MS_WRONG, "0", "1 to 3600000")                           \
	X(level, "log.level", "debug", s->log_level == LOG_LEVEL_DEBUG,                            \
	  s->log_level == LOG_LEVEL_INFO, "trace", "error, warning, info, debug")                  \
	X(format, "log.format", "json", s->log_format == LOG_FORMAT_JSON,                          \
	  s->log_format == LOG_FORMAT_TEXT, "plain", "text, json")

#define LONG_NAME "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define LONG_TEXT LONG_NAME LONG_NAME LONG_NAME LONG_NAME

#endif
