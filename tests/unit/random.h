/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef LOOPSCOPE_TESTS_RANDOM_H
#define LOOPSCOPE_TESTS_RANDOM_H

#include <stdint.h>

/* A small generator whose streams are the same everywhere. */
struct random {
	uint64_t state;
};

static inline uint64_t random_next(struct random *random)
{
	random->state += 0x9e3779b97f4a7c15ULL;
	uint64_t z = random->state;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static inline uint64_t random_below(struct random *random, uint64_t limit)
{
	return random_next(random) % limit;
}

/* As often between 1 and 2 as between 2^20 and 2^21. */
static inline uint64_t random_scale(struct random *random, unsigned int max_bits)
{
	return (1ULL << random_below(random, max_bits)) * (1 + random_below(random, 1000) / 1000.0);
}

#endif
