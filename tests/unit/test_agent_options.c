/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The command line of the agent: what its flags become, and the modes that do not run it. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/agent_options.h"

/* What a stream got while it was diverted. */
struct diversion {
	int fd, saved;
	FILE *file;
};

static void divert(struct diversion *diversion, int fd)
{
	fflush(NULL);
	*diversion = (struct diversion){fd, dup(fd), tmpfile()};
	assert_non_null(diversion->file);
	dup2(fileno(diversion->file), fd);
}

static void divert_end(struct diversion *diversion, char *said, size_t size)
{
	size_t length;

	fflush(NULL);
	dup2(diversion->saved, diversion->fd);
	close(diversion->saved);
	rewind(diversion->file);
	length = fread(said, 1, size - 1, diversion->file);
	said[length] = '\0';
	fclose(diversion->file);
}

/* Parses words separated by spaces; they stay in `words`. */
static int parse(const char *text, char words[512], struct agent_options *options)
{
	char *argv[16] = {"loopscope agent"};
	int argc = 1;

	snprintf(words, 512, "%s", text);
	for (char *word = strtok(words, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	return agent_options_parse(argc, argv, options);
}

static void assert_flag(const struct agent_options *options, size_t index, const char *key,
			const char *value)
{
	assert_true(index < options->flags.nr);
	assert_string_equal(options->flags.items[index].key, key);
	assert_string_equal(options->flags.items[index].value, value);
}

static void test_flags(void **state)
{
	_cleanup_(agent_options_done) struct agent_options options;
	char words[512];

	(void)state;
	assert_int_equal(parse("--config /etc/l.yaml --set limits.loops=5 --export file:/tmp/a=b "
			       "--listen [::1]:0 --log-level debug --log-format=json "
			       "--set attributes.resource=a=b,c=d --export otlp",
			       words, &options),
			 0);
	assert_string_equal(options.config, "/etc/l.yaml");
	assert_int_equal(options.mode, AGENT_RUN);
	assert_int_equal(options.flags.nr, 8);
	assert_flag(&options, 0, "limits.loops", "5");
	assert_flag(&options, 1, "export.to", "file");
	assert_flag(&options, 2, "export.file", "/tmp/a=b");
	assert_flag(&options, 3, "prometheus.listen", "[::1]:0");
	assert_flag(&options, 4, "log.level", "debug");
	assert_flag(&options, 5, "log.format", "json");
	assert_flag(&options, 6, "attributes.resource", "a=b,c=d");
	assert_flag(&options, 7, "export.to", "otlp");
}

static void test_nothing(void **state)
{
	_cleanup_(agent_options_done) struct agent_options options;
	char words[512];

	(void)state;
	assert_int_equal(parse("", words, &options), 0);
	assert_null(options.config);
	assert_int_equal(options.mode, AGENT_RUN);
	assert_int_equal(options.flags.nr, 0);
}

static void test_usage_errors(void **state)
{
	static const char *const bad[] = {
		"--set",
		"--set limits.loops",
		"--set =5",
		"--config=",
		"--check-config --print-config",
		"--print-config=x",
		"--nonsense",
		"file.yaml",
		"--log 1", /* two options begin so */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		_cleanup_(agent_options_done) struct agent_options options;
		struct diversion errors;
		char words[512], said[1024];
		int r;

		divert(&errors, STDERR_FILENO);
		r = parse(bad[i], words, &options);
		divert_end(&errors, said, sizeof(said));
		if (r != -EINVAL || strncmp(said, "loopscope agent: ", 17) ||
		    !strstr(said, "--help"))
			fail_msg("'%s' gives %d and \"%s\"", bad[i], r, said);
	}
}

struct shown {
	int status;
	char out[65536], errors[4096];
};

static void show(const char *text, struct shown *shown)
{
	_cleanup_(agent_options_done) struct agent_options options;
	struct diversion out, errors;
	char words[512];

	assert_int_equal(parse(text, words, &options), 0);
	divert(&out, STDOUT_FILENO);
	divert(&errors, STDERR_FILENO);
	shown->status = agent_options_show(&options);
	divert_end(&errors, shown->errors, sizeof(shown->errors));
	divert_end(&out, shown->out, sizeof(shown->out));
}

static void test_show(void **state)
{
	static struct shown shown;

	(void)state;
	show("--check-config --config configs/loopscope.yaml", &shown);
	assert_int_equal(shown.status, 0);
	assert_string_equal(shown.out, "configs/loopscope.yaml: no errors\n");

	show("--print-config --config configs/loopscope.yaml --set limits.loops=77 "
	     "--set attributes.drop=a.*,b --set attributes.keep=",
	     &shown);
	assert_int_equal(shown.status, 0);
	assert_non_null(strstr(shown.out, "\n  loops: 77\n"));
	assert_non_null(strstr(shown.out, "\n  keep: []\n  drop: [\"a.*\", \"b\"]\n"));

	show("--config-help", &shown);
	assert_int_equal(shown.status, 0);
	assert_non_null(strstr(shown.out, "\nexport.otlp.endpoint\n"));
	assert_string_equal(shown.errors, "");
}

/* Each is wrong in its own way, and a secret on the command line is told from others. */
static void test_wrong_settings(void **state)
{
	static const struct {
		const char *text, *line;
	} cases[] = {
		{"--check-config --config /nowhere/x.yaml",
		 "/nowhere/x.yaml: the file cannot be read: No such file or directory"},
		{"--check-config --export zipkin",
		 "command line: export.to: \"zipkin\" is not a known word; allowed: otlp, stdout, "
		 "file, none"},
		{"--check-config --export file:", "command line: export.to: \"file\" needs "
						  "export.file too: the file to write to"},
		{"--print-config --log-level loud",
		 "command line: log.level: \"loud\" is not a known word; allowed: error, warning, "
		 "info, debug"},
		{"--check-config --set limit.loops=1", "command line: unknown key "
						       "\"limit.loops\"; did you mean "
						       "limits.loops?"},
		{"--check-config --set export.otlp.tls=foo",
		 "command line: \"export.otlp.tls\" is a section, of which a key can be set, as in "
		 "SECTION.KEY=VALUE; known here: ca_file, certificate_file, key_file, "
		 "insecure_skip_verify"},
		{"--check-config --set targets[].name=x",
		 "command line: targets[].name: cannot be set on the command line: write it into "
		 "the file"},
		{"--check-config --set export.otlp.headers=a=hidden",
		 "command line: export.otlp.headers: may be secret, and every user of the machine "
		 "can read command lines: write it into the file, as ${NAME} or file:/path"},
		{"--check-config --set prometheus.basic_auth.password=hidden",
		 "command line: prometheus.basic_auth.password: may be secret, and every user of "
		 "the machine can read command lines: write it into the file, as ${NAME} or "
		 "file:/path"},
		{"--check-config --set export.otlp.proxy=http://u:hidden@p",
		 "command line: export.otlp.proxy: may be secret, and every user of the machine "
		 "can read command lines: write it into the file, as ${NAME} or file:/path"},
	};
	static struct shown shown;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char line[512];

		show(cases[i].text, &shown);
		snprintf(line, sizeof(line), "loopscope agent: %s\n", cases[i].line);
		assert_int_equal(shown.status, 1);
		assert_string_equal(shown.out, "");
		assert_string_equal(shown.errors, line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flags),          cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_usage_errors),   cmocka_unit_test(test_show),
		cmocka_unit_test(test_wrong_settings),
	};

	clearenv(); /* variables of whoever runs the tests are no part of them */
	return cmocka_run_group_tests_name("agent_options", tests, NULL, NULL);
}
