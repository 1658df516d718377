/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the agent is told: one struct, filled from defaults, a YAML file, the
 * environment and the command line, later ones over earlier ones, by one table
 * of keys (settings_keys.c) from which --config-help is made too.
 *
 * Texts are owned by the settings, never NULL unless it is said so, and "" where
 * nothing was given. Secrets may be in headers and the password: they are left
 * out of settings_print, and nothing else prints settings.
 */
#ifndef LOOPSCOPE_SETTINGS_H
#define LOOPSCOPE_SETTINGS_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "record.h"

#define SETTINGS_MAX_BOUNDS 64

struct label_selector;

struct text_list {
	char **items;
	size_t nr;
};

struct text_pair {
	char *key, *value;
};

struct text_pairs {
	struct text_pair *items;
	size_t nr;
};

/* A process matches if all patterns given do; "" matches everything. Globs: * ? [a-z]. */
struct target_match {
	char *comm;       /* the process's or the thread's name */
	char *executable; /* full path; a pattern without / is matched with the last component */
	char *cgroup;     /* path below the mount, or of a directory above it */
	char *container;  /* container id, or a glob of it */
	char *namespace;  /* of the pod that it is in */
	char *pod_name;   /* of that pod */
	char *container_name;            /* in that pod */
	char *pod_labels;                /* a selector, as label_selector.h has it */
	struct label_selector *selector; /* the same, parsed; NULL: none */
};

/* Whether it takes a pod to tell. */
static inline bool target_match_asks_pods(const struct target_match *match)
{
	return *match->namespace || *match->pod_name || *match->container_name || match->selector;
}

/* Thresholds; 0: none. */
struct thresholds {
	double blocking_ms; /* a busy interval of at least this is a stall; never 0 */
	double lag_p95_ms;
	double utilization; /* percent */
	double stall_age_ms;
};

struct target_group {
	char *name; /* unique */
	struct target_match *include;
	size_t nr_include; /* none: everything */
	struct target_match *exclude;
	size_t nr_exclude;
	struct thresholds thresholds; /* complete: those of the settings where it gives none */
};

enum temporality { TEMPORALITY_CUMULATIVE, TEMPORALITY_DELTA };
enum aggregation { AGGREGATION_EXPONENTIAL, AGGREGATION_EXPLICIT };
enum otlp_protocol { OTLP_HTTP, OTLP_GRPC };
enum export_target { EXPORT_NONE, EXPORT_OTLP, EXPORT_STDOUT, EXPORT_FILE };

enum otlp_signal { OTLP_METRICS, OTLP_LOGS, OTLP_PROFILES };

struct otlp_settings {
	char *endpoint; /* full URL of the metrics signal, path included for http */
	char *logs_endpoint, *profiles_endpoint; /* "": made of that */
	enum otlp_signal signal; /* what is sent: OTLP_METRICS, but in copies: otlp_signal.h */
	enum otlp_protocol protocol;
	bool gzip;
	struct text_pairs headers; /* names in lower case; values may be secret */
	double timeout_ms;         /* of one export, retries included */
	char *ca_file, *certificate_file, *key_file;
	bool insecure_skip_verify;
	char *proxy; /* URL; "": as the environment (http_proxy, ...) says */
	size_t max_request_bytes;
};

struct prometheus_settings {
	char *listen; /* "127.0.0.1:9464", "[::1]:9464", ":9464"; "": no server */
	char *certificate_file, *key_file;
	char *username, *password; /* basic authentication; "": none */
	struct text_list labels;   /* resource attributes that become labels of each series */
	double histogram_bounds_ms[SETTINGS_MAX_BOUNDS];
	size_t nr_histogram_bounds;
};

enum pods_from { PODS_FROM_AUTO, PODS_FROM_API, PODS_FROM_KUBELET, PODS_FROM_NONE };

/* Where what is known of pods comes from, and what is made of it. */
struct kubernetes_settings {
	enum pods_from
		pods; /* AUTO: API, then kubelet, wherever we are in a pod or are told of one */
	char *cluster_name;     /* "": not known */
	char *node_name;        /* "": not known */
	char *kubeconfig;       /* "": the service account of the pod that we are in */
	char *kubelet_endpoint; /* https://127.0.0.1:10250; http://...:10255 */
	char *kubelet_ca_file;  /* "": that of the API server's */
	bool kubelet_insecure_skip_verify;
	double kubelet_interval_ms; /* between two looks at the kubelet's pods */
	double wait_ms;  /* figures of a process in a pod not known yet wait so long for it */
	double grace_ms; /* for which deleted pods are kept */
	size_t max_pods;
	struct text_list labels;      /* globs of pod labels that become attributes */
	struct text_list annotations; /* likewise */
	bool annotated_thresholds;    /* pods' annotation loopscope/blocking-ms counts */
};

/* What is told of stalls beside metrics: stall.h, export/stall_log.h. */
struct stall_settings {
	bool enabled;                   /* else stalls are counted alone, as a part of windows */
	unsigned int per_minute;        /* that are told of one loop, and */
	unsigned int stacks_per_minute; /* stacks of it */
	bool logs;                      /* a log record of each */
	unsigned int logs_per_minute;   /* of all loops together */
	double tell_after_ms;           /* one that goes on for so long is told of while it does */
	unsigned int error_factor;      /* severity: an error from so many times the threshold on */
	bool exemplars;                 /* of histograms of lag */
	bool culprit_attribute;         /* of event_loop.blocking_calls */
	size_t max_culprits;            /* by name for each loop */
	bool profiles;
};

struct settings {
	struct target_group
		*groups; /* the first that matches has the loop; none does: not watched */
	size_t nr_groups;
	struct thresholds thresholds; /* what a group has unless it says otherwise */
	double check_interval_ms;
	enum wait_family wait_family; /* that alone makes a loop; WAIT_NONE: each thread's own */

	enum export_target export;
	char *export_file;
	double export_interval_ms;
	enum temporality temporality;
	enum aggregation aggregation;
	double histogram_bounds_ms[SETTINGS_MAX_BOUNDS]; /* for explicit buckets, ascending */
	size_t nr_histogram_bounds;
	struct otlp_settings otlp;
	struct prometheus_settings prometheus;
	struct kubernetes_settings kubernetes;
	struct stall_settings stalls;

	struct text_pairs resource; /* attributes of every resource, unless it has its own */
	char *agent_service_name;   /* service.name of the agent's own resource */
	char *agent_pod_name;       /* k8s.pod.name and k8s.namespace.name of that; "": unknown */
	char *agent_namespace;
	struct text_list keep;  /* globs of attribute keys; none: all */
	struct text_list drop;  /* globs of attribute keys, after `keep` */
	bool command_arguments; /* process.command_args */
	bool read_environment;  /* OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES of the watched */
	bool process_metrics;   /* process.cpu.time, process.context_switches */
	bool nodejs_aliases;    /* nodejs.eventloop.* */

	unsigned int max_loops;
	unsigned int max_series; /* of one metric in one resource, the overflow included */
	unsigned int max_log_records_per_minute;
	size_t max_blocked_syscalls; /* syscall.name values kept by name for each loop */

	enum log_level log_level;
	enum log_format log_format; /* TEXT or JSON */
	char *lock_file;
	double shutdown_timeout_ms; /* the last export, on SIGTERM */
};

/* What was wrong, all of it: one line each, ready to print: "FILE:LINE:COLUMN: key: what". */
struct settings_errors {
	char **lines;
	size_t nr;
};

/* Flags of the command line that are over everything: pairs of key path and value. */
struct settings_sources {
	const char *file;            /* NULL: none */
	const char *const *environ_; /* like environ; NULL: none */
	struct text_pairs flags;     /* "export.otlp.endpoint", "http://..." */
};

/*
 * -EINVAL: something is wrong, and ret_errors says what; -ENOENT, -EACCES, ...: the
 * file cannot be read (ret_errors says so too). Frees with settings_free, which
 * takes NULL. A second load gives an independent struct: reload is load and swap.
 */
int settings_load(const struct settings_sources *sources, struct settings **ret_settings,
		  struct settings_errors *ret_errors);

/* The same with these bytes in place of the file, which errors call sources->file. */
int settings_load_text(const struct settings_sources *sources, const char *text, size_t size,
		       struct settings **ret_settings, struct settings_errors *ret_errors);
void settings_free(struct settings *settings);
void settings_errors_done(struct settings_errors *errors);
DEFINE_CLEANUP(struct settings *, settings_free)

/* The settings in force as YAML that loads to the same, secrets shown as "***". */
int settings_print(FILE *out, const struct settings *settings);

/* Every key: path, type, range, default, what it does; the reference. */
int settings_help(FILE *out);

/* Names of the keys that differ and take effect only at the next start, for the log of a reload. */
int settings_fixed_changes(const struct settings *now, const struct settings *next,
			   struct text_list *ret_keys);

/* -ENOMEM: unchanged. The text is copied. */
int text_list_add(struct text_list *list, const char *text);
int text_list_add_part(struct text_list *list, const char *text, size_t length);
void text_list_done(struct text_list *list);
int text_pairs_add(struct text_pairs *pairs, const char *key, const char *value);
void text_pairs_done(struct text_pairs *pairs);

#endif
