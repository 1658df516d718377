/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* An admission with its registry and pods, and processes that do not exist: all is made by hand. */
#ifndef LOOPSCOPE_TESTS_ADMISSION_FIXTURE_H
#define LOOPSCOPE_TESTS_ADMISSION_FIXTURE_H

#include "agent/admission.h"
#include "pods_fixture.h"
#include "settings_fixture.h"
#include "unit.h"

#define POD_A "11111111-2222-3333-4444-555555555555"
#define ID_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define PATH_A "/kubepods/besteffort/pod" POD_A "/" ID_A
#define NO_PID 4000000000U

struct world {
	struct loaded loaded;
	struct registry *registry;
	struct attributes departed;
	struct pods *pods;
	struct admission *admission;
	unsigned int nr_released, nr_settled;
};

void admission_fixture_begin(struct world *world, const char *yaml);
void admission_fixture_end(struct world *world);
/* The first window of a loop of that tid, all in one process. */
struct loop_window admission_fixture_window(unsigned int tid);

/* Where it is; world_meet tells this, and then of its window. */
void admission_fixture_place(struct world *world, unsigned int tid, __u32 own_pid,
			     const char *path);
enum verdict admission_fixture_meet(struct world *world, unsigned int tid, const char *path);

/* What has become of it. */
struct watched_loop *admission_fixture_loop(struct world *world, unsigned int tid);
struct watched_process *admission_fixture_process(struct world *world, unsigned int tid);
const char *admission_fixture_attribute(struct world *world, unsigned int tid, const char *key);

/* POD_A, of two containers; `id` is the first one's. */
struct pod *admission_fixture_pod(const char *namespace, const char *id);

/* Sets nr_settled and nr_released anew. */
void admission_fixture_settle(struct world *world, __u64 now_ns);
size_t admission_fixture_nr_shown(struct world *world);

#endif
