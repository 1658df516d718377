/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A program that says it is CPython 3.12, and whose structures have no end: threads in a ring, a
 * frame that is its own caller, a name of 2^63 characters. Says which thread it is, and spins until
 * it is ended.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NR_THREADS 3

extern unsigned char _PyRuntime[4096];
extern const unsigned long Py_Version;

unsigned char _PyRuntime[4096];
const unsigned long Py_Version = 0x030c01f0;

static unsigned char interpreter[512], threads[NR_THREADS][512], cframe[64], frame[128], code[512];
static unsigned char name[4096];

static void put(unsigned char *base, unsigned int offset, uint64_t value)
{
	memcpy(base + offset, &value, sizeof(value));
}

static void put_address(unsigned char *base, unsigned int offset, const void *address)
{
	put(base, offset, (uintptr_t)address);
}

static void make_threads(uint64_t self)
{
	for (int i = 0; i < NR_THREADS; i++) {
		put_address(threads[i], 8, threads[(i + 1) % NR_THREADS]);
		put_address(threads[i], 16, interpreter);
		put_address(threads[i], 56, cframe);
	}
	put(threads[NR_THREADS - 1], 136, self);
}

int main(void)
{
	volatile unsigned long spin = 0;

	put_address(_PyRuntime, 40, interpreter);
	put_address(interpreter, 0, interpreter);
	put_address(interpreter, 72, threads[0]);
	make_threads((uintptr_t)pthread_self());
	put_address(cframe, 0, frame);
	put_address(frame, 0, code);
	put_address(frame, 8, frame);
	put_address(frame, 56, code + 194);
	put_address(code, 112, (const void *)UINT64_MAX);
	put_address(code, 128, name);
	put_address(code, 136, name);
	put(name, 16, INT64_MAX);
	put(name, 32, (1 | 8 | 16) << 2);
	memset(name + 40, 'x', sizeof(name) - 40);
	printf("{\"pid\": %d, \"tid\": %d, \"thread\": %lu, \"busy\": true}\n", (int)getpid(),
	       (int)getpid(), (unsigned long)pthread_self());
	fflush(stdout);
	for (;;)
		spin++;
}
