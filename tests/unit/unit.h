/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cmocka, which wants these headers before it, and the few assertions it lacks. */
#ifndef LOOPSCOPE_TESTS_UNIT_H
#define LOOPSCOPE_TESTS_UNIT_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "random.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#define MS 1000000ULL /* in ns */
#define US 1000ULL

#define assert_near(a, b, tolerance)                                                           \
	do {                                                                                   \
		double near_a_ = (a), near_b_ = (b), near_tolerance_ = (tolerance);            \
		if (!(fabs(near_a_ - near_b_) <= near_tolerance_))                             \
			fail_msg("%s = %.9g, expected %.9g within %.3g", #a, near_a_, near_b_, \
				 near_tolerance_);                                             \
	} while (0)

#define assert_nan(a) assert_true(isnan(a))

#endif
