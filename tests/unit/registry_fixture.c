/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The fixture of the registry's tests. */
#include "registry_fixture.h"

void registry_fixture_set_up(struct registry_fixture *fixture, bool delivers, bool delta,
			     unsigned int max_series)
{
	*fixture = (struct registry_fixture){.now = 1000, .next_tid = 1};
	fixture->options = (struct registry_options){
		.max_waiting = MAX_WAITING,
		.max_ended = MAX_ENDED,
		.delivers = delivers,
		.delta = delta,
		.check_interval_ns = 100 * MS,
		.max_series = max_series,
		.max_blocked_syscalls = 8,
		.departed = &fixture->departed,
	};
	assert_int_equal(attributes_put_text(&fixture->departed, "service.name", "departed"), 0);
	assert_int_equal(registry_new(&fixture->options, &fixture->registry), 0);
}

void registry_fixture_tear_down(struct registry_fixture *fixture)
{
	registry_free(fixture->registry);
	attributes_done(&fixture->departed);
}

struct watched_loop *registry_fixture_add(struct registry_fixture *fixture, unsigned int pid)
{
	const struct loop_id id = {
		.pid = pid, .tid = fixture->next_tid, .start_ns = fixture->next_tid};
	const struct process_key key = {.pid = pid, .start_ns = 7};
	struct watched_process *process = registry_process(fixture->registry, &key);
	struct attributes attributes = {};
	struct watched_loop *loop;

	fixture->next_tid++;
	if (!process) {
		assert_int_equal(attributes_put_integer(&attributes, "process.pid", pid), 0);
		assert_int_equal(registry_add_process(fixture->registry, &key, "comm", NULL,
						      &attributes, false, &process),
				 0);
	}
	assert_int_equal(registry_add_loop(fixture->registry, process, &id, "thread", fixture->now,
					   0, &loop),
			 0);
	return loop;
}

void registry_fixture_report(struct registry_fixture *fixture, struct watched_loop *loop,
			     __u64 iterations, bool last)
{
	const struct loop_report report = {
		.id = *watched_loop_id(loop),
		.state = last ? REPORT_ENDED : REPORT_POLL,
		.window_ns = 100 * MS,
		.poll_ns = 75 * MS,
		.cause_ns[CAUSE_CPU] = 25 * MS,
		.iterations = iterations,
		.events = 2 * iterations,
		.lag = {.max = 3 * MS},
	};

	registry_report(fixture->registry, loop, &report);
	fixture->iterations += iterations;
}
