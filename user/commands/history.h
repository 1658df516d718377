/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What items tell, put together: loops with their figures, processes, threads not seen to wait,
 * and losses. Items come from a session or out of a recording: whatever is shown comes from here,
 * so that both show the same. No I/O, no clock.
 */
#ifndef LOOPSCOPE_HISTORY_H
#define LOOPSCOPE_HISTORY_H

#include "base/cleanup.h"
#include "model/stalls.h"
#include "recording/item.h"

/* Of a window, those that ended in it included: of a minute at the rate of a thousand a second. */
#define HISTORY_MAX_LOOPS 65536
#define HISTORY_MAX_PROCESSES HISTORY_MAX_LOOPS /* beyond, the longest unheard is forgotten */

struct history;
struct model_stats;

/* -ENOMEM. `syscalls` are names for entries, NULL: this machine's; they must outlive it. */
int history_new(const struct syscall_names *syscalls, struct history **ret_history);
void history_free(struct history *history);
DEFINE_CLEANUP(struct history *, history_free)

/*
 * Takes the next item. A record that the model does not take is no failure: it is counted, and 1
 * is returned, as for a kind that is not known. -EBADMSG: another item is malformed; -ENOMEM.
 */
int history_take(struct history *history, enum item_kind kind, const void *data, size_t size);

/*
 * From now on stalls are put together of what is taken, and told of: see model/stalls.h. What
 * the listener returns, history_take does. To be called once. -ENOMEM.
 */
int history_follow_stalls(struct history *history, const struct stalls_options *options);

/* Stacks of them that found no room: see stalls_stacks_held. */
__u64 history_stacks_held(const struct history *history);

/* As of now, live: marks tell it as well. What the listener returns. */
int history_advance(struct history *history, __u64 now_ns);

/* Whose stall it is: an entry without a report. False: not one that was asked for. */
bool history_describe(const struct history *history, const struct stall *stall,
		      struct loop_entry *ret_entry);

/* Tells of those that go on: nothing follows. What the listener returns. */
int history_finish_stalls(struct history *history);

/*
 * Every loop in the window, then every thread not seen to wait; of processes that are hidden
 * none. The entry is valid during the call only; a non-zero return ends the visit and is returned.
 */
typedef int (*history_visit_fn)(const struct loop_entry *entry, void *context);
int history_visit(struct history *history, history_visit_fn callback, void *context);

/* Every loop in the window, hidden or not. */
int history_visit_reports(struct history *history,
			  int (*callback)(const struct loop_report *report, void *context),
			  void *context);

/* NULL: nothing has been told of it. Valid until an item is taken. */
const struct process_facts *history_process(const struct history *history,
					    const struct process_key *key);

/* Every process; the callback may have history_take replace the facts that it is given. */
int history_visit_processes(struct history *history,
			    int (*callback)(const struct process_facts *facts, void *context),
			    void *context);

/* As it was last told, all 0 if it never was; but `loops`. It points into the history. */
const struct summary *history_summary(const struct history *history);

const struct model_stats *history_stats(const struct history *history);
size_t history_nr_loops(const struct history *history);

/* The last instant told of, all 0 if none was; and whether it was the end. */
struct item_mark history_mark(const struct history *history);
bool history_ended(const struct history *history);

#endif
