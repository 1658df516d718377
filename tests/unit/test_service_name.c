/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names of services out of units and command lines. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "identity/service_name.h"

static void units_are_told(void **state)
{
	static const struct {
		const char *unit, *name;
	} cases[] = {
		{"nginx.service", "nginx"},
		{"worker@3.service", "worker@3"},
		{"name.with.dots.service", "name.with.dots"},
		{"my\\x2dshop.service", "my\\x2dshop"},
		{"", NULL},
		{".service", NULL},
		{"nginx", NULL},
		{"nginx.services", NULL},
		{"session-3.scope", NULL},
		{"mnt-data.mount", NULL},
		{"user@1000.service", NULL},
	};
	char name[SERVICE_NAME_LEN];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (service_name_of_unit(cases[i].unit, name) != !!cases[i].name)
			fail_msg("%s", cases[i].unit);
		if (cases[i].name)
			assert_string_equal(name, cases[i].name);
	}
}

static void long_units_are_none(void **state)
{
	char unit[SERVICE_NAME_LEN + sizeof(".service")], name[SERVICE_NAME_LEN];

	(void)state;
	memset(unit, 'x', sizeof(unit));
	strcpy(unit + SERVICE_NAME_LEN, ".service");
	assert_false(service_name_of_unit(unit, name));
	assert_true(service_name_of_unit(unit + 1, name));
	assert_int_equal(strlen(name), SERVICE_NAME_LEN - 1);
}

/* Arguments divided by '|'. */
static struct command_line *line_of(const char *text)
{
	struct command_line *line = calloc(1, sizeof(*line));
	size_t size = strlen(text) + 1;

	assert_non_null(line);
	memcpy(line->bytes, text, size);
	for (char *bar = line->bytes; (bar = strchr(bar, '|'));)
		*bar++ = '\0';
	command_line_split(line, size);
	return line;
}

static const char *directory_of(void *context)
{
	return context;
}

static void scripts_are_told(void **state)
{
	static const struct {
		const char *executable, *line, *directory, *name;
	} cases[] = {
		{"node", "node|app.js", "/srv/shop", "app"},
		{"node", "node|server.js", "/srv/shop", "shop"},
		{"node", "node|./src/index.js", "/srv/shop", "shop"},
		{"node", "node|/srv/shop/dist/src/main.mjs|--port|80", "/", "shop"},
		{"node", "node|--inspect|server.js", "/srv/shop", "shop"},
		{"node", "node|--max-old-space-size=4096|app.js", "/", "app"},
		{"node", "node|--max-old-space-size|4096|app.js", "/", "app"},
		{"node", "node|-r|./tracing.js|app.js|index.js", "/", "app"},
		{"node", "node|--require|x|--import=y|--|/a/worker.cjs", "/", "worker"},
		{"node", "node|/usr/bin/npm|start", "/", "npm"},
		{"node", "node|server.js", "/", "server"},
		{"node", "node|server.js", NULL, "server"},
		{"node", "node|../server.js", "/srv/shop", "server"},
		{"node", "node|dist/server.js", "/", "server"},
		{"node", "node|.server.js", "/srv/shop", ".server"},
		{"node", "node|-e|app.js", "/srv/shop", NULL},
		{"node", "node|-pe|app.js", "/srv/shop", NULL},
		{"node", "node|--eval|app.js", "/srv/shop", NULL},
		{"node", "node", "/srv/shop", NULL},
		{"node", "node|-", "/srv/shop", NULL},
		{"node", "node|/dev/stdin", "/srv/shop", NULL},
		{"node", "node|-r", "/srv/shop", NULL},
		{"node", "", "/srv/shop", NULL},
		{"python3.11", "python3|/srv/shop/manage.py|runserver", "/", "manage"},
		{"python3.11", "python3|-u|-W|ignore|main.py", "/srv/shop", "shop"},
		{"python3.11", "python3|-Wonce|-OO|a.py", "/", "a"},
		{"python3.11", "/usr/bin/python3|/usr/local/bin/gunicorn|shop:app", "/",
		 "gunicorn"},
		{"python3.11", "python3|-m|uvicorn|shop:app", "/", "uvicorn"},
		{"python3.11", "python3|-um|shop.api.server", "/", "api"},
		{"python3.11", "python3|-m|shop.__main__", "/", "shop"},
		{"python3.11", "python3|-m|server", "/srv/shop", "server"},
		{"python3.11", "python3|-c|import app.py|x.py", "/", NULL},
		{"python3.11", "python3|-Bc|x.py", "/", NULL},
		{"pypy3", "pypy3|shop.py", "/", "shop"},
		{"java", "java|-Xmx1g|-jar|/opt/shop-1.2.jar|-c|x", "/", "shop-1.2"},
		{"java", "java|-cp|/a.jar:/b.jar|com.example.shop.Main", "/", "shop"},
		{"java", "java|-classpath|a.jar|-Dx=y|kafka.Kafka|server.properties", "/", "Kafka"},
		{"java", "java|--add-opens|java.base/java.lang=ALL-UNNAMED|-jar|app.jar", "/",
		 "app"},
		{"java", "java|-version", "/", NULL},
		{"ruby3.1", "ruby|-Ilib|-r|bundler/setup|bin/worker.rb", "/srv", "worker"},
		{"perl", "perl|-I/usr/lib/perl|/usr/bin/starman", "/", "starman"},
		{"perl", "perl|-ne|print", "/", NULL},
		{"php8.2", "php|-d|x=y|artisan|serve", "/", "artisan"},
		{"php8.2", "php|-f|queue.php", "/", "queue"},
		{"bash", "bash|-e|/opt/run.sh", "/", "opt"},
		{"sh", "sh|-ec|x.sh", "/", NULL},
		/* no interpreter */
		{"redis-server", "redis-server|app.js", "/", NULL},
		{"", "node|app.js", "/", NULL},
		{"nodered", "node|app.js", "/", NULL},
	};
	char name[SERVICE_NAME_LEN];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct command_line *line = line_of(cases[i].line);
		bool told = service_name_of_script(cases[i].executable, line, directory_of,
						   (void *)cases[i].directory, name);

		if (told != !!cases[i].name || (told && strcmp(name, cases[i].name) != 0))
			fail_msg("%s: %s, expected %s", cases[i].line, told ? name : "none",
				 cases[i].name ?: "none");
		free(line);
	}
}

static void starts_are_told(void **state)
{
	static const struct {
		const char *line, *comm, *name;
	} cases[] = {
		{"/usr/bin/redis-server 127.0.0.1:6379", "redis-server", "redis-server"},
		{"nginx: worker process", "nginx", "nginx"},
		{"a-name-of-over-fifteen-bytes", "a-name-of-over-", "a-name-of-over-fifteen-bytes"},
		{"./fifteen-letters|x", "fifteen-letters", "fifteen-letters"},
		{"node", "MainThread", NULL},
		{"redis", "redis-server", NULL},
		{"redis-server", "redis", NULL},
		{"/", "", NULL},
		{"", "", NULL},
		{"  x", "x", NULL},
	};
	char name[SERVICE_NAME_LEN];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct command_line *line = line_of(cases[i].line);
		bool told = service_name_of_start(line, cases[i].comm, name);

		if (told != !!cases[i].name || (told && strcmp(name, cases[i].name) != 0))
			fail_msg("%s: %s", cases[i].line, told ? name : "none");
		free(line);
	}
}

/* Whatever the arguments are. */
static void any_arguments_do_no_harm(void **state)
{
	static const char *const executables[] = {"node", "python3", "java", "bash", "php"};
	struct random random = {77};
	struct command_line *line = calloc(1, sizeof(*line));
	char name[SERVICE_NAME_LEN];

	(void)state;
	assert_non_null(line);
	for (int i = 0; i < 20000; i++) {
		size_t size = random_below(&random, 64);

		for (size_t j = 0; j < size; j++)
			line->bytes[j] = "-|/.mcejrs=\0\0 -."[random_below(&random, 16)];
		line->bytes[size] = '\0';
		command_line_split(line, size);
		if (service_name_of_script(executables[i % ARRAY_SIZE(executables)], line,
					   directory_of, NULL, name))
			assert_in_range(strlen(name), 1, SERVICE_NAME_LEN - 1);
	}
	/* the longest there can be */
	memset(line->bytes, 'a', sizeof(line->bytes));
	line->bytes[sizeof(line->bytes) - 1] = line->bytes[0] = line->bytes[1] = '\0';
	command_line_split(line, sizeof(line->bytes) - 1);
	assert_false(service_name_of_script("node", line, directory_of, NULL, name));
	free(line);
}

static void lines_are_split(void **state)
{
	struct command_line *line = line_of("a||b|||");

	(void)state;
	assert_int_equal(line->nr, 3);
	assert_string_equal(line->items[1], "");
	assert_string_equal(line->items[2], "b");
	/* one that the buffer has cut is left out, if it is not the only one */
	memcpy(line->bytes, "a\0bc\0", 6);
	command_line_split(line, 3);
	assert_int_equal(line->nr, 1);
	command_line_split(line, 1);
	assert_int_equal(line->nr, 1);
	command_line_split(line, 5);
	assert_int_equal(line->nr, 2);
	command_line_split(line, 0);
	assert_int_equal(line->nr, 0);
	memset(line->bytes, 0, sizeof(line->bytes));
	for (size_t i = 0; i < sizeof(line->bytes) - 1; i += 2)
		line->bytes[i] = 'x';
	command_line_split(line, sizeof(line->bytes) - 1);
	assert_int_equal(line->nr, COMMAND_LINE_MAX_ARGUMENTS);
	command_line_done(line);
	assert_int_equal(line->nr, 0);
	assert_int_equal(line->bytes[0], 0);
	free(line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(units_are_told),           cmocka_unit_test(long_units_are_none),
		cmocka_unit_test(scripts_are_told),         cmocka_unit_test(starts_are_told),
		cmocka_unit_test(any_arguments_do_no_harm), cmocka_unit_test(lines_are_split),
	};

	return cmocka_run_group_tests_name("service_name", tests, NULL, NULL);
}
