/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* They are opened once there is a recording to read, and before it is: none is made in vain. */
#include "commands/picture_files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text_end.h"
#include "view/format.h"

#define NR_FILES 5
#define PATH_SHOWN 256 /* of a name in a message */

/* In the order of struct picture_outputs. */
struct picture_files {
	const char *paths[NR_FILES];
	FILE *files[NR_FILES];
	struct pictured_host host;
	struct pictures *pictures;
};

bool picture_paths_any(const struct picture_paths *paths)
{
	return paths->flamegraph || paths->folded || paths->timeline || paths->pprof;
}

static bool has_ending(const char *path)
{
	const char *slash = strrchr(path, '/');

	return strchr(slash ? slash : path, '.');
}

static bool ends_in_any(const char *path, const char *const *endings)
{
	while (*endings && !text_ends_in(path, *endings))
		endings++;
	return *endings;
}

/* What is written, whatever the file is called, and the endings that promise it. */
struct picture_rule {
	const char *option, *path;
	const char *endings[6]; /* none: all but those of pictures */
	const char *written;
};

static bool is_misnamed(const struct picture_rule *rule)
{
	static const char *const pictures[] = {".svg",  ".png", ".jpg",  ".pdf",
					       ".html", ".gz",  ".json", NULL};

	if (!has_ending(rule->path))
		return false;
	return *rule->endings ? !ends_in_any(rule->path, rule->endings)
			      : ends_in_any(rule->path, pictures);
}

bool picture_paths_problem(const struct picture_paths *paths, char ret_problem[PICTURE_PROBLEM_LEN])
{
	const struct picture_rule rules[] = {
		{"--flamegraph", paths->flamegraph, {".svg"}, "only .svg can be written"},
		{"--folded", paths->folded, {}, "only text can be written, as .folded or .txt"},
		{"--timeline",
		 paths->timeline,
		 {".json", ".svg"},
		 "only .json, for Perfetto, and .svg can be written"},
		{"--pprof",
		 paths->pprof,
		 {".gz", ".pprof", ".prof", ".pb"},
		 "only .pb.gz can be written"},
	};
	const char *on_stdout = NULL;

	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
		const struct picture_rule *rule = &rules[i];
		const char *problem = NULL;

		if (!rule->path)
			continue;
		if (!*rule->path)
			problem = "the name of a file is needed";
		else if (is_misnamed(rule))
			problem = rule->written;
		else if (!strcmp(rule->path, "-") && rule->path == paths->pprof &&
			 isatty(STDOUT_FILENO))
			problem = "the standard output is a terminal: redirect it";
		else if (!strcmp(rule->path, "-") && on_stdout)
			problem = "only one picture can go to the standard output: name a file";
		else if (!strcmp(rule->path, "-"))
			on_stdout = rule->option;
		if (!problem)
			continue;
		snprintf(ret_problem, PICTURE_PROBLEM_LEN, "%s %.*s: %s", rule->option, PATH_SHOWN,
			 *rule->path ? rule->path : "''", problem);
		return true;
	}
	return false;
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return S_ISREG(a->st_mode) && a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Whether writing to the file would destroy what is to be read. */
static bool is_recording(const char *recording, int fd)
{
	struct stat from = {}, to = {};
	const bool known =
		strcmp(recording, "-") != 0 ? !stat(recording, &from) : !fstat(STDIN_FILENO, &from);

	return known && !fstat(fd, &to) && is_same_file(&from, &to);
}

static int open_fd(const char *recording, const char *path)
{
	const bool is_stdout = !strcmp(path, "-");
	_cleanup_(closep) int fd =
		is_stdout ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
			  : open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);

	if (fd < 0)
		return -errno;
	if (is_recording(recording, fd))
		return -EEXIST;
	/* what is no file has no length */
	if (!is_stdout && ftruncate(fd, 0) && errno != EINVAL)
		return -errno;
	return TAKE_FD(fd);
}

static int open_file(const char *recording, const char *path, FILE **ret_file)
{
	int fd = open_fd(recording, path);

	if (fd == -EEXIST) {
		log_error("%s is the recording itself: name another file to write to", path);
		return fd;
	}
	if (fd >= 0) {
		*ret_file = fdopen(fd, "we");
		if (*ret_file)
			return 0;
		close(fd);
		fd = -ENOMEM;
	}
	log_error("cannot write %s: %s", path, strerror(-fd));
	return fd;
}

/* Whether another picture goes to the same file, by whatever name. */
static bool is_taken(const struct picture_files *files, size_t at)
{
	struct stat mine = {}, theirs = {};

	fstat(fileno(files->files[at]), &mine);
	for (size_t i = 0; i < at; i++) {
		if (files->files[i] && !fstat(fileno(files->files[i]), &theirs) &&
		    is_same_file(&mine, &theirs))
			return true;
	}
	return false;
}

static int open_all(struct picture_files *files, const char *recording)
{
	for (size_t i = 0; i < NR_FILES; i++) {
		int r;

		if (!files->paths[i])
			continue;
		r = open_file(recording, files->paths[i], &files->files[i]);
		if (r)
			return r;
		if (is_taken(files, i)) {
			log_error("%s is named twice: each picture needs a file of its own",
				  files->paths[i]);
			return -EEXIST;
		}
	}
	return 0;
}

/* What could not be written before is tried once more, and tells why. */
static int close_file(FILE *file)
{
	const bool failed = ferror(file);

	if (fclose(file))
		return -errno;
	return failed ? -EIO : 0;
}

static int close_all(struct picture_files *files)
{
	int failure = 0;

	for (size_t i = 0; i < NR_FILES; i++) {
		FILE *file = TAKE_PTR(files->files[i]);
		const bool is_stdout = file && !strcmp(files->paths[i], "-");
		int r = file ? close_file(file) : 0;

		if (!r)
			continue;
		log_error("cannot write %s: %s",
			  is_stdout ? "to the standard output" : files->paths[i], strerror(-r));
		failure = r;
	}
	return failure;
}

static void files_done(struct picture_files *files)
{
	pictures_free(files->pictures);
	for (size_t i = 0; i < NR_FILES; i++)
		fclosep(&files->files[i]);
}

static int begin_pictures(const struct replay *replay, struct picture_files *files)
{
	const struct recording_host *host = recording_reader_host(replay->reader);
	const struct picture_outputs outputs = {
		.flamegraph = files->files[0],
		.folded = files->files[1],
		.timeline_json = files->files[2],
		.timeline_svg = files->files[3],
		.pprof = files->files[4],
	};

	files->host = (struct pictured_host){
		.hostname = host->hostname,
		.kernel = host->kernel,
		.version = host->version,
		.begin_ns = host->begin.monotonic_ns,
		.begin_unix_ns = host->begin.unix_ns,
		.blocking_ns = host->blocking_ns,
	};
	return pictures_new(&outputs, &files->host, replay->history, &files->pictures);
}

static int begin(const struct replay *replay, void *context)
{
	struct picture_files *files = context;
	int r = open_all(files, replay->path);

	if (r)
		return r;
	r = begin_pictures(replay, files);
	if (r)
		log_error("out of memory");
	return r;
}

static int take(enum item_kind kind, const void *data, size_t size, void *context)
{
	const struct picture_files *files = context;

	return pictures_take(files->pictures, kind, data, size);
}

static int finish(struct picture_files *files)
{
	struct picture_losses losses;
	char left_out[FORMAT_LEN];
	int r = pictures_finish(files->pictures, &losses);

	if (r) {
		log_error("cannot make the pictures: %s", strerror(-r));
		return r;
	}
	if (losses.stacks)
		log_warning("%s left out: there was no room",
			    format_counted(left_out, losses.stacks, "stack"));
	if (losses.timeline_events)
		log_warning("%s: %s left out: there was no room", files->paths[2],
			    format_counted(left_out, losses.timeline_events, "event"));
	if (losses.pprof_stacks)
		log_warning("%s: %s left out: there was no room", files->paths[4],
			    format_counted(left_out, losses.pprof_stacks, "stack"));
	return 0;
}

int picture_files_write(const char *recording, const struct picture_paths *paths)
{
	const bool json = paths->timeline && !text_ends_in(paths->timeline, ".svg");
	_cleanup_(files_done) struct picture_files files = {
		.paths = {paths->flamegraph, paths->folded, json ? paths->timeline : NULL,
			  json ? NULL : paths->timeline, paths->pprof},
	};
	const struct replay_listener listener = {begin, take, &files};
	_cleanup_(replay_done) struct replay replay = {.fd = -EBADF};
	int partial = replay_load(recording, &listener, &replay);

	if (partial < 0)
		return partial;
	return finish(&files) ?: close_all(&files) ?: partial;
}
