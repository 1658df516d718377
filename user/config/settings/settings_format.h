/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Values as YAML that loads to the same. Private to user/config/settings/. */
#ifndef LOOPSCOPE_SETTINGS_FORMAT_H
#define LOOPSCOPE_SETTINGS_FORMAT_H

#include "config/settings/settings_keys.h"

/* On one line. Passwords and the values of headers become "***" unless `reveal`. */
int setting_format(const struct setting_key *key, const void *base, bool reveal,
		   struct buffer *out);

#endif
