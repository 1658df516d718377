/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The table of `loopscope list`. */
#include "view/listing.h"

#include <string.h>

#include "view/format.h"
#include "view/names.h"
#include "view/terminal_text.h"
#include "view/where.h"

#define PID_COLUMNS (-8)
#define NAME_COLUMNS 16
#define RUNTIME_COLUMNS 22
#define WAITS_COLUMNS 7

static void put(FILE *out, const char *text, int columns)
{
	terminal_put_padded(out, text, columns);
	fputs("  ", out);
}

static void put_number(FILE *out, unsigned int number)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", number);
	put(out, text, PID_COLUMNS);
}

/* Name and version, and the library of its loops where that is another; all of known letters. */
static void put_runtime(FILE *out, const struct loop_entry *entry)
{
	bool library = entry->loop_library && entry->runtime &&
		       strcmp(entry->loop_library, entry->runtime) != 0;
	char text[128];

	snprintf(text, sizeof(text), "%s%s%s%s%s", entry->runtime ?: "-",
		 entry->runtime_version ? " " : "", entry->runtime_version ?: "",
		 library ? ", " : "", library ? entry->loop_library : "");
	put(out, text, RUNTIME_COLUMNS);
}

void listing_write_header(FILE *out)
{
	put(out, "PID", PID_COLUMNS);
	put(out, "TID", PID_COLUMNS);
	put(out, "PROCESS", NAME_COLUMNS);
	put(out, "THREAD", NAME_COLUMNS);
	put(out, "RUNTIME", RUNTIME_COLUMNS);
	put(out, "WAITS", WAITS_COLUMNS);
	fputs("SINCE\n", out);
}

static void put_container(FILE *out, const struct entry_container *container)
{
	char name[4 * sizeof(container->pod)];

	if (*container->pod) {
		fprintf(out, "; pod %s/",
			terminal_escape(name, sizeof(name), container->namespace));
		fputs(terminal_escape(name, sizeof(name), container->pod), out);
	}
	fprintf(out, "; container %s",
		terminal_escape(name, sizeof(name),
				*container->name ? container->name : container->id));
}

void listing_write_loop(FILE *out, const struct loop_entry *entry, double age_ns, bool unicode)
{
	const struct loop_report *report = entry->report;
	char name[TERMINAL_COMM_LEN], age[FORMAT_LEN], where[WHERE_LEN];

	put_number(out, report->id.pid);
	put_number(out, report->id.tid);
	put(out, terminal_escape(name, sizeof(name), report->process), NAME_COLUMNS);
	put(out, terminal_escape(name, sizeof(name), report->thread), NAME_COLUMNS);
	put_runtime(out, entry);
	put(out, wait_family_name(report->family) ?: "-", WAITS_COLUMNS);
	fprintf(out, "%s ago%s", format_duration(age, age_ns, unicode),
		report->parks ? "; parks" : "");
	if (report->state == REPORT_UNSEEN)
		fprintf(out, "; not seen to wait: %s", where_text(where, entry));
	if (entry->no_loop)
		fprintf(out, "; no loop: %s", entry->no_loop);
	if (entry->container)
		put_container(out, entry->container);
	fputc('\n', out);
}
