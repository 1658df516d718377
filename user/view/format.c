/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Durations, counts and shares in as few characters as say enough. */
#include "view/format.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>

#define SECOND 1e9

/* Three digits; what would round up to a fourth has one place less. */
static int places(double value)
{
	if (value >= 99.95)
		return 0;
	return value >= 9.995 ? 1 : 2;
}

static const char *format_long(char buffer[FORMAT_LEN], double ns)
{
	unsigned long long seconds = llround(fmin(ns, 1e18) / SECOND);
	unsigned long long minutes = seconds / 60, hours = minutes / 60;

	if (hours >= 48)
		snprintf(buffer, FORMAT_LEN, "%llud%02lluh", hours / 24, hours % 24);
	else if (hours >= 2)
		snprintf(buffer, FORMAT_LEN, "%lluh%02llum", hours, minutes % 60);
	else
		snprintf(buffer, FORMAT_LEN, "%llum%02llus", minutes, seconds % 60);
	return buffer;
}

const char *format_duration(char buffer[FORMAT_LEN], double ns, bool unicode)
{
	const struct {
		double ns;
		const char *name;
	} units[] = {{1e3, unicode ? "µs" : "us"}, {1e6, "ms"}, {SECOND, "s"}};
	size_t i = 0;

	if (isnan(ns)) {
		snprintf(buffer, FORMAT_LEN, "-");
		return buffer;
	}
	if (ns >= 120 * SECOND)
		return format_long(buffer, ns);
	if (ns < 999.5) {
		snprintf(buffer, FORMAT_LEN, ns < 0.5 ? "0" : "%.0f ns", ns);
		return buffer;
	}
	while (i < 2 && ns / units[i].ns >= 999.5)
		i++;
	ns /= units[i].ns;
	snprintf(buffer, FORMAT_LEN, "%.*f %s", places(ns), ns, units[i].name);
	return buffer;
}

const char *format_count(char buffer[FORMAT_LEN], double count)
{
	static const char suffixes[] = "kMGT";
	int i = 0;

	if (isnan(count)) {
		snprintf(buffer, FORMAT_LEN, "-");
		return buffer;
	}
	if (count < 9999.5) {
		snprintf(buffer, FORMAT_LEN, "%.0f", count);
		return buffer;
	}
	for (count /= 1000; i < 3 && count >= 999.5; i++)
		count /= 1000;
	snprintf(buffer, FORMAT_LEN, "%.*f%c", places(count), count, suffixes[i]);
	return buffer;
}

const char *format_percent(char buffer[FORMAT_LEN], double fraction)
{
	if (isnan(fraction))
		snprintf(buffer, FORMAT_LEN, "-");
	else
		snprintf(buffer, FORMAT_LEN, "%.1f %%", fraction * 100);
	return buffer;
}

const char *format_counted(char buffer[FORMAT_LEN], uint64_t count, const char *one)
{
	snprintf(buffer, FORMAT_LEN, "%" PRIu64 " %s%s", count, one, count == 1 ? "" : "s");
	return buffer;
}
