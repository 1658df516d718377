/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* main calls serve, that calls handle, that calls what never ends. */
#include <unistd.h>

static volatile unsigned long turns;

static __attribute__((noinline)) int burn(int n)
{
	if (write(1, "b", 1) != 1)
		return 1;
	for (;;)
		turns += n;
	return 0;
}

static inline __attribute__((always_inline)) int prepare(int n)
{
	return burn(n + 1) + 1; /* in prepare */
}

__attribute__((noinline)) int handle(int n)
{
	return prepare(n) + 1; /* in handle */
}

__attribute__((noinline)) int serve(int n)
{
	return handle(n) + 1; /* in serve */
}

int main(int argc, char **argv)
{
	(void)argv;
	return serve(argc) + 1; /* in main */
}
