/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The fixture of the admission's tests: it settles as the collector does. */
#include "admission_fixture.h"

#include <stdlib.h>
#include <string.h>

void admission_fixture_begin(struct world *world, const char *yaml)
{
	const struct pods_options pods = {.max_pods = 10, .max_bytes = 1 << 20, .grace_ns = 100};
	const struct registry_options registry = {.max_waiting = 10,
						  .max_ended = 10,
						  .max_series = 100,
						  .departed = &world->departed};

	*world = (struct world){.loaded = load_yaml(yaml)};
	assert_int_equal(attributes_put_text(&world->departed, "service.name", "departed"), 0);
	assert_int_equal(registry_new(&registry, &world->registry), 0);
	assert_int_equal(pods_new(&pods, &world->pods), 0);
	assert_int_equal(
		admission_new(loaded_good(&world->loaded), world->registry, &world->admission), 0);
	admission_set_pods(world->admission, world->pods);
}

void admission_fixture_end(struct world *world)
{
	admission_free(world->admission);
	registry_free(world->registry);
	pods_free(world->pods);
	attributes_done(&world->departed);
	loaded_done(&world->loaded);
}

struct loop_window admission_fixture_window(unsigned int tid)
{
	return (struct loop_window){
		.header = {.kind = RECORD_LOOP_WINDOW, .size = sizeof(struct loop_window)},
		.id = {.pid = NO_PID, .tid = tid, .start_ns = 5},
		.process_start_ns = 5,
		.thread = "worker",
		.process = "server",
	};
}

void admission_fixture_place(struct world *world, unsigned int tid, __u32 own_pid, const char *path)
{
	struct place place = {.id = {.pid = NO_PID, .tid = tid, .start_ns = 5}, .own_pid = own_pid};

	strcpy(place.unified, path);
	admission_note_place(world->admission, &place);
}

enum verdict admission_fixture_meet(struct world *world, unsigned int tid, const char *path)
{
	struct loop_window window = admission_fixture_window(tid);
	enum verdict verdict;

	admission_fixture_place(world, tid, 1, path);
	assert_int_equal(admission_decide(world->admission, &window, &verdict), 0);
	return verdict;
}

struct watched_loop *admission_fixture_loop(struct world *world, unsigned int tid)
{
	struct loop_window window = admission_fixture_window(tid);

	return registry_loop(world->registry, &window.id);
}

struct watched_process *admission_fixture_process(struct world *world, unsigned int tid)
{
	return watched_loop_process(admission_fixture_loop(world, tid));
}

const char *admission_fixture_attribute(struct world *world, unsigned int tid, const char *key)
{
	return attributes_get_text(
		watched_process_attributes(admission_fixture_process(world, tid)), key);
}

struct pod *admission_fixture_pod(const char *namespace, const char *id)
{
	struct pod *pod = fixture_pod(POD_A);

	free(pod->namespace);
	pod->namespace = strdup(namespace);
	assert_non_null(pod->namespace);
	fixture_container(pod, "web", id, "", 3);
	fixture_container(pod, "side", "", "", 0);
	return pod;
}

/* As the collector does it. */
static void settle_loop(struct watched_loop *loop, void *context)
{
	struct world *world = context;
	int group = admission_group(world->admission, loop);

	watched_loop_set_group(loop, group);
	if (group < 0)
		registry_drop_loop(world->registry, loop);
}

static void on_settled(struct watched_process *process, bool released, void *context)
{
	struct world *world = context;

	world->nr_settled++;
	world->nr_released += released;
	if (released)
		registry_each_loop_of(process, settle_loop, world);
}

void admission_fixture_settle(struct world *world, __u64 now_ns)
{
	world->nr_settled = world->nr_released = 0;
	admission_settle(world->admission, now_ns, on_settled, world);
}

size_t admission_fixture_nr_shown(struct world *world)
{
	struct figures figures;

	assert_int_equal(registry_figures(world->registry, READER_SCRAPE, 1000, &figures), 0);
	return figures.nr_resources;
}
