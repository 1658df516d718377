/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The log of a loop, and its JSON: samples are arrays, in the order of struct sample. */
#include "log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void *zeroed_and_touched(size_t count, size_t size)
{
	void *memory = malloc(count * size);

	if (memory)
		memset(memory, 0, count * size);
	return memory;
}

int log_new(const struct script *script, struct log *ret_log)
{
	struct log log = {.max_waits = 2, .max_steps = 1};

	for (size_t i = 0; i < script->nr_steps; i++) {
		const struct step *step = &script->steps[i];

		log.max_steps++;
		log.max_waits++;
		if (step->kind == STEP_UVLOOKBATCH || step->kind == STEP_UVWAITBATCH)
			log.max_waits += step->a;
	}
	log.waits = zeroed_and_touched(log.max_waits, sizeof(*log.waits));
	log.steps = zeroed_and_touched(log.max_steps, sizeof(*log.steps));
	if (!log.waits || !log.steps) {
		free(log.waits);
		free(log.steps);
		return -ENOMEM;
	}
	*ret_log = log;
	return 0;
}

struct wait_record *log_wait(struct log *log, const char *kind)
{
	struct wait_record *record = &log->waits[log->nr_waits++];

	if (log->nr_waits > log->max_waits)
		abort();
	record->kind = kind;
	return record;
}

struct step_record *log_step(struct log *log, enum step_kind kind)
{
	struct step_record *record = &log->steps[log->nr_steps++];

	if (log->nr_steps > log->max_steps)
		abort();
	record->kind = kind;
	return record;
}

static void print_sample(const char *name, const struct sample *sample, FILE *file)
{
	fprintf(file, "\"%s\":[%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 "]", name,
		sample->mono_ns, sample->cpu_ns, sample->delay_ns, sample->sleeps,
		sample->preempted);
}

static void print_wait(const struct wait_record *wait, FILE *file)
{
	fprintf(file, "{\"kind\":\"%s\",\"calls\":%u,\"events\":%u,", wait->kind, wait->calls,
		wait->events);
	fprintf(file, "\"continues\":%s,\"instant\":%s,", wait->continues ? "true" : "false",
		wait->instant ? "true" : "false");
	fprintf(file, "\"gap_ns\":%" PRIu64 ",\"fired_ns\":[%" PRIu64 ",%" PRIu64 "],",
		wait->gap_ns, wait->fired_ns[0], wait->fired_ns[1]);
	print_sample("enter", &wait->enter, file);
	fputc(',', file);
	print_sample("exit", &wait->exit, file);
	fputc('}', file);
}

static void print_step(const struct step_record *step, FILE *file)
{
	fprintf(file, "{\"kind\":\"%s\",", step_name(step->kind));
	print_sample("begin", &step->begin, file);
	fputc(',', file);
	print_sample("end", &step->end, file);
	fputc('}', file);
}

void log_print(const struct log *log, pid_t pid, pid_t tid, FILE *file)
{
	fprintf(file, "{\"pid\":%d,\"tid\":%d,\"ending\":\"%s\",", pid, tid, log->ending);
	print_sample("end", &log->end, file);
	fputs(",\"waits\":[", file);
	for (size_t i = 0; i < log->nr_waits; i++) {
		if (i)
			fputc(',', file);
		print_wait(&log->waits[i], file);
	}
	fputs("],\"steps\":[", file);
	for (size_t i = 0; i < log->nr_steps; i++) {
		if (i)
			fputc(',', file);
		print_step(&log->steps[i], file);
	}
	fputs("]}\n", file);
	fflush(file);
}
