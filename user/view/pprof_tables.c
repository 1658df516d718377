/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Keys are the messages' own content. */
#include "view/pprof_tables.h"

#include <errno.h>
#include <string.h>

#include "base/buffer.h"
#include "base/plain_text.h"
#include "view/frame_text.h"

int pprof_tables_new(struct pprof_tables *tables, size_t max_bytes)
{
	struct byte_pool **pools[] = {
		&tables->strings,   &tables->mappings, &tables->functions,
		&tables->locations, &tables->samples,
	};

	for (size_t i = 0; i < sizeof(pools) / sizeof(*pools); i++) {
		if (byte_pool_new(max_bytes / (sizeof(pools) / sizeof(*pools)), pools[i]))
			return -ENOMEM;
	}
	return byte_pool_put_text(tables->strings, "", NULL) ? 0 : -ENOMEM;
}

void pprof_tables_done(struct pprof_tables *tables)
{
	byte_pool_free(tables->strings);
	byte_pool_free(tables->mappings);
	byte_pool_free(tables->functions);
	byte_pool_free(tables->locations);
	byte_pool_free(tables->samples);
}

int pprof_tables_string(struct pprof_tables *tables, const char *text, __u64 *ret_string)
{
	_cleanup_(freep) char *plain = plain_text(text);
	size_t index;

	if (!plain)
		return -ENOMEM;
	if (!byte_pool_put_text(tables->strings, plain, &index))
		return -ENOSPC;
	*ret_string = index;
	return 0;
}

static int put_message(struct byte_pool *pool, const void *key, size_t size, __u64 *ret_number)
{
	size_t index;

	if (!byte_pool_put(pool, key, size, &index))
		return -ENOSPC;
	*ret_number = index + 1;
	return 0;
}

static int put_function(struct pprof_tables *tables, const char *name, const char *filename,
			__u64 *ret_function)
{
	struct pprof_function function;
	int r = pprof_tables_string(tables, name, &function.name)
			?: pprof_tables_string(tables, filename, &function.filename);

	return r ?: put_message(tables->functions, &function, sizeof(function), ret_function);
}

static int put_line(struct pprof_tables *tables, const struct stack_frame *frame,
		    struct buffer *location)
{
	_cleanup_(buffer_done) struct buffer name = {};
	struct pprof_line line = {.line = frame->line};
	int r;

	frame_text_append(&name, frame);
	r = buffer_append(&name, "", 1);
	if (!r)
		r = put_function(tables, (const char *)name.data, frame->file, &line.function);
	return r ?: buffer_append(location, &line, sizeof(line));
}

static int put_mapping(struct pprof_tables *tables, const char *module, __u64 *ret_mapping)
{
	__u64 filename;
	int r;

	*ret_mapping = 0;
	if (!*module)
		return 0;
	r = pprof_tables_string(tables, module, &filename);
	return r ?: put_message(tables->mappings, &filename, sizeof(filename), ret_mapping);
}

int pprof_tables_location(struct pprof_tables *tables, const struct stack_frame *frames, size_t nr,
			  __u64 *ret_location, size_t *ret_nr)
{
	_cleanup_(buffer_done) struct buffer key = {};
	struct pprof_location location = {};
	size_t last = 0;
	int r;

	while (frames[last].flags & FRAME_INLINED && last + 1 < nr)
		last++;
	/* the same in all processes, wherever the file is mapped */
	location.address = *frames[last].module ? frames[last].module_offset : frames[last].address;
	r = put_mapping(tables, frames[last].module, &location.mapping)
		    ?: buffer_append(&key, &location, sizeof(location));
	for (size_t i = 0; i <= last && !r; i++)
		r = put_line(tables, &frames[i], &key);
	*ret_nr = last + 1;
	return r ?: put_message(tables->locations, key.data, key.size, ret_location);
}

int pprof_tables_note(struct pprof_tables *tables, const char *note, __u64 *ret_location)
{
	const struct stack_frame frame = {.function = note, .file = "", .module = ""};
	size_t nr;

	return pprof_tables_location(tables, &frame, 1, ret_location, &nr);
}
