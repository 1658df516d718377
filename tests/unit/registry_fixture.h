/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A registry with made-up processes and loops, and what is true of it. */
#ifndef LOOPSCOPE_TESTS_REGISTRY_FIXTURE_H
#define LOOPSCOPE_TESTS_REGISTRY_FIXTURE_H

#include "agent/registry.h"
#include "unit.h"

#define MAX_WAITING 40
#define MAX_ENDED 400

struct registry_fixture {
	struct registry *registry;
	struct registry_options options;
	struct attributes departed;
	struct random random;
	__u64 now;
	__u64 iterations; /* ever reported */
	__u64 given; /* to the reader: of deltas, all of them; of totals, the sum of the last */
	unsigned int next_tid;
};

void registry_fixture_set_up(struct registry_fixture *fixture, bool delivers, bool delta,
			     unsigned int max_series);
void registry_fixture_tear_down(struct registry_fixture *fixture);

/* A loop of the next tid, in a process of that pid. */
struct watched_loop *registry_fixture_add(struct registry_fixture *fixture, unsigned int pid);

/* A window of 100 ms, a quarter of it busy; the loop's last if it is said so. */
void registry_fixture_report(struct registry_fixture *fixture, struct watched_loop *loop,
			     __u64 iterations, bool last);

#endif
