/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A model and a fake loop that reports to it; every report is checked for soundness. */
#ifndef LOOPSCOPE_TESTS_MODEL_FIXTURE_H
#define LOOPSCOPE_TESTS_MODEL_FIXTURE_H

#include "unit.h"

#include "fake_loop.h"
#include "model/model.h"

#define FIXTURE_MAX_LOOPS 4

struct model_fixture {
	struct model *model;
	struct fake_loop loop; /* in its wait call, first seen at 1 s */
	struct loop_report reports[FIXTURE_MAX_LOOPS];
	unsigned int nr_reports;
};

int fixture_set_up(void **state);
int fixture_tear_down(void **state);

#define fixture_test(test) cmocka_unit_test_setup_teardown(test, fixture_set_up, fixture_tear_down)

/* What the model says to a record of the loop as it is now. */
int fixture_apply(struct model_fixture *fixture, struct fake_loop *loop, enum record_kind kind);

/* The same of the fixture's own loop, which must be taken. */
void fixture_walk(struct model_fixture *fixture);

/* Fills in the reports, and returns how many; or the only one there is. */
unsigned int fixture_report(struct model_fixture *fixture);
const struct loop_report *fixture_report_only(struct model_fixture *fixture);

/* One iteration, which ends in poll. */
void fixture_iterate(struct fake_loop *loop, __u64 poll_ns, __u64 busy_ns, __u64 events);

#endif
