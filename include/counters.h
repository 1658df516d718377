/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Loopscope's counters of itself, kept by the kernel side: index, name and
 * help text of each in one list. They only grow.
 */
#ifndef LOOPSCOPE_COUNTERS_H
#define LOOPSCOPE_COUNTERS_H

#define COUNTERS(X)                                                                           \
	X(RECORDS_LOST, "records_lost", "records dropped: ring buffer full")                  \
	X(LOOPS_LOST, "loops_lost", "waits of threads, and forks, not watched: no room left") \
	X(TORN, "torn",                                                                       \
	  "windows neither read whole nor sent by their loop; the previous one stands")       \
	X(MISSED_WAKING, "missed_waking", "sleeps whose end nobody told")                     \
	X(MISSED_SWITCH, "missed_switch", "switches with the one before them not seen")       \
	X(MISSED_EDGE, "missed_edge", "wait calls with one of their edges not seen")          \
	X(COMPAT_SKIPPED, "compat_skipped", "wait calls of 32-bit tasks, not watched")        \
	X(STALLS_HELD, "stalls_held",                                                         \
	  "stalls that ended and, by a ceiling or for want of memory, were not told of")      \
	X(STACKS_HELD, "stacks_held", "stacks of stalls not taken: a ceiling, or a ring half full")

enum counter {
#define COUNTER_INDEX(id, name, help) COUNTER_##id,
	COUNTERS(COUNTER_INDEX)
#undef COUNTER_INDEX
	NR_COUNTERS,
};

#endif
