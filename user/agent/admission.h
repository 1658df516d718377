/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A loop seen for the first time: whose is it, and is it to be watched? Reads /proc
 * while the process is still there.
 */
#ifndef LOOPSCOPE_ADMISSION_H
#define LOOPSCOPE_ADMISSION_H

#include "agent/registry.h"
#include "config/settings/settings.h"
#include "identity/kubernetes/pods.h"
#include "model/place.h"
#include "record.h"

struct admission;

/* `settings` and `registry` must outlive it, or be replaced. -ENOMEM. */
int admission_new(const struct settings *settings, struct registry *registry,
		  struct admission **ret_admission);
void admission_free(struct admission *admission);

/* -ENOMEM: nothing has changed. */
int admission_set_settings(struct admission *admission, const struct settings *settings);

/* What is known of pods; it must outlive the admission, or be replaced. NULL: nothing is. */
void admission_set_pods(struct admission *admission, const struct pods *pods);

/* Where a loop is whose first window comes next. */
void admission_note_place(struct admission *admission, const struct place *place);
void admission_forget_place(struct admission *admission, const struct loop_id *id);

enum verdict {
	VERDICT_WATCHED,
	VERDICT_EXCLUDED,
	VERDICT_LEFT_OUT, /* excluded, until more is known of its pod or that is another */
};

/*
 * Takes a loop into the registry, or says that no target group includes it. window: a record
 * that the model has taken. -ENOMEM.
 */
int admission_decide(struct admission *admission, const struct loop_window *window,
		     enum verdict *ret_verdict);

/* The group that the loop belongs to by the settings of now; GROUP_NONE: none. */
int admission_group(const struct admission *admission, struct watched_loop *loop);

/* Whether that may be another one with what is told of pods. */
bool admission_pods_decide(const struct admission *admission, struct watched_loop *loop);

/*
 * Looks again at processes whose pod is not known, or not which of its containers they are in.
 * Those that are known now get their attributes; those that have been held long enough are let go
 * without, and counted. released: the process is shown from now on, and was not before.
 * The callback may drop its loops.
 */
typedef void (*admission_settled_fn)(struct watched_process *process, bool released, void *context);
void admission_settle(struct admission *admission, __u64 now_ns, admission_settled_fn settled,
		      void *context);

/* How many are held, about. */
size_t admission_held(const struct admission *admission);

/* Processes that were let go, ever. */
__u64 admission_unresolved(const struct admission *admission);

/* So many others were let go whose pod is known, but not which of its containers they are in: of
 * what runs in a pod's sandbox nobody ever tells. */
__u64 admission_containers_unresolved(const struct admission *admission);

/* The threshold that its pod asks for may be another by now. */
void admission_rethreshold(const struct admission *admission, struct watched_process *process);

/* Reads a process's resource anew, for settings that say otherwise of it. */
void admission_reread(struct admission *admission, struct watched_process *process);

/* The same, once, if it may have told more of itself since. */
void admission_refresh(struct admission *admission, struct watched_process *process);

/* The resource of the agent itself. */
const struct attributes *admission_agent(const struct admission *admission);

#endif
