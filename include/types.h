/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* __u32 and kin, on either side: vmlinux.h brings its own. */
#ifndef LOOPSCOPE_TYPES_H
#define LOOPSCOPE_TYPES_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

#endif
