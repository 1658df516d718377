/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* An object file with V8's constants, for fuzz_v8_constants. */
#include "v8_symbols.h"
