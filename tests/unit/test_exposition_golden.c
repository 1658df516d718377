/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Expositions and /debug/loops of the example figures, byte for byte. */
#include "unit.h"

#include "base/buffer.h"
#include "example_figures.h"
#include "export/prometheus/exposition.h"
#include "export/loops_json.h"
#include "golden.h"

static int append(const void *data, size_t size, void *context)
{
	return buffer_append(context, data, size);
}

static struct buffer encoded(enum exposition_format format)
{
	static char *names[] = {"service.name", "process.pid", "process.runtime.name"};
	static const double bounds_ms[] = {1, 10, 100, 1000};
	const struct text_list labels = {names, ARRAY_SIZE(names)};
	const struct exposition_options options = {
		.format = format,
		.bounds_ms = bounds_ms,
		.nr_bounds = ARRAY_SIZE(bounds_ms),
		.labels = &labels,
	};
	struct buffer out = {};

	assert_int_equal(exposition_encode(example_figures(), &options, append, &out), 0);
	return out;
}

static void openmetrics(void **state)
{
	struct buffer out = encoded(EXPOSITION_OPENMETRICS);

	(void)state;
	assert_golden("exposition_openmetrics.prom", out.data, out.size);
	buffer_done(&out);
}

static void text(void **state)
{
	struct buffer out = encoded(EXPOSITION_TEXT);

	(void)state;
	assert_golden("exposition_text.prom", out.data, out.size);
	buffer_done(&out);
}

static void protobuf(void **state)
{
	struct buffer out = encoded(EXPOSITION_PROTOBUF);

	(void)state;
	assert_golden_hex("exposition_protobuf.hex", out.data, out.size);
	buffer_done(&out);
}

static void loops(void **state)
{
	struct buffer out = {};

	(void)state;
	assert_int_equal(loops_json_encode(example_figures(), &out), 0);
	assert_golden("loops.json", out.data, out.size);
	buffer_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(openmetrics),
		cmocka_unit_test(text),
		cmocka_unit_test(protobuf),
		cmocka_unit_test(loops),
	};

	return cmocka_run_group_tests_name("exposition_golden", tests, NULL, NULL);
}
