/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Writes the seed corpus of fuzz_decode to the directory named: sound streams
 * of a loop's windows, from which the fuzzer starts. It would hardly guess a
 * record whose times agree.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "fake_loop.h"

#define NR_SEEDS 16
#define NR_WINDOWS 4

static void live(struct fake_loop *loop, unsigned int seed)
{
	fake_loop_pass(loop, 1000 << seed);
	fake_loop_return(loop, seed * 1000, seed);
	fake_loop_spend(loop, seed % NR_CAUSES, 70000000 >> seed);
	fake_loop_sleep(loop, seed, seed % 2 ? CAUSE_LOCK : CAUSE_SYSCALL, 3000000);
	if (seed % 3)
		fake_loop_enter(loop);
	else
		fake_loop_doze(loop, 1, CAUSE_SYSCALL, 5000);
}

static void write_place(FILE *file, unsigned int seed)
{
	static const char unified[] =
		"cri-containerd-0a.scope\0kubepods-pod1.slice\0kubepods.slice";
	static const char v1[] = "0a\0docker";
	struct loop_place place = {
		.header.kind = RECORD_LOOP_PLACE,
		.own_pid = seed,
		.unified_size = seed % 2 ? sizeof(unified) : 0,
		.v1_size = seed % 3 ? sizeof(v1) : 0,
	};

	place.header.size = sizeof(place) + place.unified_size + place.v1_size;
	fwrite(&place, sizeof(place), 1, file);
	fwrite(unified, place.unified_size, 1, file);
	fwrite(v1, place.v1_size, 1, file);
}

static int write_seed(const char *directory, unsigned int seed)
{
	static const struct record_header open_window;
	unsigned char record[WINDOW_MAX_SIZE];
	_cleanup_(fclosep) FILE *file = NULL;
	struct fake_loop loop;
	char path[4096];

	snprintf(path, sizeof(path), "%s/seed-%u", directory, seed);
	file = fopen(path, "we");
	if (!file)
		return -1;
	write_place(file, seed);
	fake_loop_start(&loop, seed % 2, 1000);
	for (unsigned int window = 1; window <= NR_WINDOWS; window++) {
		enum record_kind kind = window < NR_WINDOWS ? RECORD_LOOP_WINDOW : RECORD_LOOP_GONE;

		if (loop.window.state == LOOP_BUSY)
			fake_loop_enter(&loop);
		live(&loop, seed);
		fwrite(record, fake_loop_record(&loop, kind, record), 1, file);
		fwrite(record, fake_loop_record_unchanged(&loop, record), 1, file);
		fwrite(&open_window, sizeof(open_window), 1, file);
	}
	return ferror(file) ? -1 : 0;
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
		return EXIT_FAILURE;
	}
	for (unsigned int seed = 0; seed < NR_SEEDS; seed++) {
		if (write_seed(argv[1], seed)) {
			perror(argv[1]);
			return EXIT_FAILURE;
		}
	}
	return EXIT_SUCCESS;
}
