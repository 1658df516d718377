/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * otlp_logs SEED DIRECTORY: makes random log records of some resources, and writes them, in
 * DIRECTORY, three times: records.json, as they are, texts in hexadecimal digits; request-N, as
 * OTLP's protobuf (and records, a line each: how many are said to be in it); lines.json, as OTLP's
 * JSON. test_encode_logs.py compares.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export/otlp/otlp_logs.h"
#include "output_files.h"
#include "random.h"

#define GROUPS 4
#define RECORDS 30 /* of a group, at most */
#define ATTRIBUTES 5
#define TEXTS 4096
#define TEXT_LEN 40
#define MAX_REQUEST_BYTES 4096
#define LONG_TEXT 600

static struct random state;
static char texts[TEXTS][TEXT_LEN];
static size_t nr_texts;
static char long_text[LONG_TEXT + 1];

static unsigned int below(unsigned int limit)
{
	return (unsigned int)random_below(&state, limit);
}

/* Anything but a NUL: names are chosen by whoever is watched. */
static char *text(void)
{
	static const char nasty[] = "\"\\\n\t\x01\x7f\xc3\xa9\xff\xed\xa0\x80/{}<>&";
	char *made = texts[nr_texts++ % TEXTS];
	size_t size = 1 + below(TEXT_LEN - 1);

	for (size_t i = 0; i < size; i++)
		made[i] = below(4) ? (char)('a' + below(26)) : nasty[below(sizeof(nasty) - 1)];
	made[size] = '\0';
	return made;
}

static size_t fill(struct attribute attributes[ATTRIBUTES])
{
	size_t nr = below(ATTRIBUTES + 1);

	for (size_t i = 0; i < nr; i++) {
		if (below(3))
			attributes[i] = ATTRIBUTE_OF_TEXT(text(), text());
		else
			attributes[i] = ATTRIBUTE_OF_INTEGER(text(), (__s64)random_next(&state));
	}
	return nr;
}

static void dump_attributes(FILE *out, const struct attributes *set)
{
	fputc('[', out);
	for (size_t i = 0; i < set->nr; i++) {
		fprintf(out, "%s[", i ? "," : "");
		output_text(out, set->items[i].key);
		fputc(',', out);
		if (set->items[i].type == ATTRIBUTE_TEXT)
			output_text(out, set->items[i].text);
		else
			fprintf(out, "%lld", (long long)set->items[i].integer);
		fputc(']', out);
	}
	fputc(']', out);
}

static void dump_record(FILE *out, const struct log_record *record)
{
	fprintf(out,
		"{\"time\":%llu,\"observed\":%llu,\"severity\":%d,\"body\":", record->time_unix_ns,
		record->observed_unix_ns, record->severity);
	output_text(out, record->body);
	fprintf(out, ",\"has_stack\":%d,\"stack\":", record->stacktrace != NULL);
	output_text(out, record->stacktrace);
	fprintf(out, ",\"attributes\":");
	dump_attributes(out, &record->attributes);
	fputc('}', out);
}

static struct attribute owned[GROUPS][RECORDS + 1][ATTRIBUTES];
static struct attributes resources[GROUPS];
static struct log_record records[GROUPS][RECORDS];
static const struct log_record *pointers[GROUPS][RECORDS];
static struct log_group groups[GROUPS];

static void make_record(struct log_record *record, struct attribute *attributes)
{
	*record = (struct log_record){
		.time_unix_ns = random_next(&state),
		.observed_unix_ns = random_next(&state),
		.severity = below(2) ? LOG_SEVERITY_WARN : LOG_SEVERITY_ERROR,
		.event_name = "event_loop.stall",
		.body = text(),
	};
	if (below(2))
		record->stacktrace = below(4) ? text() : long_text;
	record->attributes.items = attributes;
	record->attributes.nr = fill(attributes);
}

static void make(void)
{
	memset(long_text, 'x', LONG_TEXT);
	for (size_t i = 0; i < GROUPS; i++) {
		groups[i].nr_records = 1 + below(RECORDS);
		groups[i].records = pointers[i];
		groups[i].resource = &resources[i];
		resources[i].items = owned[i][RECORDS];
		resources[i].nr = fill(owned[i][RECORDS]);
		resources[i].nr_left_out = below(2);
		for (size_t j = 0; j < groups[i].nr_records; j++) {
			make_record(&records[i][j], owned[i][j]);
			pointers[i][j] = &records[i][j];
		}
	}
}

static void dump(FILE *out)
{
	fprintf(out, "{\"version\":\"%s\",\"groups\":[", LOOPSCOPE_VERSION);
	for (size_t i = 0; i < GROUPS; i++) {
		fprintf(out, "%s{\"left_out\":%zu,\"resource\":", i ? "," : "",
			resources[i].nr_left_out);
		dump_attributes(out, &resources[i]);
		fprintf(out, ",\"records\":[");
		for (size_t j = 0; j < groups[i].nr_records; j++) {
			fputs(j ? "," : "", out);
			dump_record(out, &records[i][j]);
		}
		fprintf(out, "]}");
	}
	fprintf(out, "]}");
}

int main(int argc, char **argv)
{
	struct output_requests output;
	FILE *file;
	int err;

	if (argc != 3) {
		fprintf(stderr, "usage: otlp_logs SEED DIRECTORY\n");
		return 2;
	}
	state.state = strtoull(argv[1], NULL, 10);
	make();
	file = output_create(argv[2], "records.json");
	dump(file);
	fclose(file);
	output = (struct output_requests){argv[2], output_create(argv[2], "records"), 0};
	err = otlp_encode_logs(groups, GROUPS, MAX_REQUEST_BYTES, output_request, &output);
	fclose(output.counts);
	file = output_create(argv[2], "lines.json");
	err = err ?: otlp_write_logs_json(file, groups, GROUPS);
	fclose(file);
	if (err)
		fprintf(stderr, "%s\n", strerror(-err));
	return err != 0;
}
