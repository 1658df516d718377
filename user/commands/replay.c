/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reads item by item, in bounded memory, up to the end or to what is wrong. */
#include "commands/replay.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/log.h"
#include "commands/progress.h"
#include "model/model.h"
#include "view/format.h"
#include "view/terminal_text.h"

#define ESCAPED_LEN (4 * RECORDING_HOST_TEXT_LEN)
#define PROGRESS_NS 200000000ULL

static const char *name_of(const struct replay *replay)
{
	return strcmp(replay->path, "-") ? replay->path : "the standard input";
}

/* A FIFO is waited for, as `cat` would: whoever names one will write to it. */
static int open_path(struct replay *replay)
{
	if (!strcmp(replay->path, "-"))
		replay->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
	else
		replay->fd = open(replay->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (replay->fd >= 0)
		return 0;
	log_error("cannot open %s: %s", name_of(replay), strerror(errno));
	return -errno;
}

struct reading {
	struct replay *replay;
	const struct replay_listener *listener; /* or NULL */
	__u64 total;                            /* bytes; 0: not known */
	__u64 next_progress_ns;
	__u64 unknown; /* items */
};

static void show_progress(struct reading *reading)
{
	__u64 offset = recording_reader_offset(reading->replay->reader);
	__u64 now = clock_monotonic_ns();
	char size[PROGRESS_SIZE_LEN];

	if (now < reading->next_progress_ns)
		return;
	reading->next_progress_ns = now + PROGRESS_NS;
	if (reading->total)
		progress_show("reading %s: %.0f %%", name_of(reading->replay),
			      100.0 * (double)offset / (double)reading->total);
	else
		progress_show("reading %s: %s", name_of(reading->replay),
			      progress_size(size, offset));
}

static int take_item(struct reading *reading, const struct read_item *item)
{
	struct history *history = reading->replay->history;
	int r;

	if (history_ended(history)) {
		log_error("%s goes on behind its end: what follows is left out",
			  name_of(reading->replay));
		return -EBADMSG;
	}
	r = history_take(history, item->kind, item->data, item->size);
	if (r == 0 && reading->listener)
		r = reading->listener->take(item->kind, item->data, item->size,
					    reading->listener->context);
	if (r < 0)
		log_error("cannot read all of %s: %s", name_of(reading->replay),
			  r == -ENOMEM ? "out of memory"
				       : "an item is malformed, though its checksum is right");
	reading->unknown += r == 1 && item->kind != ITEM_RECORD;
	return r < 0 ? r : 0;
}

static int read_items(struct reading *reading)
{
	struct recording_reader *reader = reading->replay->reader;
	struct read_item item;
	int r;

	while ((r = recording_reader_next(reader, &item)) > 0) {
		r = take_item(reading, &item);
		if (r)
			return r;
		show_progress(reading);
	}
	progress_end();
	if (r)
		log_error("cannot read all of %s: %s", name_of(reading->replay),
			  recording_reader_error(reader));
	else if (!history_ended(reading->replay->history))
		log_error("%s has no end: whoever recorded it was killed, or is still at work",
			  name_of(reading->replay));
	else
		return 0;
	return -EBADMSG;
}

/* By the clocks of then. */
static double seconds_read(const struct replay *replay)
{
	const struct item_mark mark = history_mark(replay->history);
	const struct item_mark *begin = &recording_reader_host(replay->reader)->begin;

	return mark.monotonic_ns > begin->monotonic_ns
		       ? (double)(mark.monotonic_ns - begin->monotonic_ns) / 1e9
		       : 0;
}

static void introduce(const struct replay *replay)
{
	const struct recording_host *host = recording_reader_host(replay->reader);
	char begin[CLOCK_TEXT_LEN], name[ESCAPED_LEN], architecture[ESCAPED_LEN],
		kernel[ESCAPED_LEN], version[ESCAPED_LEN];

	log_progress("%s: %.3g s from %s on %s (%s, Linux %s), recorded by loopscope %s",
		     name_of(replay), seconds_read(replay), clock_text(host->begin.unix_ns, begin),
		     terminal_escape(name, sizeof(name), host->hostname),
		     terminal_escape(architecture, sizeof(architecture), host->architecture),
		     terminal_escape(kernel, sizeof(kernel), host->kernel),
		     terminal_escape(version, sizeof(version), host->version));
}

/* Records that its own loopscope could not take either are among the lost ones that it tells of. */
static void explain_unknown(const struct reading *reading)
{
	const struct model_stats *stats = history_stats(reading->replay->history);
	__u64 nr = reading->unknown + recording_reader_skipped(reading->replay->reader) +
		   stats->records_bad + stats->records_unknown;
	char parts[FORMAT_LEN];

	if (nr)
		log_warning("%s of %s left out: not such as this loopscope knows",
			    format_counted(parts, nr, "part"), name_of(reading->replay));
}

static int read_all(struct replay *replay, const struct replay_listener *listener)
{
	struct reading reading = {
		.replay = replay,
		.listener = listener,
		.next_progress_ns = clock_monotonic_ns(),
	};
	struct stat status;
	int r;

	reading.next_progress_ns += PROGRESS_NS;
	if (!fstat(replay->fd, &status) && S_ISREG(status.st_mode))
		reading.total = (__u64)status.st_size;
	r = read_items(&reading);
	progress_end();
	introduce(replay);
	explain_unknown(&reading);
	if (!r)
		return 0;
	if (!history_mark(replay->history).monotonic_ns) {
		log_error("nothing of %s can be shown", name_of(replay));
		return -EBADMSG;
	}
	log_error("the report is of the %.3g s before that", seconds_read(replay));
	return 1;
}

int replay_load(const char *path, const struct replay_listener *listener, struct replay *ret_replay)
{
	char error[RECORDING_ERROR_LEN];
	int r;

	*ret_replay = (struct replay){.path = path, .fd = -EBADF};
	r = open_path(ret_replay);
	if (r)
		return r;
	r = recording_reader_new(ret_replay->fd, &ret_replay->reader, error);
	if (r) {
		log_error("cannot read %s: %s", name_of(ret_replay), error);
		return r;
	}
	r = history_new(&recording_reader_host(ret_replay->reader)->syscalls, &ret_replay->history);
	if (r) {
		log_error("out of memory");
		return r;
	}
	if (listener)
		r = listener->begin(ret_replay, listener->context);
	if (r)
		return r;
	return read_all(ret_replay, listener);
}

void replay_done(struct replay *replay)
{
	history_free(replay->history);
	recording_reader_free(replay->reader);
	closep(&replay->fd);
}
