/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Random totals, with some twenty buckets of each histogram in use. */
#include "many_figures.h"

#include "example_figures.h"
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#define NR_USED 20
#define NR_RESOURCE_ATTRIBUTES 9
#define ID_LEN 40
#define NAME_LEN 16

struct one {
	struct loop_totals totals;
	struct loop_figures loop;
	struct attributes resource;
	struct attribute resource_attributes[NR_RESOURCE_ATTRIBUTES], loop_attributes[2];
	char container[ID_LEN * 2], instance[ID_LEN], pod[ID_LEN], name[NAME_LEN];
};

struct many_figures {
	struct figures figures;
	struct one *all;
	struct resource_figures *resources;
	unsigned int ordinal;
};

static void fill(struct totals_histogram *histogram, unsigned int first, struct random *random)
{
	for (unsigned int i = first; i < first + NR_USED; i++) {
		histogram->buckets[i] = random_below(random, 100000);
		histogram->count += histogram->buckets[i];
		histogram->sum += (double)histogram->buckets[i] * exp2(((int)i - 40.5) / 4) * 1e6;
	}
	histogram->sum = round(histogram->sum);
}

static void make_totals(struct loop_totals *totals, struct random *random)
{
	static const int calls[] = {SYS_fsync, SYS_write, SYS_futex, SYS_openat, SYS_sendto};

	totals->poll_ns = random_scale(random, 44);
	for (int i = 0; i < NR_CAUSES; i++) {
		totals->cause_ns[i] = random_scale(random, 42);
		totals->stalls[i] = random_below(random, 50);
	}
	totals->iterations = random_scale(random, 32);
	totals->events = random_scale(random, 34);
	totals->wake_runqueue_ns = random_scale(random, 40);
	totals->wake_quota_ns = random_scale(random, 30);
	fill(&totals->lag, 0, random);
	fill(&totals->busy, 15, random);
	fill(&totals->wake, 5, random);
	fill(&totals->batch, 40, random);
	totals->nr_syscalls = ARRAY_SIZE(calls);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		totals->syscalls[i] = (struct window_syscall){
			.nr = calls[i],
			.count = (__u32)random_below(random, 100000),
			.time_ns = random_scale(random, 40),
		};
}

static void make_attributes(struct one *one, unsigned int index)
{
	const struct attribute resource[NR_RESOURCE_ATTRIBUTES] = {
		ATTRIBUTE_OF_TEXT("container.id", one->container),
		ATTRIBUTE_OF_TEXT("host.name", "node-1"),
		ATTRIBUTE_OF_TEXT("k8s.namespace.name", "shop"),
		ATTRIBUTE_OF_TEXT("k8s.pod.name", one->pod),
		ATTRIBUTE_OF_TEXT("process.executable.name", "node"),
		ATTRIBUTE_OF_INTEGER("process.pid", 1000 + index),
		ATTRIBUTE_OF_TEXT("process.runtime.name", "nodejs"),
		ATTRIBUTE_OF_TEXT("service.instance.id", one->instance),
		ATTRIBUTE_OF_TEXT("service.name", one->name),
	};

	snprintf(one->container, sizeof(one->container), "%064x", index * 2654435761U);
	snprintf(one->instance, sizeof(one->instance), "%08x-0000-4000-8000-%012x", index, index);
	snprintf(one->pod, sizeof(one->pod), "checkout-%08x-%05u", index * 2654435761U, index);
	snprintf(one->name, sizeof(one->name), "service-%u", index % 10);
	memcpy(one->resource_attributes, resource, sizeof(resource));
	one->resource = (struct attributes){one->resource_attributes, NR_RESOURCE_ATTRIBUTES, 0};
	one->loop_attributes[0] = ATTRIBUTE_OF_INTEGER("event_loop.id", 1000 + index);
	one->loop_attributes[1] = ATTRIBUTE_OF_TEXT("thread.name", "node");
}

static struct resource_figures make_one(struct many_figures *many, unsigned int index,
					struct random *random)
{
	struct one *one = &many->all[index];

	make_totals(&one->totals, random);
	make_attributes(one, index);
	one->loop = (struct loop_figures){
		.attributes = one->loop_attributes,
		.nr_attributes = 2,
		.start_unix_ns = EXAMPLE_START_NS,
		.totals = &one->totals,
		.has_gauges = true,
		.gauges = {(double)random_below(random, 1000000) / 1e3,
			   (double)random_below(random, 1000000) / 1e4, 0},
	};
	return (struct resource_figures){
		.attributes = &one->resource,
		.process = {.valid = true,
			    .start_unix_ns = EXAMPLE_START_NS,
			    .user_ns = random_scale(random, 40),
			    .system_ns = random_scale(random, 40)},
		.loops = &one->loop,
		.nr_loops = 1,
		.ordinals = &many->ordinal,
	};
}

struct many_figures *many_figures_new(size_t nr_loops)
{
	struct many_figures *many = calloc(1, sizeof(*many));
	struct random random = {.state = 1};

	if (!many)
		abort();
	many->all = calloc(nr_loops + 1, sizeof(*many->all));
	many->resources = calloc(nr_loops + 1, sizeof(*many->resources));
	if (!many->all || !many->resources)
		abort();
	for (size_t i = 0; i < nr_loops; i++)
		many->resources[i] = make_one(many, (unsigned int)i, &random);
	many->figures = *example_figures();
	many->figures.max_blocked_syscalls = 10;
	many->figures.resources = many->resources;
	many->figures.nr_resources = nr_loops;
	return many;
}

void many_figures_free(struct many_figures *many)
{
	if (!many)
		return;
	free(many->all);
	free(many->resources);
	free(many);
}

const struct figures *many_figures_get(const struct many_figures *many)
{
	return &many->figures;
}
