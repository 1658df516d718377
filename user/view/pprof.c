/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Messages that stand one behind the other are one whose lists hold what the lists of all hold: so
 * each entry is packed by itself, and no more than one is in memory as a message.
 */
#include "view/pprof.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "export/gzip.h"
#include "proto/pprof.pb-c.h"
#include "view/frame_text.h"
#include "view/names.h"
#include "view/pprof_tables.h"
#include "model/stall_split.h"

#define MAX_BYTES (128UL << 20)
#define PIECE_BYTES 65536

static const char *const label_names[PPROF_NR_LABELS] = {"process", "thread", "cause", "pod",
							 "namespace"};

/* What is counted, and its unit. */
static const char *const type_texts[PPROF_NR_VALUES][2] = {{"stalls", "count"},
							   {"stall_time", "nanoseconds"}};

struct values {
	__u64 stalls, time_ns;
};

struct pprof {
	struct pprof_tables tables;
	struct values *values; /* by the sample's index */
	size_t nr_values;
	__u64 keys[PPROF_NR_LABELS];
	__u64 types[PPROF_NR_VALUES][2];
	__u64 left_out;
	/* of the profile while it is written */
	struct gzip *gzip;
	struct buffer piece;
	struct buffer *out;
};

int pprof_new(size_t max_bytes, struct pprof **ret_pprof)
{
	_cleanup_(pprof_freep) struct pprof *pprof = calloc(1, sizeof(*pprof));
	int r;

	if (!pprof)
		return -ENOMEM;
	r = pprof_tables_new(&pprof->tables, max_bytes ?: MAX_BYTES);
	for (size_t i = 0; i < PPROF_NR_LABELS && !r; i++)
		r = pprof_tables_string(&pprof->tables, label_names[i], &pprof->keys[i]);
	for (size_t i = 0; i < 2 * PPROF_NR_VALUES && !r; i++)
		r = pprof_tables_string(&pprof->tables, type_texts[i / 2][i % 2],
					&pprof->types[i / 2][i % 2]);
	if (r)
		return -ENOMEM;
	*ret_pprof = TAKE_PTR(pprof);
	return 0;
}

void pprof_free(struct pprof *pprof)
{
	if (!pprof)
		return;
	pprof_tables_done(&pprof->tables);
	gzip_free(pprof->gzip);
	buffer_done(&pprof->piece);
	free(pprof->values);
	free(pprof);
}

static int put_labels(struct pprof *pprof, const struct loop_entry *entry, enum cause cause,
		      struct buffer *key)
{
	char process[RECORD_COMM_LEN + 1] = "", thread[RECORD_COMM_LEN + 1] = "";
	const struct entry_container *container = entry->container;
	const char *const texts[PPROF_NR_LABELS] = {
		process,
		thread,
		cause_name(cause),
		container ? container->pod : "",
		container ? container->namespace : "",
	};
	struct pprof_sample sample;
	int r = 0;

	memcpy(process, entry->stall->process, RECORD_COMM_LEN);
	memcpy(thread, entry->stall->thread, RECORD_COMM_LEN);
	for (size_t i = 0; i < PPROF_NR_LABELS && !r; i++)
		r = pprof_tables_string(&pprof->tables, texts[i], &sample.labels[i]);
	return r ?: buffer_append(key, &sample, sizeof(sample));
}

static int put_locations(struct pprof *pprof, const struct stack *stack, struct buffer *key)
{
	__u64 location;
	size_t nr;
	int r = 0;

	if (!stack || !stack->nr_frames) {
		r = pprof_tables_note(&pprof->tables, FRAME_TEXT_NO_STACK, &location);
		return r ?: buffer_append(key, &location, sizeof(location));
	}
	for (size_t i = 0; i < stack->nr_frames && !r; i += nr) {
		r = pprof_tables_location(&pprof->tables, &stack->frames[i], stack->nr_frames - i,
					  &location, &nr);
		r = r ?: buffer_append(key, &location, sizeof(location));
	}
	if (!r && stack->flags & STACK_IS_CUT)
		r = pprof_tables_note(&pprof->tables, FRAME_TEXT_CUT, &location)
			    ?: buffer_append(key, &location, sizeof(location));
	return r;
}

static int add_values(struct pprof *pprof, size_t index, const struct values *values)
{
	if (index >= pprof->nr_values) {
		size_t nr = pprof->nr_values * 2 > index ? pprof->nr_values * 2 : index + 64;
		struct values *grown = reallocarray(pprof->values, nr, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		memset(&grown[pprof->nr_values], 0, (nr - pprof->nr_values) * sizeof(*grown));
		pprof->values = grown;
		pprof->nr_values = nr;
	}
	pprof->values[index].stalls += values->stalls;
	pprof->values[index].time_ns += values->time_ns;
	return 0;
}

static int add_sample(struct pprof *pprof, const struct loop_entry *entry, enum cause cause,
		      const struct stack *stack, const struct values *values)
{
	_cleanup_(buffer_done) struct buffer key = {};
	size_t index;
	int r = put_labels(pprof, entry, cause, &key) ?: put_locations(pprof, stack, &key);

	if (!r && !byte_pool_put(pprof->tables.samples, key.data, key.size, &index))
		r = -ENOSPC;
	if (r == -ENOSPC) {
		pprof->left_out++;
		return 0;
	}
	return r ?: add_values(pprof, index, values);
}

struct adding {
	struct pprof *pprof;
	const struct loop_entry *entry;
	struct stall_part largest;
};

static int find_largest(const struct stall_part *part, void *context)
{
	struct adding *adding = context;

	if (part->time_ns > adding->largest.time_ns)
		adding->largest = *part;
	return 0;
}

static int add_part(const struct stall_part *part, void *context)
{
	const struct adding *adding = context;
	const struct stall_part *largest = &adding->largest;
	const struct values values = {
		part->stack == largest->stack && part->cause == largest->cause, part->time_ns};

	return add_sample(adding->pprof, adding->entry, part->cause, part->stack, &values);
}

int pprof_add_stall(struct pprof *pprof, const struct loop_entry *entry)
{
	struct adding adding = {.pprof = pprof, .entry = entry};
	int r = stall_split(entry->stall, find_largest, &adding);

	return r ?: stall_split(entry->stall, add_part, &adding);
}

static int compress(struct pprof *pprof, bool last)
{
	int r = pprof->piece.error;

	if (!r && (last || pprof->piece.size >= PIECE_BYTES)) {
		r = gzip_add(pprof->gzip, pprof->piece.data, pprof->piece.size, last, pprof->out);
		buffer_reset(&pprof->piece);
	}
	return r;
}

static int write_part(struct pprof *pprof, const Pprof__Profile *part)
{
	struct buffer *piece = &pprof->piece;
	const size_t size = pprof__profile__get_packed_size(part);

	if (buffer_reserve(piece, size))
		return piece->error;
	piece->size += pprof__profile__pack(part, piece->data + piece->size);
	return compress(pprof, false);
}

static int write_string(struct pprof *pprof, const struct pooled_bytes *bytes, size_t index)
{
	Pprof__Profile part = PPROF__PROFILE__INIT;
	char *text = (char *)bytes->data;

	(void)index;
	part.n_string_table = 1;
	part.string_table = &text;
	return write_part(pprof, &part);
}

static int write_mapping(struct pprof *pprof, const struct pooled_bytes *bytes, size_t index)
{
	Pprof__Profile part = PPROF__PROFILE__INIT;
	Pprof__Mapping mapping = PPROF__MAPPING__INIT, *mappings = &mapping;
	__u64 filename;

	memcpy(&filename, bytes->data, sizeof(filename));
	mapping.id = index + 1;
	mapping.memory_limit = UINT64_MAX; /* addresses are of the file */
	mapping.filename = (int64_t)filename;
	mapping.has_functions = mapping.has_filenames = true;
	mapping.has_line_numbers = mapping.has_inline_frames = true;
	part.n_mapping = 1;
	part.mapping = &mappings;
	return write_part(pprof, &part);
}

static int write_function(struct pprof *pprof, const struct pooled_bytes *bytes, size_t index)
{
	Pprof__Profile part = PPROF__PROFILE__INIT;
	Pprof__Function function = PPROF__FUNCTION__INIT, *functions = &function;
	const struct pprof_function *key = bytes->data;

	function.id = index + 1;
	function.name = (int64_t)key->name; /* without a system_name: it is demangled already */
	function.filename = (int64_t)key->filename;
	part.n_function = 1;
	part.function = &functions;
	return write_part(pprof, &part);
}

static int write_location(struct pprof *pprof, const struct pooled_bytes *bytes, size_t index)
{
	const struct pprof_location *key = bytes->data;
	const size_t nr = (bytes->size - sizeof(*key)) / sizeof(*key->lines);
	Pprof__Profile part = PPROF__PROFILE__INIT;
	Pprof__Location location = PPROF__LOCATION__INIT, *locations = &location;
	Pprof__Line lines[STACK_MAX_FRAMES], *line_list[STACK_MAX_FRAMES];

	for (size_t i = 0; i < nr; i++) {
		lines[i] = (Pprof__Line)PPROF__LINE__INIT;
		lines[i].function_id = key->lines[i].function;
		lines[i].line = (int64_t)key->lines[i].line;
		line_list[i] = &lines[i];
	}
	location.id = index + 1;
	location.mapping_id = key->mapping;
	location.address = key->address;
	location.n_line = nr;
	location.line = line_list;
	part.n_location = 1;
	part.location = &locations;
	return write_part(pprof, &part);
}

static int write_sample(struct pprof *pprof, const struct pooled_bytes *bytes, size_t index)
{
	const struct pprof_sample *key = bytes->data;
	const struct values *values = &pprof->values[index];
	int64_t value_list[PPROF_NR_VALUES] = {(int64_t)values->stalls, (int64_t)values->time_ns};
	uint64_t locations[STACK_MAX_FRAMES + 1];
	Pprof__Label labels[PPROF_NR_LABELS], *label_list[PPROF_NR_LABELS];
	Pprof__Profile part = PPROF__PROFILE__INIT;
	Pprof__Sample sample = PPROF__SAMPLE__INIT, *samples = &sample;

	sample.n_location_id = (bytes->size - sizeof(*key)) / sizeof(*locations);
	memcpy(locations, key->locations, sample.n_location_id * sizeof(*locations));
	sample.location_id = locations;
	sample.n_value = PPROF_NR_VALUES;
	sample.value = value_list;
	for (size_t i = 0; i < PPROF_NR_LABELS; i++) {
		if (!key->labels[i])
			continue;
		labels[i] = (Pprof__Label)PPROF__LABEL__INIT;
		labels[i].key = (int64_t)pprof->keys[i];
		labels[i].str = (int64_t)key->labels[i];
		label_list[sample.n_label++] = &labels[i];
	}
	sample.label = label_list;
	part.n_sample = 1;
	part.sample = &samples;
	return write_part(pprof, &part);
}

typedef int (*write_fn)(struct pprof *pprof, const struct pooled_bytes *bytes, size_t index);

static int write_table(struct pprof *pprof, const struct byte_pool *pool, write_fn write)
{
	_cleanup_(freep) struct pooled_bytes *list = calloc(byte_pool_nr(pool) + 1, sizeof(*list));
	int r = list ? 0 : -ENOMEM;

	if (r)
		return r;
	byte_pool_list(pool, list);
	for (size_t i = 0; i < byte_pool_nr(pool) && !r; i++)
		r = write(pprof, &list[i], i);
	return r;
}

static int write_head(struct pprof *pprof, const struct pictured_host *host, __u64 duration_ns)
{
	Pprof__ValueType types[PPROF_NR_VALUES] = {PPROF__VALUE_TYPE__INIT,
						   PPROF__VALUE_TYPE__INIT};
	Pprof__ValueType *list[PPROF_NR_VALUES] = {&types[0], &types[1]};
	Pprof__Profile part = PPROF__PROFILE__INIT;

	for (size_t i = 0; i < PPROF_NR_VALUES; i++) {
		types[i].type = (int64_t)pprof->types[i][0];
		types[i].unit = (int64_t)pprof->types[i][1];
	}
	part.n_sample_type = PPROF_NR_VALUES;
	part.sample_type = list;
	part.default_sample_type = types[1].type;
	part.time_nanos = (int64_t)host->begin_unix_ns;
	part.duration_nanos = (int64_t)duration_ns;
	return write_part(pprof, &part);
}

int pprof_finish(struct pprof *pprof, const struct pictured_host *host, __u64 duration_ns,
		 struct buffer *out, __u64 *ret_left_out)
{
	const struct pprof_tables *tables = &pprof->tables;
	int r = gzip_new(&pprof->gzip);

	pprof->out = out;
	r = r ?: write_head(pprof, host, duration_ns);
	r = r ?: write_table(pprof, tables->samples, write_sample);
	r = r ?: write_table(pprof, tables->mappings, write_mapping);
	r = r ?: write_table(pprof, tables->locations, write_location);
	r = r ?: write_table(pprof, tables->functions, write_function);
	r = r ?: write_table(pprof, tables->strings, write_string);
	r = r ?: compress(pprof, true);
	*ret_left_out = pprof->left_out;
	return r;
}
