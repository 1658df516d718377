/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The first byte says what the rest is: 'F', a file; 'C', a file whose checksums are made right, so
 * that what is behind them is reached; 'I', items, which become a chunk of a sound file; 'H', the
 * description of the host. It is read as `report` reads it, and every report must be sound, every
 * stall add up, and every picture be what it is to be.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zstd.h>

#include "base/buffer.h"
#include "commands/history.h"
#include "commands/pictures.h"
#include "recording/format.h"
#include "recording/reader.h"
#include "report_problem.h"

#define HOST                                                                                  \
	"{\"clocks\":{\"monotonic_ns\":1,\"boottime_ns\":1,\"unix_ns\":1},\"blocking_ns\":1," \
	"\"syscalls\":{\"read\":0}}"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fail(const char *problem)
{
	fprintf(stderr, "%s\n", problem);
	abort();
}

/* The weights of stacks add up to their stall, as its causes do. */
static void check_stall(const struct stall *stall)
{
	const __u64 length_ns = stall->until_ns - stall->start_ns;
	__u64 causes_ns = 0, weights_ns = 0;

	for (int i = 0; i < NR_CAUSES; i++)
		causes_ns += stall->cause_ns[i];
	for (size_t i = 0; i < stall->nr_stacks; i++)
		weights_ns += stall->stacks[i].weight_ns;
	if (causes_ns != length_ns)
		fail("the causes of a stall do not add up");
	if (stall->nr_stacks && weights_ns != length_ns)
		fail("the stacks of a stall do not add up");
}

static int check(const struct loop_entry *entry, void *context)
{
	const char *problem = NULL;

	(void)context;
	if (entry->report->state != REPORT_UNSEEN) /* which has no figures */
		problem = report_problem(entry->report);
	if (problem)
		fail(problem);
	if (entry->stall)
		check_stall(entry->stall);
	if (strlen(entry->cgroup) >= sizeof(((struct process_facts *)NULL)->cgroup))
		abort();
	return 0;
}

struct drawn {
	FILE *out;
	char *data;
	size_t size;
};

enum { FLAMEGRAPH, FOLDED, TIMELINE_JSON, TIMELINE_SVG, PPROF, NR_DRAWN };

static struct pictures *begin_pictures(struct drawn drawn[NR_DRAWN],
				       const struct pictured_host *host, struct history *history)
{
	struct pictures *pictures;

	for (int i = 0; i < NR_DRAWN; i++) {
		drawn[i].out = open_memstream(&drawn[i].data, &drawn[i].size);
		if (!drawn[i].out)
			abort();
	}
	if (pictures_new(&(struct picture_outputs){drawn[FLAMEGRAPH].out, drawn[FOLDED].out,
						   drawn[TIMELINE_JSON].out,
						   drawn[TIMELINE_SVG].out, drawn[PPROF].out},
			 host, history, &pictures))
		abort();
	return pictures;
}

static bool is_svg(const struct drawn *drawn)
{
	static const char end[] = "</svg>\n";
	const char *found = drawn->data ? strstr(drawn->data, end) : NULL;

	return found && found + strlen(end) == drawn->data + drawn->size;
}

static void finish_pictures(struct pictures *pictures, struct drawn drawn[NR_DRAWN])
{
	struct picture_losses losses;
	json_t *json;

	if (pictures_finish(pictures, &losses))
		fail("the pictures cannot be made");
	pictures_free(pictures);
	for (int i = 0; i < NR_DRAWN; i++)
		fclose(drawn[i].out);
	if (!is_svg(&drawn[FLAMEGRAPH]) || !is_svg(&drawn[TIMELINE_SVG]))
		fail("a picture is no SVG");
	json = json_loadb(drawn[TIMELINE_JSON].data, drawn[TIMELINE_JSON].size,
			  JSON_REJECT_DUPLICATES, NULL);
	if (!json)
		fail("a timeline is no JSON");
	json_decref(json);
	for (int i = 0; i < NR_DRAWN; i++)
		free(drawn[i].data);
}

static void read_all(int fd)
{
	char error[RECORDING_ERROR_LEN];
	struct recording_reader *reader;
	struct drawn drawn[NR_DRAWN] = {};
	const struct recording_host *host;
	struct pictured_host pictured;
	struct pictures *pictures;
	struct history *history;
	struct read_item item;
	int r;

	if (recording_reader_new(fd, &reader, error)) {
		if (!*error)
			abort();
		return;
	}
	host = recording_reader_host(reader);
	if (history_new(&host->syscalls, &history))
		abort();
	pictured = (struct pictured_host){host->hostname,      host->kernel,
					  host->version,       host->begin.monotonic_ns,
					  host->begin.unix_ns, host->blocking_ns};
	pictures = begin_pictures(drawn, &pictured, history);
	while ((r = recording_reader_next(reader, &item)) > 0) {
		int taken = history_take(history, item.kind, item.data, item.size);

		if (taken < 0)
			break;
		if (!taken && pictures_take(pictures, item.kind, item.data, item.size))
			abort();
		if (item.kind == ITEM_WALK)
			history_visit(history, check, NULL);
	}
	if (r < 0 && !*recording_reader_error(reader))
		abort();
	history_visit(history, check, NULL);
	finish_pictures(pictures, drawn);
	history_free(history);
	recording_reader_free(reader);
}

static void put_head(struct buffer *file)
{
	struct recording_head head = {
		.magic = RECORDING_MAGIC,
		.byte_order = RECORDING_BYTE_ORDER,
		.major = RECORDING_MAJOR,
	};

	head.crc = recording_head_crc(&head);
	buffer_append(file, &head, sizeof(head));
}

static void put_chunk(struct buffer *file, __u16 kind, __u32 sequence, const void *data,
		      size_t size)
{
	struct recording_chunk chunk = {
		.magic = RECORDING_CHUNK_MAGIC,
		.kind = kind,
		.sequence = sequence,
		.bytes = size,
	};
	char stored[65536];
	size_t nr = ZSTD_compress(stored, sizeof(stored), data, size, 1);

	if (ZSTD_isError(nr))
		return;
	chunk.stored_bytes = nr;
	chunk.crc = recording_chunk_crc(&chunk, stored);
	buffer_append(file, &chunk, sizeof(chunk));
	buffer_append(file, stored, nr);
}

/* Chunks are found as the reader finds them. */
static void make_sums_right(struct buffer *file)
{
	struct recording_head head;
	struct recording_chunk chunk;
	size_t at = sizeof(head);

	if (file->size < sizeof(head))
		return;
	memcpy(&head, file->data, sizeof(head));
	head.crc = recording_head_crc(&head);
	memcpy(file->data, &head, sizeof(head));
	for (__u32 sequence = 0; file->size - at >= sizeof(chunk); sequence++) {
		memcpy(&chunk, file->data + at, sizeof(chunk));
		if (chunk.stored_bytes > file->size - at - sizeof(chunk))
			return;
		chunk.sequence = sequence;
		chunk.crc = recording_chunk_crc(&chunk, file->data + at + sizeof(chunk));
		memcpy(file->data + at, &chunk, sizeof(chunk));
		at += sizeof(chunk) + chunk.stored_bytes;
	}
}

static void make_file(struct buffer *file, int kind, const uint8_t *data, size_t size)
{
	if (kind == 'I' || kind == 'H') {
		const void *host = kind == 'H' ? (const void *)data : HOST;

		put_head(file);
		put_chunk(file, CHUNK_HOST, 0, host, kind == 'H' ? size : strlen(HOST));
		put_chunk(file, CHUNK_ITEMS, 1, data, kind == 'I' ? size : 0);
		return;
	}
	buffer_append(file, data, size);
	if (kind == 'C')
		make_sums_right(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buffer file = {};
	int fd;

	if (!size)
		return 0;
	make_file(&file, *data, data + 1, size - 1);
	fd = memfd_create("recording", MFD_CLOEXEC);
	if (fd < 0 || write(fd, file.data, file.size) != (ssize_t)file.size ||
	    lseek(fd, 0, SEEK_SET) != 0)
		abort();
	read_all(fd);
	close(fd);
	buffer_done(&file);
	return 0;
}
