/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The OpenTelemetry resource of a watched process, by semantic conventions 1.44.
 * From the most to the least believed: what its SDK has published in memory
 * (process context, `OTEL_CTX`), OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES
 * of its environment, what /proc tells, the attributes given to all.
 */
#ifndef LOOPSCOPE_RESOURCE_H
#define LOOPSCOPE_RESOURCE_H

#include <linux/types.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/apart.h"
#include "identity/attributes.h"
#include "identity/identity.h"

struct resource_options {
	const struct attributes *host; /* host.*, os.type and what is given to all; borrowed */
	struct apart *apart;           /* what reads its memory; borrowed; or NULL */
	bool command_arguments;
	bool read_environment;
	char *const *keep; /* globs of attribute keys, as attributes_filter takes them */
	size_t nr_keep;
	char *const *drop;
	size_t nr_drop;
};

/* Who the process is: what its loops' records say. */
struct resource_process {
	pid_t pid;
	__u64 start_ns;   /* CLOCK_BOOTTIME; 0: not known */
	const char *comm; /* repaired by the callee; up to 16 bytes, terminated */
	const struct process_identity *identity;
};

/*
 * Always gives service.name (as service_name.h has it, where the process says none; no filter
 * takes it away), service.instance.id (of the same process ever the same UUID), process.pid and
 * process.executable.name (the comm where there is no better); others as can be read.
 * process.pid and container.id are what this machine has, whatever the process says.
 * process.command is argv[0]; process.command_args all of them, only if asked for: they may
 * hold secrets. A process that ends meanwhile, that becomes another program, or whose pid is
 * another's by now, leaves what is not known out; that is no error. -ENOMEM.
 * ret_said, unless NULL: what it said of itself, of which most is in the resource too.
 */
int resource_of_process(const struct resource_process *process,
			const struct resource_options *options, struct attributes *ret_attributes,
			struct attributes *ret_said);

/* Keeps what the options ask for, and service.name. -ENOMEM. */
int resource_filter(struct attributes *set, const struct resource_options *options);

/* host.name, host.id (machine id), host.arch, os.type, os.description, ...: once a start. */
int resource_of_host(struct attributes *ret_attributes);

/* The text of /etc/os-release: os.name, os.version, os.description, os.build_id. Pure. */
int resource_parse_os_release(const char *text, struct attributes *set);

/* OTEL_RESOURCE_ATTRIBUTES's text: k=v,k2=v2, percent-encoded. -EINVAL: nothing put. Pure. */
int resource_parse_list(const char *text, struct attributes *set);

#endif
