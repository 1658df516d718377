/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The file is begun with the first item: by then watching works. */
#include "commands/recorder.h"

static int begin(struct recorder *recorder)
{
	_cleanup_(freep) char *json = NULL;

	return recording_host_describe(&recorder->manner, &json)
		       ?: recording_file_begin(&recorder->file)
				  ?: recording_writer_new(recorder->file.fd, json,
							  &recorder->writer);
}

static int take(enum item_kind kind, const void *data, size_t size, void *context)
{
	struct recorder *recorder = context;

	if (!recorder->error && !recorder->writer)
		recorder->error = begin(recorder);
	if (!recorder->error)
		recorder->error = recording_writer_put(recorder->writer, kind, data, size);
	return recorder->error;
}

struct session_listener recorder_listener(struct recorder *recorder)
{
	return (struct session_listener){.take = take, .context = recorder};
}

int recorder_flush(struct recorder *recorder)
{
	if (!recorder->error && recorder->writer)
		recorder->error = recording_writer_flush(recorder->writer);
	return recorder->error;
}

__u64 recorder_bytes(const struct recorder *recorder)
{
	return recorder->writer ? recording_writer_bytes(recorder->writer) : 0;
}

int recorder_finish(struct recorder *recorder)
{
	int r = recorder_flush(recorder), closed;

	if (!recorder->writer)
		return r;
	closed = recording_file_close(&recorder->file);
	recorder->error = r ?: closed;
	return recorder->error;
}

void recorder_done(struct recorder *recorder)
{
	if (!recorder->writer && recorder->file.fd >= 0)
		recording_file_discard(&recorder->file);
	recording_file_close(&recorder->file);
	recording_writer_free(recorder->writer);
}
