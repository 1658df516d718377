/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What watching needs of this machine, and whether it is there: kernel, BTF,
 * capabilities, mounts. Looks only; changes nothing and loads nothing that stays.
 */
#ifndef LOOPSCOPE_FEATURES_H
#define LOOPSCOPE_FEATURES_H

#include <stdbool.h>
#include <stddef.h>

struct feature_check {
	const char *name; /* static: "kernel", "btf", "cap_bpf", ... */
	bool ok;
	bool required;    /* watching cannot work without it; else it is only better with it */
	char found[128];  /* what is there, in words; "" if there is nothing to say */
	char advice[192]; /* what to do about it; "" if ok */
};

/* Fills in at most max checks, in the order to show them; returns how many. Never fails. */
size_t features_check(struct feature_check *checks, size_t max);

#endif
